import * as tf from "@tensorflow/tfjs-core";
import type { Candidate } from "../../core/search";
import { gaussian, hwgq } from "./hwgq";
import type { Quantizer } from "./quantizer";

export type { Quantizer } from "./quantizer";

/** All quantizers, simplest first. */
const QUANTIZERS: readonly Quantizer[] = [gaussian, hwgq];

/** The quantizer called `id`; a RangeError with the known ones otherwise. */
export function findQuantizer(id: string): Quantizer {
  const quantizer = QUANTIZERS.find((known) => known.id === id);
  if (!quantizer) throw new RangeError(`No quantizer "${id}". Known: ${QUANTIZERS.map((known) => known.id).join(", ")}.`);
  return quantizer;
}

/** Candidates as the grid tensor of the mixture kernels, [K, 6]. The caller disposes it. */
export function gridOf(candidates: readonly Candidate[]): tf.Tensor2D {
  return tf.tensor2d(
    candidates.map(({ scheme, bits }) => {
      const { step, shift, qMin, qMax, passMin, passMax } = findQuantizer(scheme).row(bits);
      return [step, shift, qMin, qMax, passMin, passMax];
    }),
  );
}

/** Levels of one candidate for a tensor of the given scale, ascending. */
export function levelsOf({ scheme, bits }: Candidate, scale: number): readonly number[] {
  const { step, shift, qMin, qMax } = findQuantizer(scheme).row(bits);
  return Array.from({ length: qMax - qMin + 1 }, (_, i) => (qMin + i - shift) * step * scale);
}
