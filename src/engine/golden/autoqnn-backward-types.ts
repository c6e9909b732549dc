/**
 * autoqnn.backward_types/1: the published alternatives to the straight-through estimator. They mix the quantizer with the identity,
 * `Q(x) + ratio (x - Q(x))`, and "pwl-c" clips to the range of the levels first. The studio has none of them.
 */
import * as tf from "@tensorflow/tfjs-core";
import { STATISTIC } from "../kernels/contract";
import { published, publishedStatistics, quantize, statisticAt, stepOf, type Published } from "./autoqnn-published";
import { compare, type CaseResult } from "./compare";
import { field, tensorOf, toTensor, toleranceOf, type Json } from "./read";

export function checkBackwardTypes(json: Json): Promise<readonly CaseResult[]> {
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const [type, ratio] = [field<string>(entry, "backward_type"), field<number>(entry, "gradient_ratio")];
    const quantizer = published(field(entry, "quantizer"), field(entry, "bits"));
    const comparison = compare(`${quantizer.name} ${quantizer.bits} bits, ${type}, ratio ${ratio}`, toleranceOf(json));
    tf.tidy(() => {
      const [x, upstream] = [toTensor(tensorOf(json["x"])), toTensor(tensorOf(json["upstream"]))];
      const apply = (v: tf.Tensor): tf.Tensor => estimate(v, quantizer, publishedStatistics(x, [quantizer]), type, ratio);
      comparison.check("y", apply(x), tensorOf(entry["y"]).data);
      comparison.check("grad_x", tf.grad(apply)(x, upstream), tensorOf(entry["grad_x"]).data);
    });
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function estimate(x: tf.Tensor, quantizer: Published, statistics: tf.Tensor1D, type: string, ratio: number): tf.Tensor {
  const quantized = (v: tf.Tensor): tf.Tensor => quantize(v, [quantizer.row], statistics);
  if (type === "ste") return quantized(x);
  // ClipQ clips whatever the type.
  const inside = type === "pwl-c" || quantizer.name === "ClipQ" ? clipToLevels(x, quantizer, statistics) : x;
  return tf.add(tf.mul(quantized(inside), 1 - ratio), tf.mul(inside, ratio));
}

/** Between the outermost levels of b bits, or of the ternary scale. */
function clipToLevels(x: tf.Tensor, { name, bits, row }: Published, statistics: tf.Tensor1D): tf.Tensor {
  const ternary = name === "Ternary";
  const scale = ternary ? statisticAt(statistics, STATISTIC.ternary) : stepOf(row, statistics);
  const least = ternary ? -1 : row.offset - 2 ** (bits - 1);
  const most = ternary ? 1 : row.offset + 2 ** (bits - 1) - 1;
  return tf.mul(tf.clipByValue(tf.div(x, scale), least, most), scale);
}
