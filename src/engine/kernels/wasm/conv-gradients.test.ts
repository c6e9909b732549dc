import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { describe, expect, test } from "vitest";
import { distance, normal, onBoth, useWasm } from "./testing";

interface Case {
  readonly name: string;
  readonly x: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides: number | [number, number];
  readonly pad: "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];
}

const explicit = (top: number, bottom: number, left: number, right: number): Case["pad"] => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** The CPU backend takes seconds for some of these on a machine that is busy. */
const PATIENT = { timeout: 30_000 };

const full: Case[] = [
  { name: "1x1", x: [2, 5, 4, 3], filter: [1, 1, 3, 5], strides: 1, pad: "valid" },
  { name: "3x3 same", x: [3, 7, 6, 4], filter: [3, 3, 4, 8], strides: 1, pad: "same" },
  { name: "3x3, one channel to 10", x: [2, 9, 9, 1], filter: [3, 3, 1, 10], strides: 1, pad: "valid" },
  {
    name: "3x3 stride 2, symmetric padding on an even input",
    x: [2, 8, 8, 16],
    filter: [3, 3, 16, 17],
    strides: 2,
    pad: explicit(1, 1, 1, 1),
  },
  { name: "3x3 stride 2 same", x: [2, 8, 8, 5], filter: [3, 3, 5, 4], strides: 2, pad: "same" },
  { name: "1x1 stride 2", x: [2, 8, 7, 16], filter: [1, 1, 16, 32], strides: 2, pad: "valid" },
  { name: "5x5 stride 3, asymmetric padding", x: [1, 11, 10, 3], filter: [5, 5, 3, 6], strides: 3, pad: explicit(2, 0, 1, 3) },
  { name: "1x5", x: [2, 6, 9, 17], filter: [1, 5, 17, 3], strides: 1, pad: explicit(0, 0, 2, 2) },
  { name: "1x1 on images of one pixel", x: [9, 1, 1, 12], filter: [1, 1, 12, 7], strides: 1, pad: "valid" },
  { name: "strides that differ", x: [1, 9, 8, 4], filter: [3, 2, 4, 4], strides: [2, 1], pad: "valid" },
  { name: "padding wider than the filter reaches", x: [1, 5, 5, 2], filter: [1, 1, 2, 4], strides: 1, pad: explicit(1, 2, 0, 1) },
  { name: "7x7 stride 2", x: [2, 14, 14, 3], filter: [7, 7, 3, 16], strides: 2, pad: explicit(3, 3, 3, 3) },
  { name: "blocks of several images", x: [70, 4, 4, 16], filter: [3, 3, 16, 20], strides: 1, pad: "same" },
  { name: "blocks of several rows", x: [1, 24, 40, 16], filter: [3, 3, 16, 8], strides: 1, pad: "same" },
  { name: "a filter large enough for one chunk a tap", x: [2, 5, 5, 96], filter: [3, 3, 96, 100], strides: 1, pad: "same" },
  { name: "a filter larger than the output", x: [1, 3, 3, 4], filter: [3, 3, 4, 4], strides: 2, pad: explicit(1, 1, 1, 1) },
];

describe.each(full)("convolution $name", ({ x, filter, strides, pad }) => {
  test("gives the output and gradients of the CPU backend", PATIENT, async () => {
    const xs = normal(tf.util.sizeFromShape(x), 1);
    const ws = normal(tf.util.sizeFromShape(filter), 2);
    const { wasm, cpu, leaked } = await onBoth(() => {
      const conv = (a: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D => tf.conv2d(a, w, strides, pad);
      const inputs: [tf.Tensor4D, tf.Tensor4D] = [tf.tensor4d(xs, x), tf.tensor4d(ws, filter)];
      const y = conv(...inputs);
      const dy = tf.tensor4d(normal(y.size, 3), y.shape);
      return [y, ...tf.grads(conv as (...t: tf.Tensor[]) => tf.Tensor)(inputs, dy)];
    });
    expect(distance(wasm[0]!, cpu[0]!)).toBeLessThan(2e-6);
    expect(distance(wasm[1]!, cpu[1]!)).toBeLessThan(2e-6);
    expect(distance(wasm[2]!, cpu[2]!)).toBeLessThan(2e-6);
    expect(leaked).toBe(0);
  });
});

test("the gradients of a dilated convolution are those of the same filter with zeros between its taps", async () => {
  await useWasm();
  tf.tidy(() => {
    const x = tf.tensor4d(normal(2 * 9 * 9 * 5, 1), [2, 9, 9, 5]);
    const w = tf.tensor4d(normal(9 * 5 * 6, 2), [3, 3, 5, 6]);
    const spread = tf.buffer([5, 5, 5, 6]);
    const taps = w.bufferSync();
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++)
        for (let c = 0; c < 5; c++) for (let k = 0; k < 6; k++) spread.set(taps.get(a, b, c, k), 2 * a, 2 * b, c, k);
    for (const strides of [1, 2]) {
      const pad = explicit(2, 1, 0, 2);
      const y = tf.conv2d(x, w, 1, pad, "NHWC", 2);
      const size = [2, Math.ceil(y.shape[1] / strides), Math.ceil(y.shape[2] / strides), 6] as [number, number, number, number];
      const dy = tf.tensor4d(normal(tf.util.sizeFromShape(size), 3), size);
      const run = (name: string, inputs: object, attrs: object): tf.Tensor4D =>
        tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap);
      const dx = run(tf.Conv2DBackpropInput, { dy, filter: w }, { strides, pad, dilations: 2, inputShape: x.shape });
      const dw = run(tf.Conv2DBackpropFilter, { x, dy }, { strides, pad, dilations: 2, filterShape: w.shape });
      const dxWide = run(tf.Conv2DBackpropInput, { dy, filter: spread.toTensor() }, { strides, pad, inputShape: x.shape });
      const dwWide = run(tf.Conv2DBackpropFilter, { x, dy }, { strides, pad, filterShape: [5, 5, 5, 6] });
      const dwTaps = tf.stridedSlice(dwWide, [0, 0, 0, 0], [5, 5, 5, 6], [2, 2, 1, 1]);
      expect(distance(dx.dataSync(), dxWide.dataSync())).toBeLessThan(1e-6);
      expect(distance(dw.dataSync(), dwTaps.dataSync())).toBeLessThan(1e-6);
    }
  });
});

const depthwise: Case[] = [
  { name: "3x3 same", x: [2, 7, 6, 5], filter: [3, 3, 5, 1], strides: 1, pad: "same" },
  { name: "3x3 stride 2", x: [2, 8, 8, 16], filter: [3, 3, 16, 1], strides: 2, pad: explicit(1, 1, 1, 1) },
  { name: "17 channels", x: [1, 6, 6, 17], filter: [2, 3, 17, 1], strides: 1, pad: explicit(1, 0, 0, 2) },
  { name: "one channel", x: [3, 5, 5, 1], filter: [3, 3, 1, 1], strides: 1, pad: "valid" },
  { name: "padded beyond the filter", x: [2, 4, 5, 6], filter: [3, 2, 6, 1], strides: 1, pad: explicit(3, 0, 0, 2) },
  { name: "1x1", x: [2, 4, 3, 5], filter: [1, 1, 5, 1], strides: 1, pad: "valid" },
  { name: "5x5 on a smaller image", x: [3, 3, 4, 9], filter: [5, 5, 9, 1], strides: 1, pad: "same" },
  { name: "multiplier 2", x: [2, 6, 6, 3], filter: [3, 3, 3, 2], strides: 1, pad: "same" },
  { name: "multiplier 3, stride 2", x: [2, 7, 7, 4], filter: [3, 3, 4, 3], strides: 2, pad: "same" },
];

describe.each(depthwise)("depthwise convolution $name", ({ x, filter, strides, pad }) => {
  test("gives the output and gradients of the CPU backend", async () => {
    const { wasm, cpu, leaked } = await onBoth(() => {
      const conv = (a: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D => tf.depthwiseConv2d(a, w, strides, pad);
      const inputs: [tf.Tensor4D, tf.Tensor4D] = [
        tf.tensor4d(normal(tf.util.sizeFromShape(x), 1), x),
        tf.tensor4d(normal(tf.util.sizeFromShape(filter), 2), filter),
      ];
      const y = conv(...inputs);
      const dy = tf.tensor4d(normal(y.size, 3), y.shape);
      return [y, ...tf.grads(conv as (...t: tf.Tensor[]) => tf.Tensor)(inputs, dy)];
    });
    expect(distance(wasm[0]!, cpu[0]!)).toBeLessThan(1e-6);
    expect(distance(wasm[1]!, cpu[1]!)).toBeLessThan(1e-6);
    expect(distance(wasm[2]!, cpu[2]!)).toBeLessThan(1e-6);
    expect(leaked).toBe(0);
  });
});

test.each([
  [7, 5, 3, false, false],
  [1, 1, 1, false, false],
  [300, 130, 21, false, false],
  [7, 5, 3, false, true],
  [7, 5, 3, true, false],
  [64, 17, 10, true, false],
  [130, 64, 12, true, false],
  [97, 3, 4, true, true],
])("a matrix product of %i rows, %i and %i columns, transposed %s %s, is that of the CPU backend", async (n, i, j, ta, tb) => {
  const { wasm, cpu, leaked } = await onBoth(() => {
    const a = tf.tensor2d(normal(n * i, 1), ta ? [n, i] : [i, n]);
    const b = tf.tensor2d(normal(n * j, 2), tb ? [j, n] : [n, j]);
    return [tf.matMul(a, b, ta, tb)];
  });
  expect(distance(wasm[0]!, cpu[0]!)).toBeLessThan(1e-6);
  expect(leaked).toBe(0);
});
