/** autoqnn.weight_quantizers/1: the published quantizers of weights, values, gradients and what they scale with. */
import * as tf from "@tensorflow/tfjs-core";
import { STATISTIC } from "../kernels/contract";
import {
  published,
  publishedStatistics,
  quantize,
  statisticAt,
  stepOf,
  withStatistic,
  type Published,
} from "./autoqnn-published";
import { compare, type CaseResult, type Comparison } from "./compare";
import { field, tensorOf, toTensor, toleranceOf, type Json } from "./read";

export function checkWeightQuantizers(json: Json, exact: boolean): Promise<readonly CaseResult[]> {
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const quantizer = published(field(entry, "quantizer"), field(entry, "bits"));
    const vector = field<string>(entry, "vector");
    const comparison = compare(`${quantizer.name} ${quantizer.bits} bits, ${vector}`, toleranceOf(json));
    tf.tidy(() => checkQuantizer(comparison, quantizer, entry, field(json, "inputs", vector), exact));
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function checkQuantizer(comparison: Comparison, quantizer: Published, entry: Json, input: Json, exact: boolean): void {
  const [x, upstream] = [toTensor(tensorOf(input["x"])), toTensor(tensorOf(input["upstream"]))];
  const statistics = publishedStatistics(x, [quantizer]);
  const y = tensorOf(entry["y"]).data;
  // Where division is inexact a fragile element may lie on a neighbouring level, or beyond the end of the range.
  const indices = exact ? [] : field<number[]>(entry, "fragile_indices");
  const gap = Math.max(...gapsOf(y));
  const gradient = (known: tf.Tensor1D): tf.Tensor => tf.grad((v: tf.Tensor) => quantize(v, [quantizer.row], known))(x, upstream);
  comparison.check("y", quantize(x, [quantizer.row], statistics), y, { neighbours: { indices, step: gap } });
  comparison.check("grad_x", gradient(statistics), tensorOf(entry["grad_x"]).data, { neighbours: { indices, step: Infinity } });
  const state = field<Json>(entry, "state");
  // That of ResQ is what remains after each binary, as in the file of the activations.
  if (quantizer.name !== "ResQ")
    for (const [name, value] of Object.entries(stateOf(quantizer, statistics)))
      comparison.check(name, value, [field<number>(state, name)]);
  const first = entry["first_call_grad_x"];
  // The first call masks with a step of 1.
  if (first) {
    const factor = quantizer.row.factor;
    const unit = withStatistic(statistics, STATISTIC.deviation, tf.scalar((1 - quantizer.row.added) / factor));
    comparison.check("first grad_x", gradient(unit), tensorOf(first).data);
  }
}

/** Distances of neighbouring values. */
function gapsOf(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.slice(1).map((value, i) => value - (sorted[i] as number));
}

/** What the published code keeps of a tensor, by its names. */
export function stateOf({ name, bits, row }: Published, statistics: tf.Tensor1D): Readonly<Record<string, tf.Tensor>> {
  const step = stepOf(row, statistics);
  const scale = statisticAt(statistics, STATISTIC.ternary);
  const least = statisticAt(statistics, STATISTIC.minimum);
  switch (name) {
    case "Ternary":
      return { delta: step, alpha: scale };
    case "ResQ":
      return { alphas: tf.slice(statistics, 0, bits) };
    case "ZoomQ":
      return { alpha: step, min_val: least };
    case "VecQ":
      return { alpha: step, re_alpha: scale };
    case "uL2Q":
      return { alpha: step, beta: least };
    case "FixedQuant":
      return {};
    default:
      return { alpha: step };
  }
}
