/** Accuracy, perplexity and predictions of a network in evaluation mode (running statistics if not asked otherwise, no dropout). */
import * as tf from "@tensorflow/tfjs-core";
import type { DatasetInfo, Split } from "../core/dataset";
import { evaluationBatch } from "../core/memory";
import { countOf, evaluationBatches, sliceSplit, type HostBatch } from "./datasets/batches";
import { crossEntropy } from "./kernels/ops";
import { forward, type Quantization, type Statistics } from "./forward";
import type { Network } from "./network";
import { yieldTask } from "./yield-task";

/** How a batch lies in a tensor: float32 [size, height, width, channels] or [size, features], or int32 tokens [size, length]. */
export function inputOf(
  info: DatasetInfo,
  size: number,
): { readonly shape: readonly number[]; readonly dtype: "float32" | "int32" } {
  switch (info.kind) {
    case "images":
      return { shape: [size, info.height, info.width, info.channels], dtype: "float32" };
    case "text":
      return { shape: [size, info.length], dtype: "int32" };
    case "numbers":
      return { shape: [size, info.features.length], dtype: "float32" };
  }
}

/** Uploads a batch, with int32 labels. */
export function upload(
  info: DatasetInfo,
  { inputs, labels, size }: HostBatch,
): { readonly x: tf.Tensor; readonly labels: tf.Tensor1D } {
  const { shape, dtype } = inputOf(info, size);
  return { x: tf.tensor(inputs, [...shape], dtype), labels: tf.tensor1d(labels, "int32") };
}

export interface Evaluation {
  /** Share of right predictions, 0..1: of classes, or of next symbols. */
  readonly accuracy: number;
  /** Of a language model for each symbol: exp of the mean cross-entropy. Null for what is no language model. */
  readonly perplexity: number | null;
}

/** `pass` opens the quantization for each batch, inside a tidy. */
export async function evaluate(
  network: Network,
  info: DatasetInfo,
  split: Split,
  pass: () => Quantization,
  statistics: Statistics = "running",
): Promise<Evaluation> {
  let total: tf.Tensor1D = tf.zeros([2]);
  for (const batch of evaluationBatches(info, split, evaluationBatch(network.graph))) {
    const before = total;
    total = tf.tidy(() => {
      const { x, labels } = upload(info, batch);
      const { loss, correct } = crossEntropy(forward(network, x, pass(), { training: false, statistics }).logits, labels);
      return tf.add<tf.Tensor1D>(before, tf.stack([correct, tf.mul(loss, labels.size)]));
    });
    before.dispose();
    await yieldTask();
  }
  const [correct, loss] = (await total.data()) as unknown as [number, number];
  total.dispose();
  const count = split.labels.length;
  const isLanguageModel = info.kind === "text" && info.task === "language-model";
  return { accuracy: correct / count, perplexity: isLanguageModel ? Math.exp(loss / count) : null };
}

/** Outputs before any softmax for `count` examples from the start of a split, row after row. */
export async function logitsOf(
  network: Network,
  info: DatasetInfo,
  split: Split,
  count: number,
  pass: () => Quantization,
): Promise<readonly (readonly number[])[]> {
  const [batch] = evaluationBatches(info, split, Math.min(count, countOf(info, split)));
  if (!batch) return [];
  const logits = tf.tidy(() => forward(network, upload(info, batch).x, pass(), { training: false }).logits);
  const rows = await logits.array();
  logits.dispose();
  return rows;
}

/** Predicted classes, or next symbols at each position, of `count` images or sequences from the start of a split. */
export async function predictionsOf(
  network: Network,
  info: DatasetInfo,
  split: Split,
  count: number,
  pass: () => Quantization,
): Promise<Uint16Array> {
  const wanted = sliceSplit(info, split, 0, Math.min(count, countOf(info, split)));
  const predictions: number[] = [];
  for (const batch of evaluationBatches(info, wanted, evaluationBatch(network.graph))) {
    const classes = tf.tidy(() => {
      const { x } = upload(info, batch);
      return tf.argMax(forward(network, x, pass(), { training: false }).logits, 1);
    });
    predictions.push(...(await classes.data()));
    classes.dispose();
  }
  return Uint16Array.from(predictions);
}
