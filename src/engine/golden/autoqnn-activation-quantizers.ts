/**
 * autoqnn.activation_quantizers/1: the published quantizers of activations through training and evaluation calls, and the moving averages
 * that they evaluate with.
 */
import * as tf from "@tensorflow/tfjs-core";
import { SCHEME_STATISTICS, STATISTIC } from "../kernels/contract";
import { schemeAverage } from "../kernels/ops";
import { averageStatistics } from "../quantizers/schemes";
import { published, publishedStatistics, quantize, statisticAt, withStatistic, type Published } from "./autoqnn-published";
import { stateOf } from "./autoqnn-weight-quantizers";
import { compare, type CaseResult, type Comparison } from "./compare";
import { field, tensorOf, toTensor, toleranceOf, type Json } from "./read";

export function checkActivationQuantizers(json: Json): Promise<readonly CaseResult[]> {
  const upstream = toTensor(tensorOf(json["upstream"]));
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const quantizer = published(field<string>(entry, "quantizer").replace(/Act$/, ""), field(entry, "bits"));
    const sequence = field<string>(entry, "sequence");
    const comparison = compare(`${quantizer.name} ${quantizer.bits} bits, ${sequence}`, toleranceOf(json));
    tf.tidy(() => checkCalls(comparison, quantizer, entry, field(json, "inputs", sequence), upstream));
    return comparison;
  });
  upstream.dispose();
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function checkCalls(
  comparison: Comparison,
  quantizer: Published,
  entry: Json,
  inputs: readonly unknown[],
  upstream: tf.Tensor,
): void {
  let average = initial(quantizer);
  field<readonly Json[]>(entry, "calls").forEach((call, i) => {
    const x = toTensor(tensorOf(inputs[field<number>(call, "input_index")]));
    const training = call["mode"] === "train";
    const own = publishedStatistics(x, [quantizer]);
    average = nextAverage(quantizer, average, keptStatistics(quantizer, x, own), training);
    const used = training ? own : average;
    const apply = (v: tf.Tensor): tf.Tensor => quantize(v, [quantizer.row], used);
    const y = apply(x);
    const evaluated = !training && quantizer.name === "ZoomQ" ? clipped(y, average) : y;
    comparison.check(`y of call ${i}`, evaluated, field(call, "y"));
    comparison.check(`grad_x of call ${i}`, tf.grad(apply)(x, upstream), field(call, "grad_x"));
    const state = field<Json>(call, "state");
    for (const [name, value] of Object.entries({ ...stateOf(quantizer, average), ...furtherState(quantizer, average) }))
      comparison.check(`${name} after call ${i}`, value, [field<number | number[]>(state, name)].flat());
  });
}

function furtherState({ name }: Published, average: tf.Tensor1D): Readonly<Record<string, tf.Tensor>> {
  if (name === "FixedQuant") return { tensor_maxval: statisticAt(average, STATISTIC.largest) };
  if (name === "ZoomQ") return { max_val: statisticAt(average, STATISTIC.largest) };
  return {};
}

/** Averages start from a step of 1, scales of 1, the range 0 to 1 and the mean 0; that of FixedQuant from 0. */
function initial({ name, row, bits }: Published): tf.Tensor1D {
  const start = new Array<number>(SCHEME_STATISTICS).fill(0);
  const set = (index: number, value: number): unknown => (start[index] = value);
  if (name === "ResQ") start.fill(1, 0, bits);
  else if (name !== "FixedQuant") set(row.statistic, (1 - row.added) / row.factor);
  if (row.scale === STATISTIC.ternary) set(row.scale, 1);
  if (name === "ZoomQ") set(STATISTIC.largest, 1);
  return tf.tensor1d(start);
}

/** The mean magnitude after each binary of ResQ, where that before it belongs; the maximum where ZoomQ uses no largest magnitude. */
function keptStatistics(quantizer: Published, x: tf.Tensor, own: tf.Tensor1D): tf.Tensor1D {
  if (quantizer.name === "ResQ") {
    const more = publishedStatistics(x, [published("ResQ", quantizer.bits + 1)]);
    return tf.concat([tf.slice(more, 1), tf.zeros<tf.Rank.R1>([1])]);
  }
  if (quantizer.name === "ZoomQ") return withStatistic(own, STATISTIC.largest, tf.max(x));
  return own;
}

/** FixedQuant keeps 0.99 of its average, and goes on in evaluation. */
function nextAverage({ name }: Published, average: tf.Tensor1D, statistics: tf.Tensor1D, training: boolean): tf.Tensor1D {
  const FIXED_MOMENTUM = 0.99;
  if (name === "FixedQuant") return schemeAverage(average, statistics, FIXED_MOMENTUM);
  return training ? averageStatistics(average, statistics) : average;
}

/** The evaluation of ZoomQ ends at the averaged range. */
function clipped(y: tf.Tensor, average: tf.Tensor1D): tf.Tensor {
  return tf.minimum(tf.maximum(y, statisticAt(average, STATISTIC.minimum)), statisticAt(average, STATISTIC.largest));
}
