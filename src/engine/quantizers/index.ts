import type * as tf from "@tensorflow/tfjs-core";
import type { Candidate, Role } from "../../core/search";
import { DOREFA } from "./dorefa";
import { gridTensor } from "./grid";
import { gaussian, hwgq } from "./hwgq";
import { floatTensor, imageInput } from "./identity";
import { PACT } from "./pact";
import type { Quantizer } from "./quantizer";
import { SCHEMES } from "./schemes";
import { schemeQuantizer } from "./schemes/quantizer";

export type { OpenQuantizer, Quantizer } from "./quantizer";

/** Those that the mixture kernels evaluate side by side. */
const GRID_QUANTIZERS = [gaussian, hwgq];

/** All quantizers, simplest first. */
const QUANTIZERS: readonly Quantizer[] = [
  floatTensor,
  imageInput,
  ...GRID_QUANTIZERS,
  ...DOREFA,
  ...PACT,
  ...SCHEMES.map(schemeQuantizer),
];

/** The quantizer called `id`; a RangeError with the known ones otherwise. */
export const findQuantizer = (id: string): Quantizer => find(QUANTIZERS, id);

/** Those that quantize tensors of a role to at most `mostBits`; what passes tensors on as they are is none. */
export const quantizersFor = (role: Role, mostBits: number): readonly Quantizer[] =>
  QUANTIZERS.filter(({ id, roles, minBits }) => roles.includes(role) && minBits <= mostBits && id !== imageInput.id);

/** Candidates as the grid tensor of the mixture kernels, [K, 6]. The caller disposes it. A RangeError for what is not on a grid. */
export const gridOf = (candidates: readonly Candidate[]): tf.Tensor2D =>
  gridTensor(candidates.map(({ scheme, bits }) => find(GRID_QUANTIZERS, scheme).row(bits)));

function find<Q extends Quantizer>(quantizers: readonly Q[], id: string): Q {
  const quantizer = quantizers.find((known) => known.id === id);
  if (!quantizer) throw new RangeError(`No quantizer "${id}". Known: ${quantizers.map((known) => known.id).join(", ")}.`);
  return quantizer;
}

/** Throws a RangeError with a sentence unless the quantizer can give each candidate its bits. */
export function checkCandidates(candidates: readonly Candidate[]): void {
  for (const { scheme, bits } of candidates) {
    const { label, minBits, maxBits } = findQuantizer(scheme);
    if (bits < minBits || bits > maxBits) {
      throw new RangeError(`The quantizer ${label} has ${minBits} to ${maxBits} bits: take ${bits} out of the candidates.`);
    }
  }
}
