/** One batch of noise and the rates of every measured step. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG } from "../../src/core/config";
import { createRandom } from "../../src/core/random";
import { BATCH, CLASSES, INPUT } from "./networks";

/** Low rates: a step must cost what it costs early in a training, however often the same batch is learnt. */
export const RATES = { weights: 0.01, architecture: 0.01, momentum: 0.9, weightDecay: DEFAULT_CONFIG.weightDecay } as const;

/** Standard normal images [batch, height, width, channels] with random labels; the same at every call. */
export function benchPixels(): { readonly pixels: Float32Array; readonly shape: readonly number[]; readonly labels: Int32Array } {
  const random = createRandom("batch");
  const shape = [BATCH, ...INPUT];
  const size = shape.reduce((product, n) => product * n, 1);
  const pixels = Float32Array.from({ length: size }, () => random.normal());
  return { pixels, shape, labels: Int32Array.from({ length: BATCH }, () => random.integer(CLASSES)) };
}

/** The same as tensors. */
export function benchBatch(): { readonly x: tf.Tensor4D; readonly labels: tf.Tensor1D } {
  const { pixels, shape, labels } = benchPixels();
  return { x: tf.tensor<tf.Rank.R4>(pixels, shape as [number, number, number, number]), labels: tf.tensor1d(labels, "int32") };
}
