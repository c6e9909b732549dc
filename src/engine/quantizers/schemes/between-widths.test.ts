import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createGraph } from "../../../core/graph";
import { layersOf } from "../../../core/layers";
import { createRandom } from "../../../core/random";
import { ROLES } from "../../../core/search";
import { openBackend } from "../../backend";
import { findQuantizer } from "../index";
import { openInterpolation } from "./between-widths";

const [LAYER] = layersOf(
  createGraph("dense", [
    { name: "input", inputs: [], op: "input", shape: [30] },
    { name: "fc", inputs: ["input"], op: "dense", units: 10, bias: false },
  ]),
);

const CASES = (["cpu", "wasm"] as const).flatMap((backend) =>
  ROLES.flatMap((role) => ["fixed", "zoomq", "clipq"].map((scheme) => ({ backend, role, scheme }))),
);

describe.each(CASES)("$scheme between two widths for $role on $backend", ({ backend, role, scheme }) => {
  beforeAll(async () => {
    await openBackend(backend, { wasmPaths: null, threads: 1 });
  });

  const candidates = [2, 3, 4, 5, 6, 7, 8].map((bits) => ({ scheme, bits }));
  const random = createRandom(3);
  const values = Float32Array.from({ length: 300 }, () => random.normal());
  const upstream = Float32Array.from({ length: 300 }, () => random.normal());

  test.each([
    [4, 5, 0.3],
    [2, 3, 0.9],
    [8, 8, 0],
  ])("interpolates from %d to %d bits by %d, with the gradients of both added up", (lower, upper, part) => {
    const before = tf.memory().numTensors;
    const interpolation = openInterpolation(candidates, role, ["fc"]);
    const ends = [lower, upper].map((bits) => findQuantizer(scheme).open(LAYER!, bits, role));
    tf.tidy(() => {
      const widths = tf.tensor2d([[lower], [upper]]);
      const dy = tf.tensor2d(upstream, [30, 10]);
      const x = tf.tensor2d(values, [30, 10]);
      const loss = (of: (x: tf.Tensor2D, share: tf.Tensor1D) => tf.Tensor) =>
        tf.valueAndGrads((at: tf.Tensor, share: tf.Tensor) => tf.sum(tf.mul(of(at as tf.Tensor2D, share as tf.Tensor1D), dy)));
      const between = (at: tf.Tensor2D, share: tf.Tensor1D): tf.Tensor => interpolation.apply("fc", at, { widths, share }, true);
      const composed = (at: tf.Tensor2D, share: tf.Tensor1D): tf.Tensor =>
        tf.add(tf.mul(ends[0]!.apply(at, true), tf.sub(1, share)), tf.mul(ends[1]!.apply(at, true), share));
      const at: [tf.Tensor, tf.Tensor] = [x, tf.tensor1d([part])];
      const [own, expected] = [loss(between)(at), loss(composed)(at)];
      const numbers = ({ value, grads }: typeof own): readonly number[] =>
        [value, ...grads].flatMap((tensor) => [...tensor.dataSync()]);
      const others = numbers(expected);
      numbers(own).forEach((value, i) => expect(Math.abs(value - others[i]!)).toBeLessThan(1e-3));

      // Linear in the share: differences are its gradient however far apart they are.
      const moved = (share: number): number => tf.sum(tf.mul(between(x, tf.tensor1d([share])), dy)).dataSync()[0]!;
      expect(Math.abs(own.grads[1]!.dataSync()[0]! - (moved(1) - moved(0)))).toBeLessThan(2e-3);
    });
    interpolation.dispose();
    ends.forEach((quantizer) => quantizer.dispose());
    expect(tf.memory().numTensors).toBe(before);
  });
});
