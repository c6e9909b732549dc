/** One batch of noise and the rates of every measured step. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG } from "../../src/core/config";
import { createRandom } from "../../src/core/random";
import { BATCH, CLASSES, INPUT } from "./networks";

/** Low rates: a step must cost what it costs early in a training, however often the same batch is learnt. */
export const RATES = { weights: 0.01, architecture: 0.01, momentum: 0.9, weightDecay: DEFAULT_CONFIG.weightDecay } as const;

/** Standard normal images [batch, height, width, channels] with random int32 labels; the same at every call. */
export function benchBatch(): { readonly x: tf.Tensor4D; readonly labels: tf.Tensor1D } {
  const random = createRandom("batch");
  const shape: [number, number, number, number] = [BATCH, ...(INPUT as [number, number, number])];
  const size = shape.reduce((product, n) => product * n, 1);
  return {
    x: tf.tensor4d(
      Float32Array.from({ length: size }, () => random.normal()),
      shape,
    ),
    labels: tf.tensor1d(
      Int32Array.from({ length: BATCH }, () => random.integer(CLASSES)),
      "int32",
    ),
  };
}
