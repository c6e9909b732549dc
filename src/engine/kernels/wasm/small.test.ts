import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { normal, onBoth } from "./testing";

const OPERATIONS = { add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div };

const tensor = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.tensor(normal(tf.util.sizeFromShape([...shape]), seed), [...shape]);

test.each([
  [[], []],
  [[7], []],
  [[], [2, 3]],
  [
    [5, 4],
    [5, 4],
  ],
  [[5, 4], [4]],
  [
    [5, 1],
    [1, 4],
  ],
  [[4], [5, 1]],
  [
    [1, 3, 1, 5],
    [2, 1, 4, 1],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 5],
  ],
  [[1], [1, 1]],
  [[16, 16], [16]],
  [[17, 16], [16]],
  [[0, 3], [3]],
])("%j with %j: the numbers of the CPU backend, bit for bit", async (a, b) => {
  const { wasm, cpu, leaked } = await onBoth(() =>
    Object.values(OPERATIONS).flatMap((operation) => {
      const [x, y] = [tensor(a, 1), tensor(b, 2)];
      return [operation(x, y), operation(y, x)];
    }),
  );
  expect(wasm).toEqual(cpu);
  expect(wasm).toHaveLength(8);
  expect(leaked).toBe(0);
});

test("whole numbers stay with the stock kernels", async () => {
  const { wasm, cpu } = await onBoth(() => [tf.add(tf.tensor1d([1, 2], "int32"), tf.tensor1d([3, 4], "int32"))]);
  expect(wasm).toEqual(cpu);
});
