import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchNormTrain, crossEntropy, mixActivation, mixWeight, sgdMomentum } from "../ops";
import { countDispatches } from "./count-dispatches";
import { registerWebGpuKernels } from "./index";
import { failures, normal, openBackends, runOn, webGpu } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

test("registering the kernels again changes nothing", () => {
  const before = tf.getKernel(tf.AddN, "webgpu");
  registerWebGpuKernels();
  expect(tf.getKernel(tf.AddN, "webgpu")).toBe(before);
});

const grid = (rows: number) =>
  tf.tensor2d(
    Array.from({ length: rows }, (_, k) => [1 / (k + 1), 0, 0, 2 ** (k + 1) - 1, 0, 2]),
    [rows, 6],
  );

/** One training step of a small network with all our operations; gives the new parameters. */
function step(seed: number, rate: number): tf.Tensor[] {
  const g = grid(3);
  const logits = tf.softmax(tf.tensor1d([0.1, 0.2, 0.3]));
  const running = { mean: tf.zeros([8]) as tf.Tensor1D, variance: tf.ones([8]) as tf.Tensor1D };
  const labels = tf.tensor1d([1, 0, 2, 3], "int32");
  const loss = (w: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, p: tf.Tensor) => {
    const x = mixActivation(normal([4, 4, 4, 4], seed), g, p as tf.Tensor1D, true);
    const filter = mixWeight(w, g, p as tf.Tensor1D) as tf.Tensor4D;
    const y = tf.conv2d(x as tf.Tensor4D, filter, 1, "same");
    const z = batchNormTrain(y, gamma as tf.Tensor1D, beta as tf.Tensor1D, running, { epsilon: 1e-5, momentum: 0.1 }).y;
    return crossEntropy(tf.mean(tf.relu(z), [1, 2]) as tf.Tensor2D, labels).loss;
  };
  const parameters = [normal([3, 3, 4, 8], 1), tf.ones([8]), tf.zeros([8]), logits];
  const gradients = tf.grads(loss)(parameters);
  let total = 0;
  const pairs = parameters.map((parameter, i) => {
    total += parameter.size;
    return { parameter, gradient: gradients[i]!, offset: total - parameter.size, weightDecay: 1e-4 };
  });
  const next = sgdMomentum(tf.zeros([total]), pairs, tf.scalar(rate), { momentum: 0.9, nesterov: false });
  return [next.velocity, ...next.parameters];
}

/** A momentum step of `count` variables of a shape. */
const momentum = (shape: number[], count: number, rate: number) => {
  const size = tf.util.sizeFromShape(shape);
  const pairs = Array.from({ length: count }, (_, i) => {
    return { parameter: normal(shape, 1), gradient: normal(shape, 2), offset: i * size, weightDecay: 0 };
  });
  return sgdMomentum(tf.zeros([count * size]), pairs, tf.scalar(rate), { momentum: 0.9, nesterov: true });
};

test("two runs give the same bits", async () => {
  const first = await runOn("webgpu", () => step(5, 0.1));
  const second = await runOn("webgpu", () => step(5, 0.1));
  expect(second).toEqual(first);
  expect(first.flatMap((values) => [...values]).every(Number.isFinite)).toBe(true);
});

test("a tensor disposed before its dispatch is submitted keeps its buffer until then", async () => {
  await webGpu().queue.onSubmittedWorkDone();
  const p = tf.tensor1d([0.2, 0.3, 0.5]);
  const x = normal([1000], 1);
  webGpu().uploadToGPU(x.dataId);
  const y = mixActivation(x, grid(3), p, false);
  const { numBytesInGPU } = webGpu().memory();
  x.dispose();
  expect(webGpu().memory().numBytesInGPU).toBe(numBytesInGPU);
  webGpu().endComputePassEncoder();
  webGpu().submitQueue();
  expect(webGpu().memory().numBytesInGPU).toBeLessThanOrEqual(numBytesInGPU - 4000);
  tf.dispose([p, y]);
});

test("two hundred steps with a rate of their own each leave no tensor and no buffer behind", async () => {
  const run = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      tf.dispose(tf.tidy(() => step(1, 0.1 / (i + 1))));
      if (i % 20 === 0) await webGpu().queue.onSubmittedWorkDone();
    }
    // A read-back submits what is pending, and pending buffers become free.
    await runOn("webgpu", () => tf.square(tf.tensor1d([1, 2, 3])));
    const { numTensors, numDataBuffers } = tf.memory();
    const { numBytesInGPU, numBytesAllocatedInGPU } = webGpu().memory();
    return { numTensors, numDataBuffers, numBytesInGPU, numBytesAllocatedInGPU };
  };
  // More rates than the cache of uniforms holds: from here on each new one drives out an old one.
  for (let i = 0; i < 1100; i++) tf.tidy(() => void momentum([4], 4, i));
  // How many buffers wait for a submission depends on where in a step it falls: not before all cases came up.
  await run(0, 20);
  const before = await run(20, 220);
  const after = await run(220, 420);
  expect(after).toEqual(before);
}, 60_000);

describe("dispatches", () => {
  const p = () => tf.tensor1d([0.2, 0.3, 0.5]);
  const attrs = { epsilon: 1e-5, momentum: 0.1 };
  const vectors = () => [tf.ones([4]), tf.zeros([4])] as [tf.Tensor1D, tf.Tensor1D];
  const normalise = (x: tf.Tensor) => {
    const [gamma, beta] = vectors();
    return batchNormTrain(x, gamma, beta, { mean: beta, variance: gamma }, attrs).y;
  };
  const small = () => normal([3, 3, 32, 32], 1);
  const large = () => normal([64, 24, 24, 4], 1);

  const weightGradient = (w: tf.Tensor) => tf.grad((q) => mixWeight(w, grid(3), q as tf.Tensor1D))(p(), w);

  test("sgdMomentum takes one for as many variables as the device binds", () => {
    // Three at the smallest limit there is, four at that of most adapters.
    const together = Math.floor((webGpu().device.limits.maxStorageBuffersPerShaderStage - 2) / 2);
    expect(countDispatches(() => tf.tidy(() => void momentum([3], 83, 1))).total).toBe(Math.ceil(83 / together));
  });

  test.each<[string, number, () => () => unknown]>([
    ["mixWeight", 1, () => () => mixWeight(small(), grid(3), p())],
    ["mixWeight of a large tensor", 2, () => () => mixWeight(large(), grid(3), p())],
    ["mixActivation", 1, () => () => mixActivation(large(), grid(3), p(), true)],
    ["batchNormTrain", 2, () => () => normalise(large())],
    ["batchNormTrain and a mixture of its result", 2, () => () => mixActivation(normalise(large()), grid(3), p(), true)],
    ["batchNormTrain and a sum with its result", 2, () => () => tf.add(large(), normalise(large()))],
    ["crossEntropy", 2, () => () => crossEntropy(normal([9, 5], 1) as tf.Tensor2D, tf.zeros([9], "int32"))],
    ["sgdMomentum of one variable", 1, () => () => momentum([64, 24, 24, 4], 1, 1)],
    ["batchNormTrain with its gradients", 4, () => () => tf.grad(normalise)(large(), large())],
    ["mixWeight with the gradient of p", 2, () => () => weightGradient(small())],
    ["mixWeight of a large tensor with the gradient of p", 4, () => () => weightGradient(large())],
    [
      "mixActivation with both gradients",
      3,
      () => () => tf.grads((x, q) => mixActivation(x, grid(3), q as tf.Tensor1D, true))([large(), p()], large()),
    ],
    ["mixActivation with dx alone", 2, () => () => tf.grad((x) => mixActivation(x, grid(3), p(), false))(large(), large())],
  ])("%s takes %i", (_, count, prepare) => {
    const operation = prepare();
    expect(countDispatches(() => tf.tidy(() => void operation())).total).toBe(count);
  });
});
