import * as tf from "@tensorflow/tfjs-core";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { KERNELS } from "../contract";
import { distance, normal, useWasm } from "./testing";

const f32 = Math.fround;
const ALL = [-Infinity, Infinity] as const;

/** Rows of a grid: mid-rise for weights, from zero for activations, with the step that halves for each bit. */
function weightRows(count: number): number[][] {
  return Array.from({ length: count }, (_, k) => [1.6 * 0.55 ** k, 0.5, 1 - 2 ** k, 2 ** k, ...ALL]);
}
function activationRows(count: number): number[][] {
  return Array.from({ length: count }, (_, k) => [
    0.8 * 0.6 ** k,
    0,
    0,
    2 ** (k + 1) - 1,
    0,
    f32(0.8 * 0.6 ** k * (2 ** (k + 1) - 1)),
  ]);
}

function run(name: string, inputs: Record<string, tf.Tensor>, attrs: object = {}): tf.Tensor[] {
  const out = tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);
  return Array.isArray(out) ? out : [out];
}

function values(tensor: tf.Tensor | undefined): Float32Array {
  return tensor!.dataSync() as Float32Array;
}

function halfEven(v: number): number {
  const r = Math.round(v);
  return r - v === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** The contract's formula, rounded to float32 after each operation. */
function quantize(x: number, [step, shift, low, high]: readonly number[], scale: number): number {
  const s = f32(f32(step!) * scale);
  const level = halfEven(f32(f32(x / s) + shift!));
  return f32(f32(Math.min(Math.max(level, low!), high!) - shift!) * s);
}

function mixture(xs: Float32Array, rows: number[][], p: Float32Array, scale: number): Float32Array {
  return xs.map((x) => rows.reduce((sum, row, k) => f32(sum + f32(p[k]! * quantize(x, row, scale))), 0));
}

/** How many values differ as float32; zeros of either sign are one. */
function differences(actual: tf.Tensor | undefined, expected: ArrayLike<number>): number {
  const numbers = values(actual);
  return numbers.length === expected.length ? numbers.filter((v, i) => v !== f32(expected[i]!)).length : Infinity;
}

function weightsOf(count: number): Float32Array {
  const raw = normal(count, 77).map((v) => Math.exp(v));
  const sum = raw.reduce((a, b) => a + b);
  return raw.map((v) => v / sum);
}

beforeEach(useWasm);

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("a mixture of %i candidates", (candidates) => {
  // 40001 spans three chunks and ends with a single lane.
  test.each([1, 2, 3, 4, 5, 1023, 40001])("of %i activations is the contract's, bit for bit, with its gradients", (n) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const rows = activationRows(candidates);
      const [xs, dys, ps] = [normal(n, 5), normal(n, 6), weightsOf(candidates)];
      const [x, dy, p] = [tf.tensor1d(xs), tf.tensor1d(dys), tf.tensor1d(ps)];
      const grid = tf.tensor2d(rows);
      expect(differences(run(KERNELS.mixActivation, { x, grid, p })[0], mixture(xs, rows, ps, 1))).toBe(0);
      const [dx, dp] = run(KERNELS.mixActivationGrad, { x, grid, p, dy }, { learned: true });
      const dxs = xs.map((v, i) => {
        const passing = rows.reduce((sum, row, k) => f32(sum + (row[4]! <= v && v <= f32(row[5]!) ? ps[k]! : 0)), 0);
        return f32(passing * dys[i]!);
      });
      expect(differences(dx, dxs)).toBe(0);
      const dps = rows.map((row) => xs.reduce((sum, v, i) => sum + dys[i]! * quantize(v, row, 1), 0));
      expect(distance(values(dp), dps)).toBeLessThan(3e-6);
      const unlearned = run(KERNELS.mixActivationGrad, { x, grid, p, dy }, { learned: false });
      expect(differences(unlearned[0], dxs)).toBe(0);
      expect(differences(unlearned[1], new Float32Array(candidates))).toBe(0);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([2, 3, 4, 5, 144, 40001])("of %i weights is the contract's, bit for bit, with its gradient", (n) => {
    tf.tidy(() => {
      const rows = weightRows(candidates);
      const [xs, dys, ps] = [normal(n, 7), normal(n, 8), weightsOf(candidates)];
      const [x, dy, p, grid] = [tf.tensor1d(xs), tf.tensor1d(dys), tf.tensor1d(ps), tf.tensor2d(rows)];
      const [y, scale] = run(KERNELS.mixWeight, { x, grid, p });
      const deviation = values(scale)[0]!;
      const exactMean = Array.from(xs).reduce((a, b) => a + b, 0) / n;
      const exact = Math.sqrt(Array.from(xs).reduce((sum, v) => sum + (v - exactMean) ** 2, 0) / (n - 1));
      expect(Math.abs(deviation / exact - 1)).toBeLessThan(1e-7);
      expect(differences(y, mixture(xs, rows, ps, deviation))).toBe(0);
      const [dp] = run(KERNELS.mixWeightGrad, { x, scale: scale!, grid, dy });
      const dps = rows.map((row) => xs.reduce((sum, v, i) => sum + dys[i]! * quantize(v, row, deviation), 0));
      expect(distance(values(dp), dps)).toBeLessThan(3e-6);
    });
  });
});

describe("published quantizer vectors", () => {
  interface Vector {
    readonly bits: number;
    readonly x: { readonly data: number[] };
    readonly upstream: { readonly data: number[] };
    readonly y: { readonly data: number[] };
    readonly grad_x: { readonly data: number[] };
    readonly unit_step: number;
    readonly step: number;
  }
  const golden = JSON.parse(readFileSync("golden/edmips/quantizers.json", "utf8")) as {
    readonly weight: readonly Vector[];
    readonly weight_given_step: readonly Vector[];
    readonly activation: readonly Vector[];
  };
  const one = (): tf.Tensor1D => tf.tensor1d([1]);
  const midRise = (step: number, bits: number): tf.Tensor2D =>
    tf.tensor2d([[step, 0.5, 1 - 2 ** (bits - 1), 2 ** (bits - 1), ...ALL]]);

  test("weights, with the deviation of the tensor", () => {
    for (const { bits, unit_step, x, y } of golden.weight) {
      const [out] = tf.tidy(() => run(KERNELS.mixWeight, { x: tf.tensor1d(x.data), grid: midRise(unit_step, bits), p: one() }));
      expect(distance(values(out), y.data)).toBeLessThan(1e-6);
    }
  });

  test("weights with a given step round every tie to even", () => {
    for (const { bits, step, x, y } of golden.weight_given_step) {
      const [out] = tf.tidy(() => run(KERNELS.mixActivation, { x: tf.tensor1d(x.data), grid: midRise(step, bits), p: one() }));
      expect(differences(out, y.data)).toBe(0);
    }
  });

  test("activations and their gradients", () => {
    for (const { bits, step, x, y, upstream, grad_x } of golden.activation) {
      const top = 2 ** bits - 1;
      const grid = tf.tensor2d([[step, 0, 0, top, 0, f32(step * top)]]);
      const inputs = { x: tf.tensor1d(x.data), grid, p: one() };
      expect(distance(values(run(KERNELS.mixActivation, inputs)[0]), y.data)).toBeLessThan(1e-6);
      const [dx] = run(KERNELS.mixActivationGrad, { ...inputs, dy: tf.tensor1d(upstream.data) }, { learned: false });
      expect(differences(dx, grad_x.data)).toBe(0);
    }
  });
});

describe.each([1, 3, 4, 5, 16, 17, 64, 100])("batch normalisation of %i channels", (channels) => {
  test.each([5, 50, 1031])("over %i rows gives float64 statistics, output and gradients", (rows) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      // A mean far from zero: the formula E[x^2] - E[x]^2 would lose three digits.
      const xs = normal(rows * channels, 3).map((v, i) => v + 30 * ((i % channels) % 3));
      const dys = normal(rows * channels, 4);
      const [gammas, betas, olds] = [normal(channels, 5), normal(channels, 6), normal(channels, 7)];
      const [epsilon, momentum] = [1e-5, 0.1];
      const x = tf.tensor2d(xs, [rows, channels]);
      const [gamma, beta, old] = [tf.tensor1d(gammas), tf.tensor1d(betas), tf.tensor1d(olds)];
      const inputs = { x, gamma, beta, runningMean: old, runningVariance: old };
      const outputs = run(KERNELS.batchNormTrain, inputs, { epsilon, momentum });
      const grads = run(
        KERNELS.batchNormTrainGrad,
        { x, dy: tf.tensor2d(dys, [rows, channels]), gamma, mean: outputs[1]!, variance: outputs[2]! },
        { epsilon },
      );

      const expected = {
        y: [...xs],
        mean: [] as number[],
        variance: [] as number[],
        newMean: [] as number[],
        newVariance: [] as number[],
      };
      const expectedGrads = { dx: [...xs], dGamma: [] as number[], dBeta: [] as number[] };
      for (let c = 0; c < channels; c++) {
        const indices = Array.from({ length: rows }, (_, r) => r * channels + c);
        const sum = (f: (i: number) => number): number => indices.reduce((total, i) => total + f(i), 0);
        const mean = sum((i) => xs[i]!) / rows;
        const variance = sum((i) => (xs[i]! - mean) ** 2) / rows;
        const inverse = 1 / Math.sqrt(variance + epsilon);
        expected.mean.push(mean);
        expected.variance.push(variance);
        expected.newMean.push((1 - momentum) * olds[c]! + momentum * mean);
        expected.newVariance.push((1 - momentum) * olds[c]! + (momentum * variance * rows) / (rows - 1));
        const dBeta = sum((i) => dys[i]!);
        const dGamma = sum((i) => dys[i]! * (xs[i]! - mean) * inverse);
        expectedGrads.dBeta.push(dBeta);
        expectedGrads.dGamma.push(dGamma);
        for (const i of indices) {
          const normalised = (xs[i]! - mean) * inverse;
          expected.y[i] = normalised * gammas[c]! + betas[c]!;
          expectedGrads.dx[i] = gammas[c]! * inverse * (dys[i]! - dBeta / rows - (normalised * dGamma) / rows);
        }
      }
      Object.values(expected).forEach((reference, i) => expect(distance(values(outputs[i]), reference)).toBeLessThan(1e-6));
      Object.values(expectedGrads).forEach((reference, i) => expect(distance(values(grads[i]), reference)).toBeLessThan(1e-5));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("batch normalisation of a million elements keeps six digits of mean and variance", () => {
  tf.tidy(() => {
    const xs = normal(1 << 20, 9).map((v) => 0.5 + v);
    const zero = tf.zeros([16]);
    const inputs = {
      x: tf.tensor2d(xs, [1 << 16, 16]),
      gamma: tf.ones([16]),
      beta: zero,
      runningMean: zero,
      runningVariance: zero,
    };
    const [, mean, variance] = run(KERNELS.batchNormTrain, inputs, { epsilon: 1e-5, momentum: 0.1 });
    for (let c = 0; c < 16; c++) {
      const column = Array.from({ length: 1 << 16 }, (_, r) => xs[16 * r + c]!);
      const exact = column.reduce((a, b) => a + b, 0) / column.length;
      const deviation = column.reduce((a, b) => a + (b - exact) ** 2, 0) / column.length;
      expect(Math.abs(values(mean)[c]! / exact - 1)).toBeLessThan(1e-6);
      expect(Math.abs(values(variance)[c]! / deviation - 1)).toBeLessThan(1e-6);
    }
  });
});

test("the last output of batch normalisation is differentiable: its gradient agrees with finite differences", () => {
  tf.tidy(() => {
    const [rows, channels, epsilon] = [9, 3, 1e-2];
    const xs = normal(rows * channels, 3);
    const dy = normal(rows * channels, 4);
    const gamma = tf.tensor1d([0.5, 1, 2]);
    const zero = tf.zeros([channels]);
    const loss = (data: Float32Array): number => {
      const inputs = { x: tf.tensor2d(data, [rows, channels]), gamma, beta: zero, runningMean: zero, runningVariance: zero };
      return values(run(KERNELS.batchNormTrain, inputs, { epsilon, momentum: 0.1 })[0]).reduce(
        (sum, v, i) => sum + v * dy[i]!,
        0,
      );
    };
    const x = tf.tensor2d(xs, [rows, channels]);
    const [, mean, variance] = run(
      KERNELS.batchNormTrain,
      { x, gamma, beta: zero, runningMean: zero, runningVariance: zero },
      { epsilon, momentum: 0.1 },
    );
    const [dx] = run(
      KERNELS.batchNormTrainGrad,
      { x, dy: tf.tensor2d(dy, [rows, channels]), gamma, mean: mean!, variance: variance! },
      { epsilon },
    );
    const h = 1e-2;
    const numeric = xs.map((_, i) => {
      const moved = (by: number): number => loss(xs.map((v, j) => (i === j ? v + by : v)));
      return (moved(h) - moved(-h)) / (2 * h);
    });
    expect(distance(values(dx), numeric)).toBeLessThan(1e-3);
  });
});

test("cross-entropy gives the mean loss, the hits and the gradient, and counts the first of equal largest logits", () => {
  tf.tidy(() => {
    const logits = tf.tensor2d([
      [1, 3, 3],
      [-80, 90, 0],
      [0, 0, 0],
    ]);
    const labels = tf.tensor1d([2, 0, 0], "int32");
    const [loss, correct, dLogits] = run(KERNELS.crossEntropy, { logits, labels });
    const softmax = (row: number[]): number[] => row.map((v) => 1 / row.reduce((sum, u) => sum + Math.exp(u - v), 0));
    const rows = logits.arraySync().map(softmax);
    expect(values(loss)[0]).toBeCloseTo((Math.log(2 + Math.exp(-2)) + 170 + Math.log(3)) / 3, 4);
    expect(values(correct)[0]).toBe(1);
    const expected = rows.flatMap((row, r) => row.map((v, c) => (v - (c === [2, 0, 0][r] ? 1 : 0)) / 3));
    expect(distance(values(dLogits), expected)).toBeLessThan(1e-6);
  });
});

test.each([
  [[1], [0]],
  [[5], [0]],
  [
    [20000, 1, 7, 16384],
    [3, 20003, 20010, 20020],
  ],
])("SGD of %j elements follows PyTorch's order and leaves parameters and gradients alone", (sizes, offsets) => {
  const total = offsets.at(-1)! + sizes.at(-1)! + 2;
  const update = (v: Float32Array, pair: number, p: Float32Array, g: Float32Array, nesterov: boolean): Float32Array =>
    p.map((old, i) => {
      const at = offsets[pair]!;
      const gradient = f32(g[i]! + f32(f32(pair * 1e-2) * old));
      const velocity = f32(f32(f32(0.9) * v[at + i]!) + gradient);
      v[at + i] = velocity;
      return f32(old - f32(f32(0.1) * (nesterov ? f32(gradient + f32(f32(0.9) * velocity)) : velocity)));
    });
  tf.tidy(() => {
    for (const nesterov of [false, true]) {
      const vs = normal(total, 2);
      const ps = sizes.map((size, i) => normal(size, 10 + i));
      const gs = sizes.map((size, i) => normal(size, 20 + i));
      const pairs = sizes.flatMap((_, i) => [
        [`p${i}`, tf.tensor1d(ps[i]!)],
        [`g${i}`, tf.tensor1d(gs[i]!)],
      ]);
      const inputs = Object.fromEntries([["velocity", tf.tensor1d(vs)], ["rate", tf.scalar(0.1)], ...pairs]) as Record<
        string,
        tf.Tensor
      >;
      const attrs = { momentum: 0.9, nesterov, offsets, weightDecays: sizes.map((_, i) => i * 1e-2) };
      const [newV, ...newPs] = run(KERNELS.sgdMomentum, inputs, attrs);
      sizes.forEach((_, i) => {
        expect(differences(newPs[i], update(vs, i, ps[i]!, gs[i]!, nesterov))).toBe(0);
        expect(differences(inputs[`p${i}`], ps[i]!)).toBe(0);
        expect(differences(inputs[`g${i}`], gs[i]!)).toBe(0);
      });
      expect(differences(newV, vs)).toBe(0);
    }
  });
});

test("a clone shares its values, and they live as long as either", () => {
  const original = tf.tensor1d([1, 2, 3]);
  const buffers = tf.memory().numDataBuffers;
  const copy = tf.clone(original);
  expect(tf.memory().numDataBuffers).toBe(buffers);
  original.dispose();
  expect(Array.from(values(copy))).toEqual([1, 2, 3]);
  copy.dispose();
  expect(tf.memory().numDataBuffers).toBe(buffers - 1);
  const text = tf.tensor1d(["a", "b"], "string");
  expect(tf.clone(text).dataSync()).toEqual(["a", "b"]);
});
