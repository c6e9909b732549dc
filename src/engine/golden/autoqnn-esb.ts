/**
 * autoqnn.esb/1: the elastic significant bits of the published code, forward only. Not among the schemes of the studio: written here in plain
 * operations. With more than one bit of exponent the levels are those of a small float with `linear` bits of fraction; with one, those of
 * ClipQ.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compare, type CaseResult } from "./compare";
import { field, tensorOf, toTensor, toleranceOf, type Json } from "./read";

/** By linear and nonlinear bits, in standard deviations. Read off the golden numbers, which do not state them. */
const SCALES: Readonly<Record<string, number>> = {
  "0,1": 0.9957,
  "1,1": 0.586,
  "2,1": 0.3352,
  "1,2": 0.4871,
  "2,2": 0.4828,
  "3,2": 0.4997,
  "4,3": 0.0412,
};

/** What the code adds to scales. */
const ADDED = 1e-5;

export function checkElasticBits(json: Json): Promise<readonly CaseResult[]> {
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const [linear, nonlinear] = [field<number>(entry, "linear_bits"), field<number>(entry, "nonlinear_bits")];
    const [perChannel, shifts] = [field<boolean>(entry, "per_channel"), field<boolean>(entry, "mean_shift")];
    const name = `${linear} + ${nonlinear} bits${perChannel ? ", per channel" : ""}${shifts ? ", around the mean" : ""}`;
    const comparison = compare(name, toleranceOf(json));
    tf.tidy(() => {
      const x = toTensor(tensorOf(json["x"]));
      // Output channels come first.
      const axes = perChannel ? [1, 2, 3] : [0, 1, 2, 3];
      const { mean, variance } = tf.moments(x, axes, true);
      const count = x.size / mean.size;
      const deviation = tf.sqrt(tf.mul(variance, count / (count - 1)));
      const scale = tf.add(tf.mul(deviation, SCALES[`${linear},${nonlinear}`] as number), ADDED);
      const centre = shifts ? mean : tf.zerosLike(mean);
      const position = tf.div(tf.sub(x, centre), scale);
      const level = nonlinear === 1 ? midRise(position, linear) : smallFloat(position, linear, nonlinear);
      comparison.check("y", tf.add(tf.mul(level, scale), centre), field(entry, "y"));
    });
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function midRise(position: tf.Tensor, linear: number): tf.Tensor {
  const most = 2 ** (linear + 1);
  return tf.add(tf.clipByValue(tf.floor(position), -most, most - 1), 0.5);
}

/** Levels j 2^(e - linear), j up to 2^(linear + 1) - 1, e up to 2^nonlinear - 2. */
function smallFloat(position: tf.Tensor, linear: number, nonlinear: number): tf.Tensor {
  const most = (2 ** (linear + 1) - 1) * 2 ** (2 ** nonlinear - 2 - linear);
  // Below 1 all are equally far apart.
  const exponent = tf.relu(tf.floor(tf.div(tf.log(tf.maximum(tf.abs(position), 1)), Math.LN2)));
  const step = tf.pow(2, tf.sub(exponent, linear));
  return tf.clipByValue(tf.mul(tf.round(tf.div(position, step)), step), -most, most);
}
