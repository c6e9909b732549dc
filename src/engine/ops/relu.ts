/** ReLU, ReLU6 and clipping whose backward pass is one kernel: TensorFlow.js's own take two and five, nearly half of a MobileNet's training step. */
import * as tf from "@tensorflow/tfjs-core";
import { KERNELS } from "../kernels/contract";

/** Below every positive float32 that is not denormal. */
const LEAST = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** max(x, 0) */
export const relu = rectifier((x) => tf.relu(x), LEAST, LARGEST);

/** min(max(x, 0), 6); the gradient passes strictly between 0 and 6, as PyTorch's does. */
export const relu6 = rectifier((x) => tf.clipByValue(x, 0, 6), LEAST, 6 - 2 ** -21);

/** min(max(x, min), max); the gradient passes from `min` to `max`, ends included, as PyTorch's does. */
export const clip = (min: number, max: number): (<T extends tf.Tensor>(x: T) => T) =>
  rectifier((x) => tf.clipByValue(x, min, max), min, max);

/** The gradient passes from `first` to `last`: the mask of a mixture with one candidate. */
function rectifier(rectify: (x: tf.Tensor) => tf.Tensor, first: number, last: number): <T extends tf.Tensor>(x: T) => T {
  const operation = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: rectify(input as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const inputs = { x: saved[0] as tf.Tensor, grid: tf.tensor2d([[1, 0, 0, 0, first, last]]), p: tf.ones([1]), dy };
        const [dx] = tf.engine().runKernel(KERNELS.mixActivationGrad, inputs, { learned: false }) as tf.Tensor[];
        return dx as tf.Tensor;
      },
    };
  });
  return (x) => operation(x) as typeof x;
}
