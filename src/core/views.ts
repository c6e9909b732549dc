/** What the page sees of tensors and quantizers, besides a run. Everything here survives `structuredClone`. */
import type { Role } from "./search";

/** One histogram with the levels that each candidate quantizer would give. */
export interface TensorView {
  readonly min: number;
  readonly max: number;
  /** Counts of equal bins from min to max. */
  readonly counts: Uint32Array;
  /** For each candidate (or the fixed choice): its bits, its scheme and quantization levels inside [min, max]. */
  readonly levels: readonly { readonly bits: number; readonly scheme: string; readonly values: readonly number[] }[];
}

/** What the selected layer's tensors look like now. */
export interface LayerView {
  readonly layer: string;
  readonly weight: TensorView;
  /** On the sample images. */
  readonly activation: TensorView;
}

/** What the quantizer lab looks at: the values of a distribution, or of a layer of the last search. */
export interface LabRequest {
  readonly source: { readonly type: "distribution"; readonly id: string } | { readonly type: "layer"; readonly layer: string };
  /** Whose quantizers, and which tensor of a layer. */
  readonly role: Role;
  readonly bits: number;
}

/** Every quantizer of a role on the same values. */
export interface LabView {
  readonly min: number;
  readonly max: number;
  /** Counts of equal bins from min to max. */
  readonly counts: Uint32Array;
  readonly quantizers: readonly LabQuantizer[];
}

export interface LabQuantizer {
  readonly id: string;
  readonly label: string;
  /** Signal to quantization noise in decibels at 1, 2 ... 8 bits, at the scale that suits it best; null where it has no such bits. */
  readonly quality: readonly (number | null)[];
  /** Its staircase at the asked bits, at that scale: `value` from `from` on. Empty where it has no such bits. */
  readonly stairs: readonly { readonly from: number; readonly value: number }[];
}
