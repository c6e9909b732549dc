/** Gumbel-softmax (Jang et al. 2017; Maddison et al. 2017): a differentiable draw from a categorical distribution. */
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "../../core/random";
import { detached } from "../ops/detached";

/** Standard Gumbel noise, [rows, columns], from the run's generator. */
export const gumbelNoise = (rows: number, columns: number, random: Random): tf.Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => -Math.log(-Math.log(1 - random.uniform()) || Number.MIN_VALUE)),
    [rows, columns],
  );

/**
 * `softmax((log softmax(theta) + noise) / tau)` over the last axis of theta [rows, candidates]. What the logarithm of softmax takes from
 * theta is the same for all candidates of a row, and softmax does not see it.
 */
export const gumbelSoftmax = (theta: tf.Tensor2D, noise: tf.Tensor2D, tau: number): tf.Tensor2D =>
  tf.softmax(tf.div(tf.add(theta, noise), tau));

/** The one-hot draw going forward, the soft one's gradient going back. */
export const straightThrough = (soft: tf.Tensor2D): tf.Tensor2D =>
  tf.add(
    soft,
    detached(() => tf.sub(tf.oneHot(tf.argMax(soft, 1), soft.shape[1]), soft)),
  );
