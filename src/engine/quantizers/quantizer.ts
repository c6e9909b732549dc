/** What a quantizer is to the rest of the engine: a row of a grid (see `kernels/contract.ts`) and how a policy describes it. */
import type { Role } from "../../core/search";

interface GridRow {
  readonly step: number;
  readonly shift: number;
  readonly qMin: number;
  readonly qMax: number;
  /** The gradient passes where passMin <= x <= passMax. */
  readonly passMin: number;
  readonly passMax: number;
}

export interface Quantizer {
  /** As in a policy's "scheme". */
  readonly id: string;
  readonly label: string;
  readonly roles: readonly Role[];
  readonly minBits: number;
  readonly maxBits: number;
  /** Steps relative to the tensor's scale: its standard deviation for weights, 1 for activations. */
  readonly row: (bits: number) => GridRow;
  /** Whether it maps everything below zero to zero, so that a ReLU before it changes nothing. */
  readonly rectifies: boolean;
  /** `value = (q - zeroPoint) * step` with integer q, as a policy writes it. */
  readonly zeroPoint: number;
  readonly signed: boolean;
}
