import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fracActivation, fracWeight } from "../ops";
import { countDispatches } from "./count-dispatches";
import { expectClose, expectSameAsCpu, failures, normal, openBackends, runOn } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

/** [shape, C']: one element, tails, columns that are no power of two, several blocks of columns, large weights. */
const CASES: readonly (readonly [shape: number[], channels: number])[] = [
  [[1], 1],
  [[5, 7], 7],
  [[2, 3, 3, 5], 1],
  [[33, 16], 16],
  [[3, 131], 131],
  [[3, 3, 61, 77], 77],
  [[40001], 1],
];

/** Floors 0 to 7 with shares, whole widths 0 to 8 among them. */
function lambdasOf(channels: number, seed: number): number[] {
  return Array.from({ length: channels }, (_, c) => ((c + seed) % 4 === 0 ? ((c >> 2) + seed) % 9 : (c * 2.7 + seed + 0.1) % 8));
}

function widthsOf(lambdas: readonly number[]): [tf.Tensor2D, tf.Tensor1D] {
  const floors = lambdas.map(Math.floor);
  return [tf.tensor2d([floors, lambdas.map(Math.ceil)]), tf.tensor1d(lambdas.map((width, c) => width - floors[c]!))];
}

/**
 * Weights that no rounding error moves to another level: where u comes within 1e-5 of a boundary, another weight stands. Those are
 * drawn below the largest, which stays.
 */
function clearOfTies(shape: number[], lambdas: readonly number[], modified: boolean, seed: number): tf.Tensor {
  const drawn = normal(shape, seed, 0, 0.6);
  const values = drawn.dataSync().slice() as Float32Array;
  const spare = normal([4096], seed + 100, 0, 0.3).dataSync();
  const largest = Math.tanh(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  let next = 0;
  const unclear = (value: number, c: number): boolean =>
    [Math.floor(lambdas[c]!), Math.ceil(lambdas[c]!)].some((bits) => {
      const position = (Math.tanh(value) / largest / 2 + 0.5) * (modified ? 2 ** bits : 2 ** bits - 1) + (modified ? 0 : 0.5);
      return Math.abs(position - Math.round(position)) < 1e-5 * 2 ** bits && Math.abs(Math.tanh(value)) < 0.999 * largest;
    });
  values.forEach((_, i) => {
    while (unclear(values[i]!, i % lambdas.length)) values[i] = spare[next++ % spare.length]!;
  });
  return tf.tensor(values, shape);
}

const SUMS = { abs: 2e-4, rel: 2e-5 };

describe.each(CASES)("%j with %i widths", (shape, channels) => {
  test.each([
    [false, false, 1.3],
    [false, true, -0.7],
    [true, true, 1.3],
    [true, false, -0.7],
  ])("activations (modified: %s, two-sided: %s, clip %d) and their gradients", async (modified, twoSided, clip) => {
    for (const [seed, learned] of [
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      const [widths, share] = [0, 1].map((part) => () => widthsOf(lambdasOf(channels, seed))[part]!);
      const act = (x: tf.Tensor, h: tf.Tensor, a: tf.Tensor): tf.Tensor =>
        fracActivation(x, widths!() as tf.Tensor2D, h as tf.Tensor1D, a as tf.Tensor1D, { modified, twoSided, learned });
      await expectSameAsCpu(() => act(normal(shape, 3 + seed), share!(), tf.tensor1d([clip])), { abs: 4e-7, rel: 0 });
      await expectSameAsCpu(() => {
        const [dx, dshare, dclip] = tf.grads(act)([normal(shape, 3 + seed), share!(), tf.tensor1d([clip])], normal(shape, 60));
        return learned ? [dx!, dshare!, dclip!] : [dx!, dclip!];
      }, SUMS);
    }
  });

  test.each(["none", "constant", "stddev"] as const)("weights (rescale: %s) and their gradients", async (rescale) => {
    for (const [seed, modified] of [
      [0, false],
      [1, true],
    ] as const) {
      const lambdas = lambdasOf(channels, seed);
      const attrs = { modified, rescale, fanOut: 9 * channels };
      const weight = (w: tf.Tensor, h: tf.Tensor): tf.Tensor => fracWeight(w, widthsOf(lambdas)[0], h as tf.Tensor1D, attrs).y;
      const given = () => [clearOfTies(shape, lambdas, modified, 15 + seed), widthsOf(lambdas)[1]] as const;
      await expectSameAsCpu(() => Object.values(fracWeight(given()[0], ...widthsOf(lambdas), attrs)), { abs: 2e-6, rel: 1e-5 });
      await expectSameAsCpu(() => tf.grads(weight)([...given()], normal(shape, 61)), SUMS);
    }
  });
});

test("activation levels next to ties, and at the ends of the clip range, are those of IEEE division", async () => {
  for (const bits of [1, 2, 3, 5, 8]) {
    for (const [modified, twoSided] of [
      [false, false],
      [true, true],
    ] as const) {
      const compute = () => {
        const halves = Float32Array.from({ length: 2 * 511 + 1 }, (_, i) => ((i - 511) / 510) * 1.3);
        const words = new Int32Array(halves.buffer);
        const near = [-2, -1, 0, 1, 2].map((ulps) =>
          tf.tensor1d(new Float32Array(words.map((word) => (word === 0 ? 0 : word + ulps)).buffer)),
        );
        const widths = tf.tensor2d([[bits], [bits]]);
        const attrs = { modified, twoSided, learned: false };
        return fracActivation(tf.concat(near), widths, tf.tensor1d([0]), tf.tensor1d([1.3]), attrs);
      };
      await expectSameAsCpu(compute, { abs: 4e-7, rel: 0 });
    }
  }
});

test("weights: tied maxima share their gradient, zeros and one value do as in the reference", async () => {
  const tied = [0.5, -0.5, 0.25, 0.5, 1e-9, 0, 0.1];
  const attrs = { modified: false, rescale: "constant", fanOut: 3 } as const;
  const weight = (v: tf.Tensor): tf.Tensor => fracWeight(v, tf.tensor2d([[2], [3]]), tf.tensor1d([0.25]), attrs).y;
  for (const w of [tied, tied.map((v) => 30 * v), [0, 0, 0], Array<number>(300).fill(-0.3), Array<number>(20000).fill(0.4)]) {
    await expectSameAsCpu(() => [
      weight(tf.tensor1d(w)),
      tf.grad(weight)(tf.tensor1d(w), tf.tensor1d(w.map((_, i) => 1 + (i % 3)))),
    ]);
  }
});

test("a NaN stays one at every width", async () => {
  const x = () => tf.tensor1d([0.5, NaN, 2]);
  for (const [floor, ceil] of [
    [0, 0],
    [0, 1],
    [3, 4],
  ] as const) {
    for (const modified of [false, true]) {
      const widths = () => [tf.tensor2d([[floor], [ceil]]), tf.tensor1d([ceil === floor ? 0 : 0.5])] as const;
      const [w, a] = await runOn("webgpu", () => [
        fracWeight(x(), ...widths(), { modified, rescale: "none", fanOut: 1 }).y,
        fracActivation(x(), ...widths(), tf.tensor1d([1]), { modified, twoSided: false, learned: true }),
      ]);
      expect(w![1]).toBeNaN();
      expect(a![1]).toBeNaN();
      expectClose([a![0]!, a![2]!].map(Number.isFinite).map(Number), [1, 1], { abs: 0, rel: 0 });
    }
  }
});

describe("dispatches", () => {
  const [small, large] = [() => normal([3, 3, 32, 32], 1), () => normal([64, 24, 24, 4], 1)];
  const widths = () => tf.tensor2d([[2], [3]]);
  const share = () => tf.tensor1d([0.5]);
  const weight = (rescale: "none" | "stddev") => (w: tf.Tensor) =>
    fracWeight(w, widths(), share(), { modified: false, rescale, fanOut: 1 }).y;
  const activation = (learned: boolean) => (x: tf.Tensor) =>
    fracActivation(x, widths(), share(), tf.tensor1d([1]), { modified: false, twoSided: false, learned });

  test.each<[string, number, () => () => unknown]>([
    ["a small weight", 1, () => () => weight("stddev")(small())],
    ["a large weight", 2, () => () => weight("none")(large())],
    ["a large weight, rescaled", 3, () => () => weight("stddev")(large())],
    ["a small weight with its gradients", 3, () => () => tf.grad(weight("stddev"))(small(), small())],
    ["an activation", 1, () => () => activation(true)(large())],
    ["an activation with its gradients", 3, () => () => tf.grad(activation(true))(large(), large())],
    ["an activation of fixed width with its gradients", 3, () => () => tf.grad(activation(false))(large(), large())],
  ])("%s takes %i", (_, count, prepare) => {
    const operation = prepare();
    expect(countDispatches(() => tf.tidy(() => void operation())).total).toBe(count);
  });
});
