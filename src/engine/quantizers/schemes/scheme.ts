/** What a quantization scheme of AutoQNN is to the rest of the engine. */
import type { SchemeInfo } from "../../../core/catalog";
import type { Role } from "../../../core/search";
import { levelsOf, resolveRows, rowValues, type ResolvedRow, type SchemeRow } from "../../kernels/scheme-row";

export interface Scheme extends Omit<SchemeInfo, "grid"> {
  /** The candidate at `bits` for the kernels. */
  readonly row: (bits: number) => SchemeRow;
  /** Its levels at `bits` on a tensor with these `statistics` [13], ascending, in the tensor's units. */
  readonly levels: (bits: number, statistics: Float32Array) => readonly number[];
  /** What its levels are multiples of there: the distance of two levels, where all are equally far apart. */
  readonly step: (bits: number, statistics: Float32Array) => number;
}

export const WEIGHTS_ONLY: readonly Role[] = ["weight"];
export const WEIGHTS_AND_ACTIVATIONS: readonly Role[] = ["weight", "activation"];

/** What a row is unless the scheme says otherwise: a step in units of one statistic, sign(0) = -1, and a gradient everywhere. */
const USUAL = { added: 0, power: 0, fromMinimum: 0, scale: -1, low: 0, offset: 0, pass: 0, zero: -1 } as const;

type Given = Pick<SchemeRow, "form" | "statistic" | "factor" | "high"> & Partial<SchemeRow>;

/** A scheme from its row at `bits`. */
export function schemeOf(given: Omit<Scheme, "row" | "levels" | "step"> & { readonly row: (bits: number) => Given }): Scheme {
  const row = (bits: number): SchemeRow => ({ ...USUAL, ...given.row(bits) });
  const on = (bits: number, statistics: Float32Array): ResolvedRow => {
    const [resolved] = resolveRows(Float32Array.from(rowValues(row(bits))), statistics);
    return resolved as ResolvedRow;
  };
  return {
    ...given,
    row,
    levels: (bits, statistics) => levelsOf(on(bits, statistics)),
    step: (bits, statistics) => on(bits, statistics).scale,
  };
}
