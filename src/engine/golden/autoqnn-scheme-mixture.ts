/** autoqnn.scheme_mixture/1: a tensor's mixture of schemes with Gumbel-softmax weights, soft and hard, and its gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { schemeMix } from "../kernels/ops";
import { gumbelSoftmax, straightThrough } from "../methods/gumbel";
import { rowsTensor } from "../quantizers/schemes";
import { published, publishedStatistics, quantize } from "./autoqnn-published";
import { compare, type CaseResult, type Comparison } from "./compare";
import { field, tensorOf, toTensor, toleranceOf, type Json } from "./read";

export function checkSchemeMixture(json: Json): Promise<readonly CaseResult[]> {
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const count = field<readonly Json[]>(entry, "candidates").length;
    const comparison = compare(`${count} candidates, temperature ${field<number>(entry, "tau")}`, toleranceOf(json));
    tf.tidy(() => checkMixture(comparison, entry));
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function checkMixture(comparison: Comparison, entry: Json): void {
  const candidates = field<readonly Json[]>(entry, "candidates").map((candidate) =>
    published(field(candidate, "quantizer"), field(candidate, "bits")),
  );
  const [x, upstream] = [toTensor(tensorOf(entry["x"])), toTensor(tensorOf(entry["upstream"]))];
  const theta = tf.tensor2d([field<number[]>(entry, "theta")]);
  const noise = tf.tensor2d([field<number[]>(entry, "gumbel_noise")]);
  const rows = rowsTensor(candidates.map(({ row }) => row));
  const statistics = publishedStatistics(x, candidates);
  candidates.forEach(({ name, row }, k) =>
    comparison.check(`output of ${name}`, quantize(x, [row], statistics), field(entry, "candidate_outputs", k)),
  );
  const soft = (t: tf.Tensor): tf.Tensor2D => gumbelSoftmax(t as tf.Tensor2D, noise, field(entry, "tau"));
  for (const [name, weights] of Object.entries({ soft, hard: (t: tf.Tensor) => straightThrough(soft(t)) })) {
    const mixture = (v: tf.Tensor, t: tf.Tensor): tf.Tensor =>
      schemeMix(v, rows, statistics, tf.reshape(weights(t), [-1]), { learned: true });
    const [dx, dtheta] = tf.grads(mixture)([x, theta], upstream);
    comparison.check(`${name} weights`, weights(theta), field(entry, name, "weights"));
    comparison.check(`${name} y`, mixture(x, theta), field(entry, name, "y"));
    comparison.check(`${name} grad_x`, dx as tf.Tensor, field(entry, name, "grad_x"));
    comparison.check(`${name} grad_theta`, dtheta as tf.Tensor, field(entry, name, "grad_theta"));
  }
}
