import type * as tf from "@tensorflow/tfjs-core";
import { schemeAverage } from "../../kernels/ops";

/** Share of the old average that a training step keeps (published code). */
const MOMENTUM = 0.9;

/**
 * The moving average of an activation's statistics [13] after one more step: evaluation quantizes with it, training with the step's own.
 * Every statistic is averaged by itself. An average starts from the first statistics: the published one starts from 1 and takes some
 * fifty steps to forget it.
 */
export const averageStatistics = (average: tf.Tensor1D, statistics: tf.Tensor1D): tf.Tensor1D =>
  schemeAverage(average, statistics, MOMENTUM);
