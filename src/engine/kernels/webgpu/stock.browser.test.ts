/** Stock kernels that the networks need: nothing promises that TensorFlow.js has their gradients right on WebGPU. */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectSameAsCpu, failures, normal, openBackends } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

type Function4 = (x: tf.Tensor4D) => tf.Tensor;

const UNEVEN: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [0, 1],
  [1, 0],
  [0, 0],
];

/** x is [2, 7, 6, 5]. */
const FUNCTIONS: Readonly<Record<string, Function4>> = {
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(x),
  "mean over space": (x) => tf.mean(x, [1, 2]),
  sum: (x) => tf.sum(x),
  softmax: (x) => tf.softmax(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  concat: (x) => tf.concat([x, tf.mul(x, 2), tf.neg(x)], 3),
  slice: (x) => tf.slice(x, [0, 1, 2, 1], [2, 3, 3, 2]),
  split: (x) => tf.mul(...(tf.split(tf.slice(x, [0, 0, 0, 0], [2, 7, 6, 4]), 2, 3) as [tf.Tensor, tf.Tensor])),
  unstack: (x) => tf.addN(tf.unstack(x, 3).map((part, i) => tf.mul(part, i + 1))),
  pad: (x) => tf.pad(x, UNEVEN),
  reshape: (x) => tf.square(tf.reshape(x, [2, -1])),
  transpose: (x) => tf.square(tf.transpose(x, [0, 3, 1, 2])),
  "addN of 12": (x) => tf.addN(Array.from({ length: 12 }, (_, i) => tf.mul(x, i))),
  "max pooling": (x) => tf.maxPool(x, 2, 2, "valid"),
  "max pooling, overlapping": (x) => tf.maxPool(x, 3, 2, "same"),
  "max pooling, uneven padding": (x) => tf.maxPool(x, [2, 3], [2, 1], UNEVEN),
  "average pooling": (x) => tf.avgPool(x, 2, 2, "valid"),
  "average pooling, overlapping": (x) => tf.avgPool(x, 3, 1, "same"),
  "average pooling, uneven padding": (x) => tf.avgPool(x, [3, 2], [1, 2], UNEVEN),
  "dense layer": (x) => tf.matMul(tf.reshape(x, [2, 210]) as tf.Tensor2D, normal([210, 9], 3)),
  "learned bit-width": (x) => tf.mul(tf.div(x, tf.sum(tf.exp(tf.mean(x)))), tf.log(tf.add(tf.abs(x), 1))),
};

test.each(Object.keys(FUNCTIONS))("%s and its gradient agree with the CPU backend", (name) =>
  expectSameAsCpu(() => {
    const compute = FUNCTIONS[name] as (x: tf.Tensor) => tf.Tensor;
    const x = normal([2, 7, 6, 5], 1);
    const y = compute(x);
    return [y, tf.grad(compute)(x, normal(y.shape, 2))];
  }),
);

test("the gradient of unstacked probabilities agrees with the CPU backend", () =>
  expectSameAsCpu(() => {
    const weighted = (x: tf.Tensor) => tf.addN(tf.unstack(tf.softmax(x)).map((p, i) => tf.mul(p, i + 1)));
    return tf.grad(weighted)(tf.tensor1d([0.1, -0.3, 0.5, 0.2]));
  }));
