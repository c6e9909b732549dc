import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lossAndGradients } from "../../ops/lstm-testing";
import { lstmCell } from "../ops";
import { expectSameAsCpu, failures, normal, openBackends } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

test.each([
  [1, 1],
  [3, 5],
  [17, 64],
])("a time step of %i sequences and %i units agrees with the reference, and so do its gradients", (rows, units) =>
  expectSameAsCpu(() => {
    const z = normal([rows, 4 * units], 1, 0, 2);
    const bias = normal([4 * units], 2);
    const c = normal([rows, units], 3);
    const [dh, dnext] = [normal([rows, units], 4), normal([rows, units], 5)];
    const gradients = tf.grads((...[a, b, d]: tf.Tensor[]) => {
      const { h, next } = lstmCell(a as tf.Tensor2D, b as tf.Tensor1D, d as tf.Tensor2D);
      return tf.add(tf.mul(h, dh), tf.mul(next, dnext));
    });
    const { h, next } = lstmCell(z as tf.Tensor2D, bias as tf.Tensor1D, c as tf.Tensor2D);
    return [h, next, ...gradients([z, bias, c])];
  }),
);

test.each([null, "autoqnn", "fracbits", "edmips"])(
  "a language model's loss and gradients through time agree with the reference, mixed by: %s",
  (method) => expectSameAsCpu(() => lossAndGradients(method)),
);
