/** Accuracy and predictions of a network in evaluation mode (running statistics, no dropout). */
import * as tf from "@tensorflow/tfjs-core";
import type { DatasetInfo, ImageSplit } from "../core/dataset";
import { evaluationBatches, type HostBatch } from "./datasets/batches";
import { crossEntropy } from "./kernels/ops";
import { forward, type Network, type Quantization } from "./network";
import { yieldTask } from "./yield-task";

/** Large enough to keep the kernels busy, small enough to let messages in. */
const BATCH = 128;

/** Uploads a batch: x [size, height, width, channels] and int32 labels. */
export function upload(
  info: DatasetInfo,
  { pixels, labels, size }: HostBatch,
): { readonly x: tf.Tensor4D; readonly labels: tf.Tensor1D } {
  return {
    x: tf.tensor4d(pixels, [size, info.height, info.width, info.channels]),
    labels: tf.tensor1d(labels, "int32"),
  };
}

/** Share of right predictions, 0..1. `pass` opens the quantization for each batch, inside a tidy. */
export async function accuracyOf(
  network: Network,
  info: DatasetInfo,
  split: ImageSplit,
  pass: () => Quantization,
): Promise<number> {
  let total: tf.Scalar = tf.scalar(0);
  for (const batch of evaluationBatches(info, split, BATCH)) {
    const before = total;
    total = tf.tidy(() => {
      const { x, labels } = upload(info, batch);
      const { logits } = forward(network, x, pass(), { training: false });
      return tf.add(before, crossEntropy(logits, labels).correct);
    });
    before.dispose();
    await yieldTask();
  }
  const [correct] = await total.data();
  total.dispose();
  return (correct as number) / split.labels.length;
}

/** Predicted classes of `count` images from the start of a split. */
export async function predictionsOf(
  network: Network,
  info: DatasetInfo,
  split: ImageSplit,
  count: number,
  pass: () => Quantization,
): Promise<Uint8Array> {
  const [batch] = evaluationBatches(info, split, Math.min(count, split.labels.length));
  if (!batch) return new Uint8Array(0);
  const classes = tf.tidy(() => {
    const { x } = upload(info, batch);
    return tf.argMax(forward(network, x, pass(), { training: false }).logits, 1);
  });
  const values = await classes.data();
  classes.dispose();
  return Uint8Array.from(values);
}
