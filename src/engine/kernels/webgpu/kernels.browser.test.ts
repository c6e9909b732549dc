import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GRID_COLUMNS } from "../contract";
import { batchNormTrain, crossEntropy, mixActivation, mixWeight, sgdMomentum, weightScale } from "../ops";
import { expectSameAsCpu, failures, normal, openBackends, runOn } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

/** Steps of the kind that the HWGQ quantizer has; values that no tie decides for the seeds used here. */
const weightGrid = (bits: readonly number[]) =>
  grid(bits.map((b) => [3.1 / 2 ** b, 0.5, 1 - 2 ** (b - 1), 2 ** (b - 1), -1e30, 1e30]));
const activationGrid = (bits: readonly number[]) =>
  grid(bits.map((b) => [2.9 / 2 ** b, 0, 0, 2 ** b - 1, 0, (2.9 / 2 ** b) * (2 ** b - 1)]));

const grid = (rows: number[][]) => tf.tensor2d(rows, [rows.length, GRID_COLUMNS]);

const probabilities = (count: number) => tf.softmax(normal([count], 7, 0, 0.5)) as tf.Tensor1D;

const CASES: readonly (readonly [shape: number[], bits: readonly number[]])[] = [
  [[1], [2]],
  [[5], [1]],
  [
    [3, 3, 3, 7],
    [1, 2, 3, 4],
  ],
  [
    [3, 3, 16, 32],
    [2, 3, 4],
  ],
  [
    [5, 7, 11, 13],
    [2, 6, 8],
  ],
  [
    [40, 999],
    [1, 2, 3, 4, 5, 6, 7, 8],
  ],
];

describe.each(CASES)("mixtures over %j with bits %j", (shape, bits) => {
  test("mixWeight and its gradients agree with the reference", () =>
    expectSameAsCpu(
      () => {
        const g = weightGrid(bits);
        const dy = normal(shape, 2);
        const gradients = tf.grads((w: tf.Tensor, p: tf.Tensor) => mixWeight(w, g, p as tf.Tensor1D));
        const x = normal(shape, 1, 0.2, 0.7);
        const p = probabilities(bits.length);
        return [mixWeight(x, g, p), weightScale(x, g, p), ...gradients([x, p], dy)];
      },
      { abs: 1e-4, rel: 1e-5 },
    ));

  test.each([true, false])("mixActivation (learned: %s) and its gradients agree with the reference", (learned) =>
    expectSameAsCpu(
      () => {
        const g = activationGrid(bits);
        const dy = normal(shape, 4);
        const gradients = tf.grads((x: tf.Tensor, p: tf.Tensor) => mixActivation(x, g, p as tf.Tensor1D, learned));
        const x = normal(shape, 3, 0.5, 1.5);
        const p = probabilities(bits.length);
        return [mixActivation(x, g, p, learned), ...gradients([x, p], dy)];
      },
      { abs: 1e-4, rel: 1e-5 },
    ),
  );
});

test("the scale of a weight is accurate where the mean is a thousand deviations away", () =>
  expectSameAsCpu(() => weightScale(normal([200, 333], 5, 1000, 1), weightGrid([2]), tf.tensor1d([1])), { abs: 0, rel: 1e-4 }));

test("a tensor without spread is quantized to zero", async () => {
  const [y] = await runOn("webgpu", () => mixWeight(tf.ones([10]), weightGrid([2]), tf.tensor1d([1])));
  expect([...y!]).toEqual(Array(10).fill(0));
});

describe.each([[[1, 3]], [[2, 1]], [[7, 5]], [[4, 9, 9, 24]], [[2, 33, 31, 3]], [[3, 5, 5, 130]], [[16, 16, 16, 16]]])(
  "batch normalisation over %j",
  (shape) => {
    const attrs = { epsilon: 1e-5, momentum: 0.1 };
    const channels = shape.at(-1)!;
    const running = () => ({
      mean: normal([channels], 14) as tf.Tensor1D,
      variance: tf.abs(normal([channels], 15)) as tf.Tensor1D,
    });

    test("forward agrees with the reference, running statistics included", () =>
      expectSameAsCpu(() => {
        const [x, gamma, beta] = [normal(shape, 11, 3, 2), normal([channels], 12, 1), normal([channels], 13)];
        const { y, runningMean, runningVariance } = batchNormTrain(
          x,
          gamma as tf.Tensor1D,
          beta as tf.Tensor1D,
          running(),
          attrs,
        );
        return [y, runningMean, runningVariance];
      }));

    test("the three gradients agree with the reference", () =>
      expectSameAsCpu(
        () => {
          const normalised = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
            batchNormTrain(x, gamma as tf.Tensor1D, beta as tf.Tensor1D, running(), attrs).y;
          return tf.grads(normalised)(
            [normal(shape, 11, 3, 2), normal([channels], 12, 1), normal([channels], 13)],
            normal(shape, 16),
          );
        },
        { abs: 1e-4, rel: 1e-4 },
      ));
  },
);

describe.each([
  [1, 2],
  [5, 10],
  [33, 257],
  [300, 7],
])("cross-entropy of %i rows and %i classes", (rows, classes) => {
  const labels = () =>
    tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => (i * 7) % classes),
      "int32",
    );

  test("loss, right answers and gradient agree with the reference", () =>
    expectSameAsCpu(() => {
      const logits = normal([rows, classes], 21, 0, 3) as tf.Tensor2D;
      const { loss, correct } = crossEntropy(logits, labels());
      return [loss, correct, tf.grad((z: tf.Tensor) => crossEntropy(z as tf.Tensor2D, labels()).loss)(logits)];
    }));

  test("of equal logits the first counts", () =>
    expectSameAsCpu(() => crossEntropy(tf.zeros([rows, classes]), labels()).correct));
});

test.each([true, false])("a momentum step (Nesterov: %s) agrees with the reference", (nesterov) =>
  expectSameAsCpu(() => {
    const [p, v, g] = [normal([19, 57], 31), normal([19, 57], 32), normal([19, 57], 33)] as const;
    return [...sgdMomentum(p, v, g, { rate: 0.1, momentum: 0.9, weightDecay: 1e-4, nesterov })];
  }),
);

test("the rate of a momentum step may change from call to call", () =>
  expectSameAsCpu(() =>
    [0.1, 0.05, 0.1].flatMap((rate) => [
      ...sgdMomentum(normal([6], 1), normal([6], 2), normal([6], 3), { rate, momentum: 0.9, weightDecay: 0, nesterov: false }),
    ]),
  ));

test("a result can be read, disposed and computed again from tensors that never left the CPU", () =>
  expectSameAsCpu(() =>
    tf.mul(mixActivation(tf.tensor1d([0.3, -1, 9]), activationGrid([2, 3]), tf.tensor1d([0.5, 0.5]), true), 2),
  ));
