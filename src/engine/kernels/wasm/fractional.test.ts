import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { registerCpuKernels } from "../cpu";
import { fracActivation, fracWeight } from "../ops";
import { distance, normal, onBoth } from "./testing";

beforeAll(registerCpuKernels);

/** [shape, C']: less than a vector, tails of one to three floats, rows longer than a block, several chunks. */
const CASES: readonly (readonly [shape: number[], channels: number])[] = [
  [[1], 1],
  [[3], 1],
  [[5, 7], 7],
  [[5, 7], 1],
  [[2, 3, 3, 5], 5],
  [[11, 6], 6],
  [[3, 3, 24, 1], 24],
  [[33, 16], 16],
  [[3, 1031], 1031],
  [[40001], 1],
  [[5, 71, 37, 3], 3],
  [[2, 30, 40, 24], 24],
];

/** Floors 0 to 7 with shares, whole widths 0 to 8 among them. */
function widthsOf(channels: number, seed: number): [tf.Tensor2D, tf.Tensor1D] {
  const lambda = Array.from({ length: channels }, (_, c) =>
    (c + seed) % 4 === 0 ? ((c >> 2) + seed) % 9 : (c * 2.7 + seed) % 8,
  );
  return [
    tf.tensor2d([lambda.map(Math.floor), lambda.map(Math.ceil)]),
    tf.tensor1d(lambda.map((width) => width - Math.floor(width))),
  ];
}

const tensor = (shape: number[], seed: number, deviation: number): tf.Tensor =>
  tf.tensor(
    normal(tf.util.sizeFromShape(shape), seed).map((v) => deviation * v),
    shape,
  );

/** Zeros of either sign are one, and so are all NaN. */
function expectEqual(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.findIndex((value, i) => value !== expected[i] && !(Number.isNaN(value) && Number.isNaN(expected[i])))).toBe(-1);
}

/** Equal but for a few units in the last place of `largest`: another level would be thousands of them away. */
function expectLevels(actual: Float32Array, expected: Float32Array, largest: number): void {
  expect(actual.length).toBe(expected.length);
  expect(Array.from(expected).filter((want, i) => Math.abs(actual[i]! - want) > 4e-7 * largest)).toEqual([]);
}

/** Sums of `terms` terms of about 1, which may cancel. */
function expectSums(actual: Float32Array, expected: Float32Array, terms: number): void {
  expect(actual.length).toBe(expected.length);
  const tolerance = (want: number): number => 3e-6 * Math.abs(want) + 1e-6 * Math.sqrt(terms);
  expect(Array.from(expected).filter((want, i) => !(Math.abs(actual[i]! - want) <= tolerance(want)))).toEqual([]);
}

describe.each(CASES)("%j with %i widths", (shape, channels) => {
  describe.each([false, true])("modified: %s", (modified) => {
    test.each([
      [false, 1.3],
      [true, 1.3],
      [false, -0.7],
      [true, -0.7],
    ])("activations (two-sided: %s, clip %d) have the reference's levels and gradients", async (twoSided, clip) => {
      for (const seed of [0, 1, 2]) {
        const { wasm, cpu, leaked } = await onBoth(() => {
          const [widths, share] = widthsOf(channels, seed);
          const attrs = { modified, twoSided, learned: true };
          const act = (x: tf.Tensor, h: tf.Tensor, a: tf.Tensor): tf.Tensor =>
            fracActivation(x, widths, h as tf.Tensor1D, a as tf.Tensor1D, attrs);
          const inputs = [tensor(shape, 5 + seed, 1), share, tf.tensor1d([clip])] as const;
          return [act(...inputs), ...tf.grads(act)([...inputs], tensor(shape, 60, 1))];
        });
        expect(leaked).toBe(0);
        expectLevels(wasm[0]!, cpu[0]!, Math.abs(clip));
        expectEqual(wasm[1]!, cpu[1]!);
        const terms = tf.util.sizeFromShape(shape);
        expectSums(wasm[2]!, cpu[2]!, terms / channels);
        expectSums(wasm[3]!, cpu[3]!, terms);
      }
    });

    test.each(["none", "constant", "stddev"] as const)("weights (rescale: %s) are the reference's", async (rescale) => {
      for (const seed of [0, 1, 2]) {
        const { wasm, cpu, leaked } = await onBoth(() => {
          const [widths, share] = widthsOf(channels, seed);
          const attrs = { modified, rescale, fanOut: 9 * channels };
          const weight = (w: tf.Tensor, h: tf.Tensor): tf.Tensor => fracWeight(w, widths, h as tf.Tensor1D, attrs).y;
          const w = tensor(shape, 15 + seed, 0.6);
          return [...Object.values(fracWeight(w, widths, share, attrs)), ...tf.grads(weight)([w, share], tensor(shape, 61, 1))];
        });
        expect(leaked).toBe(0);
        expectLevels(wasm[0]!, cpu[0]!, cpu[1]![0]!);
        expect(distance(wasm[1]!, cpu[1]!)).toBeLessThan(3e-7);
        expectSums(wasm[2]!, cpu[2]!, 1);
        expectSums(wasm[3]!, cpu[3]!, tf.util.sizeFromShape(shape) / channels);
      }
    });
  });
});

test.each([
  [[0, 0], 0],
  [[3, 3], 0],
  [[8, 8], 0],
  [[7, 8], 0.3],
])("one width %j for all, values on ties and at the ends of the clip range", async ([floor, ceil], h) => {
  for (const modified of [false, true]) {
    for (const twoSided of [false, true]) {
      const { wasm, cpu } = await onBoth(() => {
        const halves = Float32Array.from({ length: 2 * 511 + 1 }, (_, i) => ((i - 511) / 510) * 1.5);
        const words = new Int32Array(halves.buffer);
        const x = tf.concat([-2, -1, 0, 1, 2].map((ulps) => tf.tensor1d(new Float32Array(words.map((v) => v + ulps).buffer))));
        const attrs = { modified, twoSided, learned: false };
        const act = (v: tf.Tensor): tf.Tensor =>
          fracActivation(v, tf.tensor2d([floor!, ceil!], [2, 1]), tf.tensor1d([h]), tf.tensor1d([1.5]), attrs);
        return [act(x), tf.grad(act)(x, tf.ones(x.shape))];
      });
      expectLevels(wasm[0]!, cpu[0]!, 1.5);
      expectEqual(wasm[1]!, cpu[1]!);
    }
  }
});

test("weights: tied maxima share their gradient, zeros and NaN do as in the reference", async () => {
  const tied = [0.5, -0.5, 0.25, 0.5, 1e-9, -0, 0.1];
  const { wasm, cpu } = await onBoth(() =>
    [tied, [0, 0, 0, 0, 0], tied.map((v) => 30 * v)].flatMap((w) => {
      const attrs = { modified: false, rescale: "constant", fanOut: 3 } as const;
      const weight = (v: tf.Tensor): tf.Tensor => fracWeight(v, tf.tensor2d([[2], [3]]), tf.tensor1d([0.25]), attrs).y;
      return [weight(tf.tensor1d(w)), tf.grad(weight)(tf.tensor1d(w), tf.tensor1d(w.map((_, i) => 1 + (i % 3))))];
    }),
  );
  wasm.forEach((values, i) => expect(distance(values, cpu[i]!)).toBeLessThan(1e-6));
  const nan = await onBoth(() => {
    const attrs = { modified: false, rescale: "constant", fanOut: 3 } as const;
    const x = tf.tensor1d([1, NaN, 2, 3, 4]);
    const [widths, share] = [tf.tensor2d([[0], [1]]), tf.tensor1d([0.25])];
    const activation = { modified: true, twoSided: false, learned: true };
    return [fracWeight(x, widths, share, attrs).y, fracActivation(x, widths, share, tf.tensor1d([1]), activation)];
  });
  nan.wasm.forEach((values) => expect(values[1]).toBeNaN());
});

test("tanh is right in float32 over all magnitudes", async () => {
  const { wasm, cpu } = await onBoth(() => {
    const w = Array.from({ length: 200_001 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 10 ** (-12 + i / 14_000));
    const attrs = { modified: false, rescale: "none", fanOut: 1 } as const;
    const weight = (v: tf.Tensor): tf.Tensor => fracWeight(v, tf.tensor2d([[8], [8]]), tf.tensor1d([0]), attrs).y;
    return [weight(tf.tensor1d(w)), tf.grad(weight)(tf.tensor1d(w), tf.ones([w.length]))];
  });
  expectLevels(wasm[0]!, cpu[0]!, 1);
  expect(distance(wasm[1]!, cpu[1]!)).toBeLessThan(1e-6);
});
