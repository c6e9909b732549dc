import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createGraph, type GraphNode } from "../../core/graph";
import { createRandom } from "../../core/random";
import { openBackend } from "../backend";
import { FLOAT, forward } from "../forward";
import { createNetwork, disposeNetwork, type Network } from "../network";

const VOCABULARY = 5;
const LENGTH = 4;
const UNITS = 3;

function network(returns: "sequence" | "last"): Network {
  const nodes: readonly GraphNode[] = [
    { name: "input", inputs: [], op: "input", shape: [LENGTH] },
    { name: "embedding", inputs: ["input"], op: "embedding", vocabulary: VOCABULARY, size: 2 },
    { name: "lstm1", inputs: ["embedding"], op: "lstm", units: UNITS, returns },
    { name: "fc", inputs: ["lstm1"], op: "dense", units: 4, bias: true },
  ];
  return createNetwork(createGraph("net", nodes), createRandom(3));
}

const tokens = (): tf.Tensor => tf.tensor2d([0, 3, 3, 1, 4, 2, 0, 3], [2, LENGTH], "int32");

describe.each(["wasm", "cpu"] as const)("an LSTM on %s", (backend) => {
  beforeAll(async () => {
    await openBackend(backend, { wasmPaths: null, threads: 1 });
  });

  test.each([
    ["sequence", 2 * LENGTH],
    ["last", 2],
  ] as const)("returning the %s answers in rows, and its gradients agree with finite differences", async (returns, rows) => {
    const before = tf.memory().numTensors;
    const net = network(returns);
    const x = tokens();
    const random = createRandom(8);
    const upstream = tf.tensor2d(
      Float32Array.from({ length: rows * 4 }, () => random.normal()),
      [rows, 4],
    );
    const loss = (): tf.Scalar => tf.sum(tf.mul(forward(net, x, FLOAT, { training: false }).logits, upstream)) as tf.Scalar;
    const variables = [...net.trainable];
    const { value, grads } = tf.variableGrads(
      loss,
      variables.map(([, variable]) => variable),
    );
    for (const [name, variable] of variables) {
      const gradient = await grads[variable.name]!.data();
      const values = Float32Array.from(await variable.data());
      for (let i = 0; i < values.length; i++) {
        const at = (h: number): number => {
          const moved = Float32Array.from(values);
          moved[i]! += h;
          return tf.tidy(() => {
            variable.assign(tf.tensor(moved, variable.shape));
            return loss().dataSync()[0]!;
          });
        };
        const numeric = (at(1e-2) - at(-1e-2)) / 2e-2;
        expect(Math.abs(numeric - gradient[i]!), `${name} ${i}: ${gradient[i]} is not ${numeric}`).toBeLessThan(3e-3);
      }
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
    tf.dispose([value, x, upstream, ...Object.values(grads)]);
    disposeNetwork(net);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("computes the published equations", () => {
    const net = network("last");
    const value = (name: string): number[][] => net.trainable.get(name)!.arraySync() as number[][];
    const gateBias = (gate: string): number[] => net.trainable.get(`lstm1.${gate}.bias`)!.arraySync() as number[];
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
    let [h, c] = [Array<number>(UNITS).fill(0), Array<number>(UNITS).fill(0)];
    for (const token of [4, 2, 0, 3]) {
      const joined = [...value("embedding.weight")[token]!, ...h];
      const sum = (gate: string, unit: number): number =>
        joined.reduce((total, v, row) => total + v * value(`lstm1.${gate}.weight`)[row]![unit]!, gateBias(gate)[unit]!);
      c = c.map((old, u) => sigmoid(sum("forget", u)) * old + sigmoid(sum("input", u)) * Math.tanh(sum("cell", u)));
      h = c.map((state, u) => sigmoid(sum("output", u)) * Math.tanh(state));
    }
    const fc = value("fc.weight");
    const biases = net.trainable.get("fc.bias")!.arraySync() as number[];
    const expected = biases.map((bias, column) => h.reduce((total, v, u) => total + v * fc[u]![column]!, bias));
    const actual = tf.tidy(() => (forward(net, tokens(), FLOAT, { training: false }).logits.arraySync() as number[][])[1]!);
    disposeNetwork(net);
    actual.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 5));
  });

  test("quantizes each gate's weight once, and the joined input once a step, at the first gate", () => {
    const net = network("sequence");
    const seen: string[] = [];
    const watching = {
      ...FLOAT,
      quantize: <T extends tf.Tensor>(layer: string, role: string, x: T): readonly T[] => {
        seen.push(`${layer}/${role}`);
        return [x];
      },
    };
    tf.tidy(() => forward(net, tokens(), watching, { training: false }).logits).dispose();
    disposeNetwork(net);
    const counts = new Map(seen.map((site) => [site, seen.filter((other) => other === site).length]));
    expect(Object.fromEntries(counts)).toEqual({
      "lstm1.input/weight": 1,
      "lstm1.forget/weight": 1,
      "lstm1.cell/weight": 1,
      "lstm1.output/weight": 1,
      "lstm1.input/activation": LENGTH,
      "fc/activation": 1,
      "fc/weight": 1,
    });
  });
});
