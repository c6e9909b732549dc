/** Text of a number field to a number inside its limits: what is wrong comes back as a sentence for the field. */

export interface Limits {
  readonly min: number;
  readonly max: number;
}

export type ReadNumber = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly message: string };

/** Reads a field. `whole` asks for an integer. */
export function readNumber(text: string, limits: Limits, whole: boolean): ReadNumber {
  const trimmed = text.trim();
  const value = trimmed === "" ? NaN : Number(trimmed);
  const range = `from ${asText(limits.min)} to ${asText(limits.max)}`;
  if (!Number.isFinite(value)) return { ok: false, message: `Enter a ${whole ? "whole " : ""}number ${range}.` };
  if (whole && !Number.isInteger(value)) return { ok: false, message: `Enter a whole number ${range}.` };
  if (value < limits.min || value > limits.max) return { ok: false, message: `It must be ${range}.` };
  return { ok: true, value };
}

/** The nearest value inside the limits. */
export const clamp = (value: number, { min, max }: Limits): number => Math.min(max, Math.max(min, value));

/** Bit-widths after one of them was switched on or off, in order; null if none would be left. */
export function toggledBits(bits: readonly number[], bit: number): readonly number[] | null {
  const next = bits.includes(bit) ? bits.filter((other) => other !== bit) : [...bits, bit].sort((a, b) => a - b);
  return next.length === 0 ? null : next;
}

/** A number as a person types it, in full precision: "0.25", "5e-4", "2147483647". */
export const asText = (value: number): string => (value !== 0 && Math.abs(value) < 1e-2 ? value.toExponential() : String(value));
