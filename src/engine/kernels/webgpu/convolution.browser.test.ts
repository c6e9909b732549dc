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

/** [top, bottom], [left, right] */
const padding = (...sides: [number, number][]) => [[0, 0], ...sides, [0, 0]] as tf.backend_util.ExplicitPadding;

const CONVOLUTIONS: readonly Case[] = [
  { x: [1, 4, 4, 1], filter: [1, 1, 1, 1], strides: [1, 1], pad: "valid" },
  { x: [2, 9, 7, 3], filter: [3, 3, 3, 5], strides: [1, 1], pad: "same" },
  { x: [3, 9, 8, 6], filter: [1, 5, 6, 20], strides: [1, 3], pad: "same" },
  { x: [2, 11, 12, 4], filter: [7, 7, 4, 9], strides: [2, 2], pad: padding([3, 2], [2, 3]) },
  { x: [3, 7, 7, 70], filter: [1, 1, 70, 66], strides: [2, 2], pad: "valid" },
  { x: [40, 12, 12, 8], filter: [3, 3, 8, 12], strides: [1, 1], pad: "same" },
];

/** The kernel alone, so that no case waits for the pipelines of the convolution itself. */
function filterGradient({ x, filter, strides, pad }: Case, dilations = 1): tf.Tensor {
  const { outShape } = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, pad);
  const attrs = { strides, pad, dataFormat: "NHWC", filterShape: filter, dilations };
  return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x: normal(x, 1), dy: normal(outShape, 2) }, attrs) as tf.Tensor;
}

test.each(CONVOLUTIONS)("the filter gradient of the convolution %j agrees with the CPU backend", (given) =>
  expectSameAsCpu(() => filterGradient(given), WIDE),
);

test("the filter gradient of a dilated convolution is that of the larger filter at the taps", async () => {
  const taps = (t: tf.Tensor) => tf.gather(tf.gather(t, [0, 2, 4], 0), [0, 2, 4], 1);
  const [dilated, larger] = await runOn("webgpu", () => [
    filterGradient({ x: [2, 9, 9, 4], filter: [3, 3, 4, 8], strides: [1, 1], pad: "valid" }, 2),
    taps(filterGradient({ x: [2, 9, 9, 4], filter: [5, 5, 4, 8], strides: [1, 1], pad: "valid" })),
  ]);
  expectClose(dilated!, larger!, WIDE);
});

test.each<Case>([
  { x: [2, 8, 8, 16], filter: [3, 3, 16, 32], strides: [2, 2], pad: padding([1, 1], [1, 1]) },
  { x: [2, 6, 7, 5], filter: [3, 3, 5, 3], strides: [1, 3], pad: padding([0, 2], [2, 0]) },
])("the convolution %j and both gradients agree with the CPU backend", ({ x, filter, strides, pad }) =>
  expectSameAsCpu(() => {
    const convolve = (image: tf.Tensor, weight: tf.Tensor) =>
      tf.conv2d(image as tf.Tensor4D, weight as tf.Tensor4D, strides, pad);
    const [image, weight] = [normal(x, 1), normal(filter, 2)];
    const y = convolve(image, weight);
    return [y, ...tf.grads(convolve)([image, weight], normal(y.shape, 3))];
  }, WIDE),
);

const DEPTHWISE: readonly Case[] = [
  { x: [1, 4, 4, 1], filter: [1, 1, 1, 1], strides: [1, 1], pad: "valid" },
  { x: [2, 9, 7, 5], filter: [3, 3, 5, 1], strides: [1, 1], pad: "same" },
  {
    x: [2, 9, 8, 70],
    filter: [3, 3, 70, 2],
    strides: [2, 2],
    pad: padding([1, 0], [0, 1]),
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
