import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGraph } from "../../../core/graph";
import { createRandom } from "../../../core/random";
import { createNetwork, disposeNetwork, FLOAT, forward } from "../../network";
import { crossEntropy, lstmCell } from "../ops";
import { expectSameAsCpu, failures, normal, openBackends } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

test.each([
  [1, 1],
  [3, 5],
  [17, 64],
])("a time step of %i sequences and %i units agrees with the reference, and so do its gradients", (rows, units) =>
  expectSameAsCpu(() => {
    const z = normal([rows, 4 * units], 1, 0, 2);
    const bias = normal([4 * units], 2);
    const c = normal([rows, units], 3);
    const [dh, dnext] = [normal([rows, units], 4), normal([rows, units], 5)];
    const gradients = tf.grads((...[a, b, d]: tf.Tensor[]) => {
      const { h, next } = lstmCell(a as tf.Tensor2D, b as tf.Tensor1D, d as tf.Tensor2D);
      return tf.add(tf.mul(h, dh), tf.mul(next, dnext));
    });
    const { h, next } = lstmCell(z as tf.Tensor2D, bias as tf.Tensor1D, c as tf.Tensor2D);
    return [h, next, ...gradients([z, bias, c])];
  }),
);

test("a language model's loss and gradients through time agree with the reference", () =>
  expectSameAsCpu(() => {
    const network = createNetwork(
      createGraph("net", [
        { name: "input", inputs: [], op: "input", shape: [6] },
        { name: "embedding", inputs: ["input"], op: "embedding", vocabulary: 7, size: 4 },
        { name: "lstm1", inputs: ["embedding"], op: "lstm", units: 8, returns: "sequence" },
        { name: "fc", inputs: ["lstm1"], op: "dense", units: 7, bias: true },
      ]),
      createRandom(5),
    );
    const x = tf.tensor2d(
      Array.from({ length: 18 }, (_, i) => (i * 5) % 7),
      [3, 6],
      "int32",
    );
    const labels = tf.tensor1d(
      Array.from({ length: 18 }, (_, i) => (i * 3) % 7),
      "int32",
    );
    const variables = [...network.trainable.values()];
    const { value, grads } = tf.variableGrads(
      () => crossEntropy(forward(network, x, FLOAT, { training: false }).logits, labels).loss,
      variables,
    );
    const results = [value, ...variables.map((variable) => grads[variable.name] as tf.Tensor)].map((tensor) => tf.clone(tensor));
    disposeNetwork(network);
    return results;
  }));
