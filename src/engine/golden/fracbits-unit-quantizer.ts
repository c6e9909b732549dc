/** fracbits.unit_quantizer/1: the unit quantizers, through the activation and the weight quantizer that contain them. */
import * as tf from "@tensorflow/tfjs-core";
import { quantizeWeight, type Unit } from "../quantizers/dorefa";
import { quantizeActivation } from "../quantizers/pact";
import { wholeWidths, type Widths } from "../quantizers/widths";
import { compare, type CaseResult, type Comparison } from "./compare";
import { layerOf } from "./fracbits-published";
import { field, tensorOf, toTensor, toleranceOf, type Json } from "./read";

export function checkUnitQuantizer(json: Json): Promise<readonly CaseResult[]> {
  const tolerance = toleranceOf(json);
  const x = tensorOf(json["x"]);
  const upstream = tensorOf(json["upstream"]);
  const comparisons: Comparison[] = [];
  for (const entry of field<readonly Json[]>(json, "cases")) {
    const [unit, bits, zero] = [field<Unit>(entry, "scheme"), field<number>(entry, "bits"), field<number>(entry, "zero_point")];
    const comparison = compare(`${unit} ${bits} bits, zero point ${zero}`, tolerance);
    tf.tidy(() => {
      const inputs = toTensor(x);
      const widths = wholeWidths(bits);
      const quantize = activationAs(unit, widths, zero);
      const y = tensorOf(entry["y"]).data;
      // Twice a number less one is not always a float32: such a boundary may fall to the neighbouring level.
      const boundaries = field<number[]>(entry, "boundary_indices");
      const step = 1 / (2 ** bits - (unit === "modified" ? 0 : 1));
      const indices = zero === 0 ? [] : boundaries.filter((i) => !isExact(x.data[i]));
      comparison.check("y", quantize(inputs), y, { neighbours: { indices, step } });
      // The identity, but at 0 and 1, where the clip around our quantizer passes nothing.
      const inside = tensorOf(entry["grad_x"]).data.map((gradient, i) => (isInside(x.data[i]) ? gradient : 0));
      comparison.check("grad_x", tf.grad(quantize)(inputs, toTensor(upstream)), inside);
      // The inverse of tanh, and tanh, round: any boundary may fall to the neighbouring level.
      if (zero === 0.5)
        comparison.check("weight", weightAs(unit, widths, inputs), y, { neighbours: { indices: boundaries, step } });
    });
    comparisons.push(comparison);
  }
  for (const entry of field<readonly Json[]>(json, "per_channel")) {
    const [unit, axis] = [field<Unit>(entry, "scheme"), field<number>(entry, "channel_axis")];
    const comparison = compare(`${unit}, bits per channel of axis ${axis}`, tolerance);
    tf.tidy(() => {
      const quantize = activationAs(unit, wholeWidths(field<number[]>(entry, "bits")), field(entry, "zero_point"));
      // Ours are channels of the last axis.
      const inputs = toTensor(tensorOf(entry["x"]));
      const order = [...inputs.shape.keys()].filter((i) => i !== axis).concat(axis);
      const back = order.map((_, i) => order.indexOf(i));
      comparison.check("y", tf.transpose(quantize(tf.transpose(inputs, order)), back), tensorOf(entry["y"]).data);
    });
    comparisons.push(comparison);
  }
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

/**
 * The unit quantizer inside the activation quantizer with clip 1: from 0 to 1 its 0 bits give 0, from -1 to 1 the middle. The published
 * zero points are these two.
 */
function activationAs(unit: Unit, widths: Widths, zeroPoint: number): (x: tf.Tensor) => tf.Tensor {
  const clip = tf.tensor1d([1]);
  if (zeroPoint === 0) return (x) => quantizeActivation(x, widths, clip, { unit, sides: "one", learned: false });
  return (x) => {
    const y = quantizeActivation(tf.sub(tf.mul(x, 2), 1), widths, clip, { unit, sides: "two", learned: false });
    return tf.div(tf.add(y, 1), 2);
  };
}

/** Half the largest weight: keeps the inverse of tanh away from its poles. */
const LARGEST = 0.5;

/** The unit quantizer inside the weight quantizer: weights whose place between the extremes is x, which has both extremes. */
function weightAs(unit: Unit, widths: Widths, x: tf.Tensor): tf.Tensor {
  const layer = layerOf({ in_features: x.size, out_features: 1, bias: false }, [x.size]);
  const weight = tf.atanh(tf.mul(tf.sub(tf.mul(x, 2), 1), LARGEST));
  return tf.div(tf.add(quantizeWeight(layer, weight, widths, unit, "none").y, 1), 2);
}

const isInside = (x = 0): boolean => x > 0 && x < 1;

const isExact = (x = 0): boolean => Math.fround(2 * Math.fround(x) - 1) === 2 * Math.fround(x) - 1;
