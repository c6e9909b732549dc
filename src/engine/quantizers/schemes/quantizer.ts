/** A scheme of AutoQNN as a quantizer at fixed widths. */
import * as tf from "@tensorflow/tfjs-core";
import { statistics } from "../../kernels/cpu/schemes";
import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import type { SchemeRow } from "../../kernels/scheme-row";
import type { Quantizer } from "../quantizer";
import { statisticsFor } from "./index";
import { openSchemes } from "./open";
import type { Scheme } from "./scheme";

/** The quantizer of one scheme. It has one width for a tensor, none for each kernel. */
export function schemeQuantizer({ id, label, roles, minBits, maxBits, row, levels }: Scheme): Quantizer {
  const { form, offset, fromMinimum } = row(maxBits);
  return {
    id,
    label,
    roles,
    minBits,
    maxBits,
    rectifies: false,
    // Levels lie on (q + offset) step; those of sums and powers on no grid at all.
    zeroPoint: offset === 0 ? 0 : -offset,
    signed: fromMinimum === 0,
    rounding: form === SCHEME_FORM.floor ? "FLOOR" : "ROUND",
    open: (layer, bits, role) => {
      if (typeof bits !== "number") throw new RangeError(`Layer "${layer.name}": ${label} has no widths of single kernels.`);
      const own = row(bits);
      const one = tf.ones<tf.Rank.R1>([1]);
      const schemes = openSchemes([own], role === "activation");
      return {
        parameters: new Map(),
        apply: (x, training) => schemes.mix(x, one, { learned: false, training }),
        calibrate: () => undefined,
        steps: (weight) => tf.tidy(() => stepOf(own, schemes.statistics(weight))),
        ...(fromMinimum === 1 && {
          origin: (weight: tf.Tensor) => tf.tidy(() => tf.slice(schemes.statistics(weight), STATISTIC.minimum, 1)),
        }),
        dispose: () => {
          schemes.dispose();
          one.dispose();
        },
      };
    },
    levels: (bits, values) => levels(bits, statistics(values, statisticsFor([row(bits)]))),
  };
}

/** What the levels are multiples of, [1]: where they are no multiples of anything, the largest of what they are sums of. */
function stepOf({ scale, statistic, factor, power }: SchemeRow, known: tf.Tensor1D): tf.Tensor1D {
  if (scale >= 0) return tf.slice(known, scale, 1);
  const size = tf.slice(known, statistic, 1);
  return tf.mul(factor, power === 1 ? tf.pow(2, tf.floor(tf.div(tf.log(size), Math.LN2))) : size);
}
