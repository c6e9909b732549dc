/**
 * FracBits's weight quantizer: DoReFa's mapping by tanh (Zhou et al. 2016) with a unit quantizer in [0, 1], and SAT's rescaling to a
 * sane variance (Jin et al. 2020). A width for each kernel; 0 bits prune it.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../../core/layers";
import { fracWeight } from "../kernels/ops";
import type { Quantizer } from "./quantizer";
import { unitLevels, unitSteps, wholeWidths, type Widths } from "./widths";

export type Unit = "original" | "modified";
export type Rescale = "none" | "constant" | "stddev";

const SUFFIX: Readonly<Record<Rescale, string>> = { none: "", constant: "-sat", stddev: "-sat-stddev" };
const RESCALE_LABEL: Readonly<Record<Rescale, string>> = {
  none: "",
  constant: ", rescaled (SAT)",
  stddev: ", rescaled to its own deviation",
};

/** Id of the quantizer with this unit quantizer and rescaling. */
export const dorefaId = (unit: Unit, rescale: Rescale): string =>
  `dorefa${unit === "modified" ? "-modified" : ""}${SUFFIX[rescale]}`;

/** The weight at interpolated widths, and the factor that rescaled it, [1]. */
export function quantizeWeight<T extends tf.Tensor>(layer: Layer, w: T, { widths, share }: Widths, unit: Unit, rescale: Rescale) {
  // The published fan-out: output channels times the kernel's area.
  const fanOut = (layer.output.at(-1) as number) * layer.area;
  return fracWeight(w, widths, share, { modified: unit === "modified", rescale, fanOut });
}

function dorefa(unit: Unit, rescale: Rescale): Quantizer {
  const modified = unit === "modified";
  return {
    id: dorefaId(unit, rescale),
    label: `DoReFa${modified ? ", modified levels" : ""}${RESCALE_LABEL[rescale]}`,
    roles: ["weight"],
    minBits: 0,
    maxBits: 8,
    rectifies: false,
    // Modified levels are q 2^(1-b) with q from -2^(b-1); original ones lie halfway between the multiples of their step.
    zeroPoint: modified ? 0 : -0.5,
    signed: true,
    rounding: modified ? "FLOOR" : "ROUND",
    open: (layer, bits) => {
      const fixed = wholeWidths(bits);
      return {
        parameters: new Map(),
        apply: (w) => quantizeWeight(layer, w, fixed, unit, rescale).y,
        calibrate: () => undefined,
        steps: (w) => tf.mul(unitSteps(fixed, modified), tf.mul(2, quantizeWeight(layer, w, fixed, unit, rescale).scale)),
        dispose: () => tf.dispose([fixed.widths, fixed.share]),
      };
    },
    // The levels are those of tanh(w) / max|tanh(w)|; the picture shows where they lie among the weights.
    levels: (bits, values) => {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(Math.tanh(value))), 0);
      return bits === 0 ? [] : unitLevels(bits, modified).map((level) => Math.atanh((2 * level - 1) * largest));
    },
  };
}

export const DOREFA: readonly Quantizer[] = (["original", "modified"] as const).flatMap((unit) =>
  (["none", "constant", "stddev"] as const).map((rescale) => dorefa(unit, rescale)),
);
