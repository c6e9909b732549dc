import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE, expectClose, expectSameAsCpu, failures, normal, openBackends, runOn } from "./testing";

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

test("the gradients of a dilated convolution are those of the same filter with zeros between its taps", async () => {
  const [attrs, spread] = [{ strides: [1, 1], pad: "valid", dataFormat: "NHWC", dimRoundingMode: undefined }, { dilations: 2 }];
  const run = (name: string, inputs: tf.NamedTensorMap, more: object) =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...more } as never) as tf.Tensor;
  const [dilated, sparse] = await runOn("webgpu", () => {
    const [x, dy, filter] = [normal([2, 9, 9, 4], 1), normal([2, 5, 5, 8], 2), normal([3, 3, 4, 8], 3)];
    const zeros = (axis: number, t: tf.Tensor) =>
      tf.concat(
        tf.split(t, 3, axis).flatMap((part, i) => (i === 0 ? [part] : [tf.zerosLike(part), part])),
        axis,
      );
    const wide = zeros(0, zeros(1, filter));
    const dense = run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: [5, 5, 4, 8] });
    const taps = tf.gather(tf.gather(dense, [0, 2, 4], 0), [0, 2, 4], 1);
    const own = run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: [3, 3, 4, 8], ...spread });
    const dx = run(tf.Conv2DBackpropInput, { dy, filter: wide }, { inputShape: [2, 9, 9, 4] });
    const ownDx = run(tf.Conv2DBackpropInput, { dy, filter }, { inputShape: [2, 9, 9, 4], ...spread });
    return [
      tf.concat([tf.reshape(own, [-1]), tf.reshape(ownDx, [-1])]),
      tf.concat([tf.reshape(taps, [-1]), tf.reshape(dx, [-1])]),
    ];
  });
  expectClose(dilated!, sparse!, WIDE);
});
