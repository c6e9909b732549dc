/** FracBits's activation quantizer: PACT (Choi et al. 2018), a clip that is learned with the weights, around a unit quantizer. */
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../../core/layers";
import { fracActivation } from "../kernels/ops";
import { makeVariable } from "../network";
import type { Unit } from "./dorefa";
import type { Quantizer } from "./quantizer";
import { unitLevels, unitSteps, wholeWidths, type Widths } from "./widths";

/** Where the clips start (published code). */
const INITIAL_CLIP = { conv: 8, dense: 10 } as const;

export type Sides = "one" | "two";

/** Id of the quantizer with this unit quantizer: from 0 to the clip, or from minus the clip to the clip. */
export const pactId = (unit: Unit, sides: Sides): string =>
  `pact${unit === "modified" ? "-modified" : ""}${sides === "two" ? "-signed" : ""}`;

/** Name of a layer's clip among the variables. */
export const clipName = (layer: string): string => `${layer}.clip`;

/** A layer's clip where it starts. The caller disposes it. */
export const openClip = (layer: Layer): tf.Variable<tf.Rank.R1> =>
  makeVariable<tf.Rank.R1>(tf.tensor1d([INITIAL_CLIP[layer.op]]), true);

/** Clips start at so many root mean squares: nearly all of a normal tensor lies within. */
const CLIP_RMS = 4;

/**
 * Starts a clip from a tensor of the data. The published 8 and 10 leave most tensors after a batch norm to the lowest level of two or
 * three bits, and a run here has hundreds of steps to learn better, not a hundred thousand.
 */
export function calibrateClip(clip: tf.Variable<tf.Rank.R1>, x: tf.Tensor, sides: Sides): void {
  tf.tidy(() => {
    const used = sides === "one" ? tf.relu(x) : x;
    const rms = tf.sqrt(tf.mean(tf.square(used)));
    // A tensor of zeros says nothing about its range.
    clip.assign(tf.reshape(tf.where(tf.greater(rms, 0), tf.mul(rms, CLIP_RMS), clip), [1]));
  });
}

/** The activation at interpolated widths. `learned` says whether anybody wants the gradient of the widths. */
export function quantizeActivation<T extends tf.Tensor>(
  x: T,
  { widths, share }: Widths,
  clip: tf.Tensor1D,
  how: { readonly unit: Unit; readonly sides: Sides; readonly learned: boolean },
): T {
  return fracActivation(x, widths, share, clip, {
    modified: how.unit === "modified",
    twoSided: how.sides === "two",
    learned: how.learned,
  });
}

function pact(unit: Unit, sides: Sides): Quantizer {
  const modified = unit === "modified";
  const range = sides === "two" ? 2 : 1;
  return {
    id: pactId(unit, sides),
    label: `PACT${sides === "two" ? ", two-sided" : ""}${modified ? ", modified levels" : ""}`,
    roles: ["activation"],
    minBits: 0,
    maxBits: 8,
    rectifies: sides === "one",
    zeroPoint: sides === "two" && !modified ? -0.5 : 0,
    signed: sides === "two",
    rounding: modified ? "FLOOR" : "ROUND",
    open: (layer, bits) => {
      const fixed = wholeWidths(bits);
      const clip = openClip(layer);
      return {
        parameters: new Map([[clipName(layer.name), clip]]),
        calibrate: (x) => calibrateClip(clip, x, sides),
        apply: (x) => quantizeActivation(x, fixed, clip, { unit, sides, learned: false }),
        steps: () => tf.mul(unitSteps(fixed, modified), tf.mul(range, tf.abs(clip))),
        dispose: () => tf.dispose([fixed.widths, fixed.share, clip]),
      };
    },
    levels: (bits, _values, learned) => {
      const clip = learned.get("clip");
      if (clip === undefined || bits === 0) return [];
      return unitLevels(bits, modified).map((level) => Math.abs(clip) * (range * level - (range - 1)));
    },
  };
}

export const PACT: readonly Quantizer[] = (["original", "modified"] as const).flatMap((unit) =>
  (["one", "two"] as const).map((sides) => pact(unit, sides)),
);
