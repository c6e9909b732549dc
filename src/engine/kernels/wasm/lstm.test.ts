import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { registerCpuKernels } from "../cpu";
import { lossAndGradients } from "../../ops/lstm-testing";
import { lstmCell } from "../ops";
import { distance, normal, onBoth } from "./testing";

registerCpuKernels();

test.each([
  [1, 1],
  [3, 5],
  [17, 64],
])("a time step of %i sequences and %i units agrees with the reference, and so do its gradients", async (rows, units) => {
  const { wasm, cpu, leaked } = await onBoth(() => {
    const z = tf.tensor2d(normal(rows * 4 * units, 1), [rows, 4 * units]);
    const bias = tf.tensor1d(normal(4 * units, 2));
    const c = tf.tensor2d(normal(rows * units, 3), [rows, units]);
    const [dh, dnext] = [4, 5].map((seed) => tf.tensor2d(normal(rows * units, seed), [rows, units])) as [tf.Tensor, tf.Tensor];
    const gradients = tf.grads((...[a, b, d]: tf.Tensor[]) => {
      const { h, next } = lstmCell(a as tf.Tensor2D, b as tf.Tensor1D, d as tf.Tensor2D);
      return tf.add(tf.mul(h, dh), tf.mul(next, dnext));
    });
    const { h, next } = lstmCell(z, bias, c);
    return [h, next, ...gradients([z, bias, c])];
  });
  expect(leaked).toBe(0);
  wasm.forEach((values, i) => expect(distance(values, cpu[i]!)).toBeLessThan(1e-6));
});

test("sums far from zero saturate the gates", async () => {
  const { wasm, cpu } = await onBoth(() => {
    const z = tf.tensor2d([1e4, -1e4, 1e4, 1e4, -1e4, 1e4, -1e4, 1e4], [2, 4]);
    const { h, next } = lstmCell(z, tf.zeros([4]), tf.tensor2d([[2], [3]]));
    return [h, next];
  });
  expect(wasm.map((values) => [...values])).toEqual([
    [Math.fround(Math.tanh(1)), Math.fround(Math.tanh(3))],
    [1, 3],
  ]);
  expect(wasm).toEqual(cpu);
});

test.each([null, "autoqnn", "autoqnn-qpl", "fracbits", "edmips"])(
  "a language model's loss and gradients through time agree with the reference, mixed by: %s",
  async (method) => {
    const { wasm, cpu, leaked } = await onBoth(() => lossAndGradients(method));
    expect(leaked).toBe(0);
    expect(wasm.length).toBeGreaterThan(11);
    // All together: the gradient of a clip that nothing reaches is a sum of rounding errors.
    const all = (arrays: readonly Float32Array[]): number[] => arrays.flatMap((values) => [...values]);
    expect(distance(all(wasm), all(cpu))).toBeLessThan(1e-5);
  },
);
