/** Gumbel-softmax (Jang et al. 2017; Maddison et al. 2017): a differentiable draw from a categorical distribution. */
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "../../core/random";
import { overwrite } from "../kernels/player";
import { makeVariable } from "../network";
import { detached } from "../ops/detached";

/** Standard Gumbel noise, [rows, columns], from the run's generator. */
export const gumbelNoise = (rows: number, columns: number, random: Random): tf.Tensor2D =>
  tf.tensor2d(gumbelValues(rows * columns, random), [rows, columns]);

const gumbelValues = (count: number, random: Random): Float32Array =>
  Float32Array.from({ length: count }, () => -Math.log(-Math.log(1 - random.uniform()) || Number.MIN_VALUE));

/** Noise that the steps of a search read; drawn anew before each. */
export interface Noise {
  /** [rows, columns] */
  readonly now: tf.Variable<tf.Rank.R2>;
  readonly draw: () => void;
}

/** The variable is the caller's to dispose. */
export function openNoise(rows: number, columns: number, random: Random): Noise {
  const now = makeVariable(gumbelNoise(rows, columns, random), false);
  return { now, draw: () => overwrite(now, gumbelValues(now.size, random)) };
}

/**
 * `softmax((log softmax(theta) + noise) / tau)` over the last axis of theta [rows, candidates]. What the logarithm of softmax takes from
 * theta is the same for all candidates of a row, and softmax does not see it.
 */
export const gumbelSoftmax = (theta: tf.Tensor2D, noise: tf.Tensor, tau: number | tf.Tensor): tf.Tensor2D =>
  tf.softmax(tf.div(tf.add(theta, noise), tau));

/** The one-hot draw going forward, the soft one's gradient going back. */
export const straightThrough = (soft: tf.Tensor2D): tf.Tensor2D =>
  tf.add(
    soft,
    detached(() => tf.sub(tf.oneHot(tf.argMax(soft, 1), soft.shape[1]), soft)),
  );
