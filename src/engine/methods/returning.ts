import * as tf from "@tensorflow/tfjs-core";

/**
 * The values between bounds, which `inside` clamps to. A gradient passes inside, ends included, and outside if a step along it leads
 * back.
 */
export function returning(values: tf.Tensor1D, inside: (x: tf.Tensor) => tf.Tensor): tf.Tensor1D {
  const clamp = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: inside(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const x = saved[0] as tf.Tensor;
        return tf.where(tf.greaterEqual(tf.mul(dy, tf.sub(x, inside(x))), 0), dy, tf.zerosLike(dy));
      },
    };
  });
  return clamp(values) as tf.Tensor1D;
}
