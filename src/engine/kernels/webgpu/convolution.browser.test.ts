import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectClose, expectSameAsCpu, failures, normal, openBackends, runOn } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

const WIDE = { abs: 1e-4, rel: 1e-4 };

type Shape = [number, number, number, number];
type Padding = tf.backend_util.ExplicitPadding | "same" | "valid" | number;

interface Case {
  readonly x: Shape;
  readonly filter: Shape;
  readonly strides: [number, number];
  readonly pad: Padding;
}

const CONVOLUTIONS: readonly Case[] = [
  { x: [1, 4, 4, 1], filter: [1, 1, 1, 1], strides: [1, 1], pad: "valid" },
  { x: [2, 9, 7, 3], filter: [3, 3, 3, 5], strides: [1, 1], pad: "same" },
  { x: [2, 8, 8, 16], filter: [3, 3, 16, 16], strides: [1, 1], pad: 1 },
  {
    x: [2, 8, 8, 16],
    filter: [3, 3, 16, 32],
    strides: [2, 2],
    pad: [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ],
  },
  { x: [3, 9, 8, 6], filter: [1, 5, 6, 20], strides: [1, 3], pad: "same" },
  {
    x: [2, 11, 12, 4],
    filter: [7, 7, 4, 9],
    strides: [2, 2],
    pad: [
      [0, 0],
      [3, 2],
      [2, 3],
      [0, 0],
    ],
  },
  { x: [3, 7, 7, 70], filter: [1, 1, 70, 66], strides: [2, 2], pad: "valid" },
  { x: [40, 12, 12, 8], filter: [3, 3, 8, 12], strides: [1, 1], pad: "same" },
];

test.each(CONVOLUTIONS)("gradients of the convolution %j agree with the CPU backend", ({ x, filter, strides, pad }) =>
  expectSameAsCpu(() => {
    const convolve = (image: tf.Tensor, weight: tf.Tensor) =>
      tf.conv2d(
        image as tf.Tensor4D,
        weight as tf.Tensor4D,
        strides,
        pad,
        "NHWC",
        1,
        typeof pad === "number" ? "floor" : undefined,
      );
    const [image, weight] = [normal(x, 1), normal(filter, 2)];
    const y = convolve(image, weight);
    return [y, ...tf.grads(convolve)([image, weight], normal(y.shape, 3))];
  }, WIDE),
);

test("the filter gradient of a dilated convolution is that of the larger filter at the taps", async () => {
  const attrs = { strides: [1, 1], pad: "valid", dataFormat: "NHWC", dimRoundingMode: undefined };
  const filterGradient = (size: number, dilations: number) => {
    const inputs = { x: normal([2, 9, 9, 4], 1), dy: normal([2, 5, 5, 8], 2) };
    const shape = { filterShape: [size, size, 4, 8], dilations };
    return tf.engine().runKernel(tf.Conv2DBackpropFilter, inputs, { ...attrs, ...shape } as never) as tf.Tensor;
  };
  const taps = (t: tf.Tensor) => tf.gather(tf.gather(t, [0, 2, 4], 0), [0, 2, 4], 1);
  const [dilated, larger] = await runOn("webgpu", () => [filterGradient(3, 2), taps(filterGradient(5, 1))]);
  expectClose(dilated!, larger!, WIDE);
});

const DEPTHWISE: readonly Case[] = [
  { x: [1, 4, 4, 1], filter: [1, 1, 1, 1], strides: [1, 1], pad: "valid" },
  { x: [2, 9, 7, 5], filter: [3, 3, 5, 1], strides: [1, 1], pad: "same" },
  {
    x: [2, 9, 8, 70],
    filter: [3, 3, 70, 2],
    strides: [2, 2],
    pad: [
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 0],
    ],
  },
  { x: [30, 12, 12, 8], filter: [5, 3, 8, 1], strides: [1, 1], pad: "same" },
];

test.each(DEPTHWISE)("gradients of the depthwise convolution %j agree with the CPU backend", ({ x, filter, strides, pad }) =>
  expectSameAsCpu(() => {
    const convolve = (image: tf.Tensor, weight: tf.Tensor) =>
      tf.depthwiseConv2d(image as tf.Tensor4D, weight as tf.Tensor4D, strides, pad);
    const [image, weight] = [normal(x, 1), normal(filter, 2)];
    const y = convolve(image, weight);
    return [y, ...tf.grads(convolve)([image, weight], normal(y.shape, 3))];
  }, WIDE),
);
