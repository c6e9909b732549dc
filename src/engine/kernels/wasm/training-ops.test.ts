import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { expect, test } from "vitest";
import { distance, normal, onBoth } from "./testing";

type Op = (x: tf.Tensor4D) => tf.Tensor;

const channels = (): tf.Tensor1D => tf.tensor1d(normal(6, 8));
const like = (x: tf.Tensor): tf.Tensor => tf.tensor(normal(x.size, 9), x.shape);

/** What networks, quantizers and penalties are made of, each as a function of one image batch. */
const ops: Record<string, Op> = {
  "add and broadcast": (x) => tf.add(tf.add(x, like(x)), channels()),
  subtract: (x) => tf.sub(like(x), x),
  "multiply and broadcast": (x) => tf.mul(tf.mul(x, channels()), like(x)),
  "multiply by a sum of itself": (x) => tf.mul(x, tf.sum(x)),
  divide: (x) => tf.div(x, tf.add(tf.square(channels()), 1)),
  "divide by": (x) => tf.div(channels(), tf.add(tf.square(x), 1)),
  addN: (x) => tf.addN([x, like(x), tf.mul(x, x)]),
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(tf.mul(x, 4)),
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  elu: (x) => tf.elu(x),
  clipByValue: (x) => tf.clipByValue(x, -0.5, 0.7),
  "minimum and maximum": (x) => tf.minimum(tf.maximum(x, 0), like(x)),
  abs: (x) => tf.abs(x),
  "tanh and sigmoid": (x) => tf.mul(tf.tanh(x), tf.sigmoid(x)),
  "exp and log": (x) => tf.log(tf.add(tf.exp(x), 1)),
  "log1p and softplus": (x) => tf.add(tf.log1p(tf.square(x)), tf.softplus(x)),
  "square, sqrt, rsqrt": (x) => tf.add(tf.sqrt(tf.add(tf.square(x), 1)), tf.rsqrt(tf.add(tf.square(x), 2))),
  pow: (x) => tf.pow(tf.add(tf.square(x), 1), 1.5),
  "sign, step and round": (x) => tf.add(tf.add(tf.sign(x), tf.step(x)), tf.round(x)),
  where: (x) => tf.where(tf.greater(like(x), 0), x, tf.mul(x, 2)),
  neg: (x) => tf.neg(x),
  "mean over rows and columns": (x) => tf.mean(x, [1, 2]),
  "mean, keeping axes": (x) => tf.sub(x, tf.mean(x, [0, 1, 2], true)),
  sum: (x) => tf.sum(x, [0, 3]),
  "max over an axis": (x) => tf.max(x, 3),
  "max of all": (x) => tf.max(tf.abs(x)),
  "unstack along the first axis": (x) => tf.addN(tf.unstack(tf.mul(x, like(x))).map((part, i) => tf.mul(part, i + 1))),
  "unstack along an axis": (x) => tf.addN(tf.unstack(x, 1).map((part, i) => tf.mul(part, i + 1))),
  "unstack along the last axis": (x) => tf.addN(tf.unstack(x, -1).map((part, i) => tf.mul(part, i + 1))),
  concat: (x) => tf.concat([x, tf.mul(x, 2), like(x)], 3),
  slice: (x) => tf.slice(x, [0, 1, 2, 1], [2, 4, 3, 3]),
  split: (x) => tf.mul(tf.split(x, [2, 4], 3)[1]!, 3),
  "unstack and stack": (x) => tf.stack(tf.unstack(x, 0).reverse(), 1),
  "reshape and transpose": (x) => tf.transpose(tf.reshape(x, [-1, 6])),
  "expandDims, squeeze": (x) => tf.squeeze(tf.expandDims(x, 0)),
  tile: (x) => tf.tile(x, [1, 1, 2, 3]),
  pad: (x) => tf.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]]), // prettier-ignore
  gather: (x) => tf.gather(tf.reshape(x, [-1, 6]), tf.tensor1d([0, 5, 5, 2], "int32")),
  reverse: (x) => tf.reverse(x, [1]),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  logSumExp: (x) => tf.logSumExp(x, 3),
  maxPool: (x) => tf.maxPool(x, 3, 2, "same"),
  "maxPool without overlap": (x) => tf.maxPool(x, 2, 2, "valid"),
  "maxPool, padded": (x) => tf.maxPool(x, 3, 2, 1),
  avgPool: (x) => tf.avgPool(x, 2, 2, "valid"),
  "avgPool, padded": (x) => tf.avgPool(x, 3, 1, 1),
  resizeBilinear: (x) => tf.image.resizeBilinear(x, [13, 13]),
  matMul: (x) => tf.matMul(tf.reshape<tf.Rank.R2>(x, [-1, 6]), tf.tensor2d(normal(60, 2), [6, 10])),
  "batched matMul": (x) => tf.matMul(tf.reshape<tf.Rank.R3>(x, [4, -1, 6]), tf.tensor3d(normal(120, 2), [4, 6, 5])),
  "batched matMul, transposed": (x) => tf.matMul(x, tf.mul(x, 2), false, true),
  dot: (x) => tf.dot(tf.reshape<tf.Rank.R1>(x, [-1]), tf.tensor1d(normal(x.size, 3))),
  "squared difference": (x) => tf.squaredDifference(x, like(x)),
  "batchNorm with given statistics": (x) =>
    tf.batchNorm(x, channels(), tf.square(channels()), tf.mul(channels(), 2), tf.add(channels(), 3), 1e-3),
  cumsum: (x) => tf.cumsum(x, 3),
  "standard deviation": (x) => tf.sqrt(tf.moments(x).variance),
};

test.each(Object.keys(ops))("%s and its gradient agree with the CPU backend", async (name) => {
  const op = ops[name]!;
  const { wasm, cpu, leaked } = await onBoth(() => {
    const x = tf.tensor4d(normal(2 * 8 * 8 * 6, 1), [2, 8, 8, 6]);
    const y = op(x);
    return [y, tf.grad(op as (x: tf.Tensor) => tf.Tensor)(x, tf.tensor(normal(y.size, 3), y.shape))];
  });
  expect(distance(wasm[0]!, cpu[0]!)).toBeLessThan(1e-5);
  expect(distance(wasm[1]!, cpu[1]!)).toBeLessThan(1e-5);
  expect(leaked).toBe(0);
});

// Its gradient throws in TensorFlow.js.
test("batchNorm without scale and offset agrees with the CPU backend", async () => {
  const { wasm, cpu } = await onBoth(() => {
    const x = tf.tensor4d(normal(2 * 5 * 7 * 6, 1), [2, 5, 7, 6]);
    return [tf.batchNorm(x, channels(), tf.square(channels()), undefined, undefined, 0.1)];
  });
  expect(distance(wasm[0]!, cpu[0]!)).toBeLessThan(1e-6);
});

test("whole numbers are unstacked as they are", async () => {
  const { wasm } = await onBoth(() => tf.unstack(tf.tensor2d([1, 2, 3, 2 ** 24 + 1], [2, 2], "int32"), 1));
  expect(wasm.map((part) => [...part])).toEqual([
    [1, 3],
    [2, 2 ** 24 + 1],
  ]);
});
