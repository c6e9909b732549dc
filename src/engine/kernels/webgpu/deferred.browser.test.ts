/** Work that waits, for company or for a consumer: whoever uses its results must find them computed. */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KERNELS } from "../contract";
import { batchNormTrain, mixActivation, mixWeight, sgdMomentum } from "../ops";
import { countDispatches } from "./count-dispatches";
import { expectClose, expectSameAsCpu, failures, normal, openBackends, runOn, webGpu } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

const grid = (candidates: number) =>
  tf.tensor2d(Array.from({ length: candidates }, (_, k) => [1.3 / (k + 1), 0, 0, 2 ** (k + 1) - 1, 0, 2]));

/** Gradient of the probabilities of a mixture over so many elements: a sum over workgroups that waits. */
function probabilityGradient(candidates: number, size: number, seed: number): tf.Tensor1D {
  const p = tf.fill([candidates], 1 / candidates);
  const mixed = (q: tf.Tensor) => mixActivation(normal([size], seed), grid(candidates), q as tf.Tensor1D, true);
  return tf.grad(mixed)(p, normal([size], seed + 1)) as tf.Tensor1D;
}

test("more sums than one dispatch takes, of all widths, are those of the CPU", () =>
  expectSameAsCpu(
    () =>
      [1, 2, 3, 4, 5, 6, 7, 8, 3, 1, 8, 5].map((candidates, i) => probabilityGradient(candidates, 3000 * (i + 1) + i, 10 * i)),
    { abs: 1e-3, rel: 1e-5 },
  ));

test("filter gradients wait along with sums of other shapes", () =>
  expectSameAsCpu(
    () =>
      [3, 16, 70].flatMap((channels) => {
        const x = normal([4, 12, 12, channels], 1) as tf.Tensor4D;
        const convolve = (w: tf.Tensor) => tf.conv2d(x, w as tf.Tensor4D, 1, "same");
        const gradient = tf.grad(convolve)(normal([3, 3, channels, 5], 2), normal([4, 12, 12, 5], 3));
        return [gradient, probabilityGradient(4, 5000, channels)];
      }),
    { abs: 1e-3, rel: 1e-4 },
  ));

test("a stock operation on sums that wait, small enough for the CPU, finds them computed", () =>
  expectSameAsCpu(
    () => {
      const [a, b, c] = [1, 2, 3].map((seed) => probabilityGradient(3, 9000, seed)) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
      return [tf.stack([a, b, c]), tf.add(a, b), tf.reshape(tf.clone(c), [3, 1])];
    },
    { abs: 1e-3, rel: 1e-5 },
  ));

test("a sum that nobody wants leaves nothing behind", async () => {
  const state = async () => {
    await runOn("webgpu", () => tf.square(tf.tensor1d([1, 2, 3])));
    return { buffers: tf.memory().numDataBuffers, tensors: tf.memory().numTensors, bytes: webGpu().memory().numBytesInGPU };
  };
  const unwanted = () => tf.tidy(() => void probabilityGradient(3, 9000, 1));
  unwanted();
  const before = await state();
  for (let i = 0; i < 12; i++) unwanted();
  expect(await state()).toEqual(before);
});

test("sums share dispatches", () => {
  const one = countDispatches(() => tf.tidy(() => void probabilityGradient(3, 9000, 1))).byLabel;
  expect(one.get("sumRows_1")).toBe(1);
  const together = Math.floor(webGpu().device.limits.maxStorageBuffersPerShaderStage / 2);
  const many = countDispatches(() =>
    tf.tidy(() => void Array.from({ length: together }, (_, seed) => probabilityGradient(3, 9000, seed))),
  ).byLabel;
  expect(many.get(`sumRows_${together}`)).toBe(1);
  expect([...many.keys()].filter((label) => label.startsWith("sumRows"))).toHaveLength(1);
});

/** Steps of a shift, as weights have them. */
const weightGrid = (candidates: number) =>
  tf.tensor2d(Array.from({ length: candidates }, (_, k) => [1.7 / (k + 1), 0.5, -(2 ** k), 2 ** k, -1e30, 1e30]));

function weightGradients(sizes: readonly number[], gridOf: (i: number) => tf.Tensor2D): tf.Tensor[] {
  return sizes.map((size, i) => {
    const g = gridOf(i);
    const candidates = g.shape[0];
    const mixed = (q: tf.Tensor) => mixWeight(normal([size], i), g, q as tf.Tensor1D);
    return tf.grad(mixed)(tf.fill([candidates], 1 / candidates), normal([size], 50 + i));
  });
}

describe("gradients of weight mixtures wait for each other", () => {
  const SIZES = [5, 144, 20_000, 1, 40_001, 17, 300];
  const tolerance = { abs: 1e-3, rel: 1e-4 };

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("with one grid of %i candidates", (candidates) =>
    expectSameAsCpu(() => {
      const one = weightGrid(candidates);
      return weightGradients(SIZES, () => one);
    }, tolerance),
  );

  test("with grids of their own", () => expectSameAsCpu(() => weightGradients(SIZES, (i) => weightGrid(1 + (i % 3))), tolerance));

  test("and are those of the weight before a step in place", () =>
    expectSameAsCpu(() => {
      const [x, dy, g, scale] = [normal([300], 1), normal([300], 2), weightGrid(3), tf.tensor1d([0.7])];
      const dp = tf.engine().runKernel<tf.Tensor>(KERNELS.mixWeightGrad, { x, scale, grid: g, dy });
      const pair = { parameter: x, gradient: dy, offset: 0, weightDecay: 0 };
      const { parameters } = sgdMomentum(tf.zeros([300]), [pair], tf.scalar(1), { momentum: 0.9, nesterov: false });
      return [dp, parameters[0]!];
    }, tolerance));
});

describe.each([[[2, 1]], [[7, 3]], [[4, 9, 9, 24]], [[3, 5, 5, 130]], [[2, 33, 31, 16]]])(
  "a normalisation over %j waits",
  (shape) => {
    const channels = shape.at(-1)!;
    const normalised = (seed: number) => {
      const [gamma, beta] = [normal([channels], seed + 1, 1), normal([channels], seed + 2)] as [tf.Tensor1D, tf.Tensor1D];
      const running = { mean: tf.zeros<tf.Rank.R1>([channels]), variance: tf.ones<tf.Rank.R1>([channels]) };
      return batchNormTrain(normal(shape, seed, 3, 2), gamma, beta, running, { epsilon: 1e-5, momentum: 0.1 });
    };
    const tolerance = { abs: 1e-4, rel: 1e-4 };

    test("for a residual sum, on either side, of another normalisation, and of itself", () =>
      expectSameAsCpu(() => {
        const [first, second, third] = [normalised(1), normalised(11), normalised(21)];
        const left = tf.add(first.y, normal(shape, 5));
        const right = tf.add(normal(shape, 6), second.y);
        const both = tf.add(normalised(31).y, normalised(41).y);
        const self = tf.add(third.y, third.y);
        const statistics = [first.y, first.runningMean, first.runningVariance, third.runningMean];
        return [left, right, both, self, ...statistics];
      }, tolerance));

    test("for what broadcasts, and for other operations", () =>
      expectSameAsCpu(
        () => [tf.add(normalised(1).y, tf.ones([channels])), tf.relu(normalised(2).y), normalised(3).runningMean],
        tolerance,
      ));
  },
);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a mixture of %i candidates of normalised values is that of the CPU, with all gradients",
  (candidates) =>
    expectSameAsCpu(
      () => {
        const running = { mean: tf.zeros<tf.Rank.R1>([5]), variance: tf.ones<tf.Rank.R1>([5]) };
        const mixed = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, p: tf.Tensor) => {
          const attrs = { epsilon: 1e-5, momentum: 0.1 };
          const { y } = batchNormTrain(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, running, attrs);
          return mixActivation(y, grid(candidates), p as tf.Tensor1D, true);
        };
        const inputs = [normal([3, 11, 7, 5], 1), normal([5], 2, 1), normal([5], 3), tf.fill([candidates], 1 / candidates)];
        const call = mixed as (...tensors: tf.Tensor[]) => tf.Tensor;
        return [call(...inputs), ...tf.grads(call)(inputs, normal([3, 11, 7, 5], 4))];
      },
      { abs: 1e-3, rel: 1e-4 },
    ),
);

test("splitting cuts many pieces a dispatch along any axis, as the stock kernel does", async () => {
  const sizes = [1, 3, 16, 2, 5, 1, 1, 7, 64, 2, 4, 9, 11, 1, 1, 2, 3, 1, 2, 1, 6];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const pieces = (shape: number[], axis: number) => tf.split(tf.mul(normal(shape, 3), 2), sizes, axis);
  await expectSameAsCpu(() => pieces([total], 0));
  await expectSameAsCpu(() => pieces([7, total], 1));
  await expectSameAsCpu(() => pieces([total, 5, 3], 0));
  await expectSameAsCpu(() => pieces([4, total, 5], -2));
  await expectSameAsCpu(() => tf.split(tf.mul(normal([30, 40], 3), 2), 3));
  const weighted = (x: tf.Tensor): tf.Tensor =>
    tf.addN(tf.split(x, [2, 400, 98], 1).map((piece, i) => tf.sum(tf.mul(tf.square(piece), i + 1))));
  await expectSameAsCpu(() => tf.grad(weighted)(normal([3, 500], 4)));
  const [, second] = await runOn("webgpu", () => tf.split(tf.tensor1d([1, 2, 3], "int32"), [1, 2]));
  expect([...second!]).toEqual([2, 3]);
  const whole = normal([20, total], 1); // Small ones would be cut on the CPU.
  const onGpu = tf.add(whole, 1);
  const together = webGpu().device.limits.maxStorageBuffersPerShaderStage - 1;
  expect(countDispatches(() => tf.tidy(() => void tf.split(onGpu, sizes, 1))).total).toBe(Math.ceil(sizes.length / together));
  tf.dispose([whole, onGpu]);
});

test("unstacking cuts many rows a dispatch, and other axes and types as the stock kernel does", async () => {
  const whole = normal([23, 701], 1); // Small ones would be cut on the CPU.
  await expectSameAsCpu(() => tf.unstack(tf.mul(normal([23, 701], 1), 2)));
  await expectSameAsCpu(() => tf.unstack(tf.mul(normal([3, 2, 301], 1), 2)));
  await expectSameAsCpu(() => tf.unstack(tf.mul(normal([40, 3, 200], 1), 2), 1));
  await expectSameAsCpu(() => tf.unstack(tf.mul(normal([40, 3, 200], 1), 2), -3));
  const [first] = await runOn("webgpu", () => tf.unstack(tf.tensor2d([1, 2, 3, 4], [2, 2], "int32")));
  expectClose(first!, [1, 2], { abs: 0, rel: 0 });
  const onGpu = tf.add(whole, 1);
  const together = webGpu().device.limits.maxStorageBuffersPerShaderStage - 1;
  expect(countDispatches(() => tf.tidy(() => void tf.unstack(onGpu))).total).toBe(Math.ceil(23 / together));
  tf.dispose([whole, onGpu]);
});
