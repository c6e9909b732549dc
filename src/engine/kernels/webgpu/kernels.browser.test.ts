import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GRID_COLUMNS } from "../contract";
import { batchNormTrain, crossEntropy, mixActivation, mixWeight, sgdMomentum, weightScale } from "../ops";
import { expectSameAsCpu, failures, normal, openBackends, runOn, webGpu } from "./testing";

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
  [[257], [3, 8]],
  [
    [2, 3, 43],
    [1, 2, 4, 5, 7],
  ],
  [[1025], [1, 2, 3, 4, 6, 8]],
  [[3], [1, 2, 3, 4, 5, 6, 7]],
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

/** Odd sizes, one element, more than a block, and more variables than one dispatch binds. */
const SIZES = [[19, 57], [1], [7], [1024], [1025], [3, 3, 4, 5], [2], [4100], [10], [31], [6]];

/** Momentum steps of the variables above at these rates; between two velocities lies an element of nobody. */
function momentumSteps(rates: readonly number[], nesterov: boolean): tf.Tensor[] {
  let offset = 0;
  const offsets = SIZES.map((shape) => (offset += 1 + tf.util.sizeFromShape(shape)) - tf.util.sizeFromShape(shape));
  let velocity = normal([offset + 3], 32) as tf.Tensor1D;
  let parameters = SIZES.map((shape, i) => normal(shape, 100 + i));
  for (const rate of rates) {
    const pairs = parameters.map((parameter, i) => {
      return { parameter, gradient: normal(parameter.shape, 200 + i), offset: offsets[i]!, weightDecay: i * 1e-3 };
    });
    const next = sgdMomentum(velocity, pairs, tf.scalar(rate), { momentum: 0.9, nesterov });
    [velocity, parameters] = [next.velocity, [...next.parameters]];
  }
  return [velocity, ...parameters];
}

test.each([true, false])("momentum steps of many variables (Nesterov: %s) agree with the reference", (nesterov) =>
  expectSameAsCpu(() => momentumSteps([0.1], nesterov)),
);

test("the rate of a momentum step may change from call to call", () =>
  expectSameAsCpu(() => momentumSteps([0.1, 0.05, 0.1], false)));

describe("a momentum step in place", () => {
  const attrs = { momentum: 0.9, nesterov: false };
  const rate = () => tf.scalar(0.5);
  const ALONE = { offset: 0, weightDecay: 0 };
  const step = (parameter: tf.Tensor) =>
    sgdMomentum(tf.tensor1d([0, 0]), [{ parameter, gradient: tf.tensor1d([2, 4]), ...ALONE }], rate(), attrs).parameters[0]!;

  test("leaves a clone of the parameter alone", async () => {
    const values = await runOn("webgpu", () => {
      const parameter = tf.add(tf.tensor1d([1, 1]), 1);
      const before = tf.clone(parameter);
      return [step(parameter), before];
    });
    expect(values.map((v) => [...v])).toEqual([
      [1, 0],
      [2, 2],
    ]);
  });

  test("is seen by whoever reads the variable, also after its old value has been read", async () => {
    const variable: tf.Variable<tf.Rank.R1> = tf.variable(tf.tensor1d([1, 1]));
    for (const expected of [
      [0, -1],
      [-1, -3],
      [-2, -5],
    ]) {
      tf.tidy(() => variable.assign(step(variable) as tf.Tensor1D));
      expect([...(await variable.data())]).toEqual(expected);
    }
    variable.dispose();
  });

  test("takes no further memory on the device", async () => {
    const variable = tf.variable(normal([50_000], 1));
    const gradient = normal([50_000], 2);
    const velocity = tf.variable(tf.zeros([50_000]));
    const constant = rate();
    const update = () =>
      tf.tidy(() => {
        const pair = { parameter: variable, gradient, ...ALONE };
        const next = sgdMomentum(velocity as tf.Tensor as tf.Tensor1D, [pair], constant, attrs);
        variable.assign(next.parameters[0]!);
        velocity.assign(next.velocity);
      });
    const updates = async (count: number) => {
      for (let i = 0; i < count; i++) update();
      await runOn("webgpu", () => tf.square(tf.tensor1d([1, 2, 3]))); // Submits what is pending.
      return { numTensors: tf.memory().numTensors, bytes: webGpu().memory().numBytesAllocatedInGPU };
    };
    const before = await updates(2);
    expect(await updates(20)).toEqual(before);
    tf.dispose([variable, gradient, velocity, constant]);
  });
});

test("a result can be read, disposed and computed again from tensors that never left the CPU", () =>
  expectSameAsCpu(() =>
    tf.mul(mixActivation(tf.tensor1d([0.3, -1, 9]), activationGrid([2, 3]), tf.tensor1d([0.5, 0.5]), true), 2),
  ));
