/** Sums that wait for company: whoever uses one must find it computed. */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mixActivation } from "../ops";
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
