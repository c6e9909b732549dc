import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createGraph } from "../../core/graph";
import { layersOf } from "../../core/layers";
import { createRandom } from "../../core/random";
import { ROLES } from "../../core/search";
import { openBackend } from "../backend";
import { findQuantizer } from "./index";
import { familyCandidates, familyOption, familyScheme } from "./families";
import { openMixture } from "./mixture";

const [LAYER] = layersOf(
  createGraph("dense", [
    { name: "input", inputs: [], op: "input", shape: [30] },
    { name: "fc", inputs: ["input"], op: "dense", units: 10, bias: false },
  ]),
);

const FAMILIES = familyOption("none")
  .values.map(({ id }) => familyScheme(id))
  .filter((id) => id !== null);

test("the families are AutoQNN's uniform schemes of several widths", () => {
  expect(FAMILIES).toEqual(["fixed", "zoomq", "clipq"]);
  expect(familyCandidates("clipq", [1, 2, 8])).toEqual([
    { scheme: "clipq", bits: 2 },
    { scheme: "clipq", bits: 8 },
  ]);
  expect(() => familyCandidates("clipq", [1])).toThrow(/has 2 to 8 bits: choose some of them/);
});

/** The published quantizers beside the families: one code serves both. */
const CASES = ["cpu", "wasm"].flatMap((backend) =>
  ROLES.flatMap((role) =>
    [...FAMILIES, role === "weight" ? "gaussian" : "hwgq"].map((scheme) => ({
      backend: backend as "cpu" | "wasm",
      role,
      scheme,
    })),
  ),
);

describe.each(CASES)("a mixture of $scheme for $role on $backend", ({ backend, role, scheme }) => {
  beforeAll(async () => {
    await openBackend(backend, { wasmPaths: null, threads: 1 });
  });

  const candidates = [2, 3, 5].map((bits) => ({ scheme, bits }));
  const random = createRandom(3);
  const values = Float32Array.from({ length: 300 }, () => random.normal());
  const upstream = Float32Array.from({ length: 300 }, () => random.normal());
  const shares = [0.2, 0.5, 0.3];

  test("has the value and the gradients of its candidates, one by one and added up", () => {
    const before = tf.memory().numTensors;
    const mixture = openMixture(candidates, role, ["fc"]);
    const open = candidates.map(({ bits }) => findQuantizer(scheme).open(LAYER!, bits, role));
    tf.tidy(() => {
      const dy = tf.tensor2d(upstream, [30, 10]);
      const loss = (of: (x: tf.Tensor2D, p: tf.Tensor1D) => tf.Tensor) =>
        tf.valueAndGrads((x: tf.Tensor, p: tf.Tensor) => tf.sum(tf.mul(of(x as tf.Tensor2D, p as tf.Tensor1D), dy)));
      const at: [tf.Tensor, tf.Tensor] = [tf.tensor2d(values, [30, 10]), tf.tensor1d(shares)];
      const mixed = loss((x, p) => mixture.mix("fc", x, p, true))(at);
      const added = loss((x, p) => tf.addN(open.map((one, k) => tf.mul(one.apply(x, true), tf.slice(p, k, 1)))))(at);
      const close = (a: tf.Tensor, b: tf.Tensor, tolerance: number): void => {
        const [actual, expected] = [a.dataSync(), b.dataSync()];
        actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(tolerance));
      };
      close(mixed.value, added.value, 1e-3);
      close(mixed.grads[0]!, added.grads[0]!, 1e-5);
      close(mixed.grads[1]!, added.grads[1]!, 1e-3);

      // A true gradient, unlike that of x: the mixture is linear in its probabilities.
      const numeric = shares.map((_, k) => {
        const moved = (step: number): number => {
          const p = tf.tensor1d(shares.map((share, i) => (i === k ? share + step : share)));
          return tf.sum(tf.mul(mixture.mix("fc", at[0], p, true), dy)).dataSync()[0]!;
        };
        return (moved(0.5) - moved(-0.5)) / 1;
      });
      close(mixed.grads[1]!, tf.tensor1d(numeric), 2e-3);

      candidates.forEach((_, k) => close(mixture.single(k, at[0]), open[k]!.apply(at[0], true), 1e-6));
    });
    mixture.dispose();
    open.forEach((one) => one.dispose());
    expect(tf.memory().numTensors).toBe(before);
  });
});
