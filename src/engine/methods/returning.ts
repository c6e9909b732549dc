import * as tf from "@tensorflow/tfjs-core";

/** The values between the bounds. A gradient passes inside, ends included, and outside if a step along it leads back. */
export function returning(values: tf.Tensor1D, min: number, max: number): tf.Tensor1D {
  const inside = (x: tf.Tensor): tf.Tensor => tf.clipByValue(x, min, max);
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
