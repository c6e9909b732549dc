/** Numbers as the page prints them: three significant digits, a no-break space before the unit, widths that do not jump. */

import { FLOAT_BITS } from "../core/cost";
import { meanBits, type Bits } from "../core/search";

/** Keeps number and unit on one line. */
const SPACE = "\u00a0";
/** Stands where there is no number. */
export const NO_NUMBER = "\u2013";
const MINUS = "\u2212";

const PREFIXES = ["", "k", "M", "G", "T", "P", "E"] as const;

/** "4.72 M", "472 k", "12.0"; with a unit "4.72 M MACs". Whole numbers below 1000 keep no decimals. */
export function compact(value: number, unit = ""): string {
  if (!Number.isFinite(value)) return NO_NUMBER;
  const sign = value < 0 ? MINUS : "";
  let size = Math.abs(value);
  let prefix = 0;
  // 999.5 prints as 1000 with three digits, which is the next prefix's 1.00.
  while (size >= 999.5 && prefix < PREFIXES.length - 1) {
    size /= 1000;
    prefix++;
  }
  const number = prefix === 0 && Number.isInteger(size) ? String(size) : threeDigits(size);
  return [sign + number, `${PREFIXES[prefix] ?? ""}${unit && prefix > 0 ? SPACE : ""}${unit}`].filter(Boolean).join(SPACE);
}

/** "1.24 MB", "980 B": decimal bytes. */
export function bytes(value: number): string {
  const text = compact(value < 1000 ? Math.round(value) : value);
  return /[a-zA-Z]$/.test(text) ? `${text}B` : `${text}${SPACE}B`;
}

/** Bit-widths with two decimals: "2.40". Decided ones are whole: `decimals` 0; so is a tensor that stays float. */
export function bits(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return NO_NUMBER;
  return value === FLOAT_BITS ? String(value) : value.toFixed(decimals);
}

/** Decided bits: whole ones as "3"; of kernels with widths of their own the mean, "2.4". */
export function decidedBits(tensor: Bits): string {
  const mean = meanBits(tensor);
  return bits(mean, Number.isInteger(mean) ? 0 : 1);
}

/** What kernels have beyond their mean: "0\u20134", and how many of them are pruned; null for a tensor of one width. */
export function kernelRange(tensor: Bits): { readonly range: string; readonly pruned: number } | null {
  if (typeof tensor === "number") return null;
  const [least, most] = [Math.min(...tensor), Math.max(...tensor)];
  const end = (width: number): string => bits(width, Number.isInteger(width) ? 0 : 1);
  return {
    range: least === most ? end(least) : `${end(least)}\u2013${end(most)}`,
    pruned: tensor.filter((width) => width === 0).length,
  };
}

/** A share 0..1 as "12.4 %". */
export const percent = (share: number, decimals = 1): string =>
  Number.isFinite(share) ? `${(share * 100).toFixed(decimals)}${SPACE}%` : NO_NUMBER;

/** What a network reached on the test data: "51.2 %", and of a language model "perplexity 5.23, 51.2 %". */
export const quality = ({ accuracy, perplexity }: { readonly accuracy: number; readonly perplexity: number | null }): string =>
  perplexity === null ? percent(accuracy) : `perplexity${SPACE}${threeDigits(perplexity)}, ${percent(accuracy)}`;

/** "31.2x" with the multiplication sign. */
export const factor = (value: number): string => (Number.isFinite(value) ? `${threeDigits(value)}\u00d7` : NO_NUMBER);

/** "0:23", "12:05", "1:02:03". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return NO_NUMBER;
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number): string => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A round number of an axis: "20 M", not "20.0 M". */
export const compactTick = (value: number): string => compact(value).replace(/\.0+(?=\D|$)/, "");

/** A knob or learning rate with at most three significant digits: "5e-4", "0.1", as the fields write them. */
export function knob(value: number): string {
  if (!Number.isFinite(value)) return NO_NUMBER;
  if (value === 0) return "0";
  return Math.abs(value) >= 0.01 && Math.abs(value) < 1000
    ? String(Number(value.toPrecision(3)))
    : value.toExponential(2).replace(/\.?0+e/, "e");
}

/** A loss with three decimals: "1.204". */
export const loss = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : NO_NUMBER);

/** Whole numbers with grouped thousands: "12 500". */
export const count = (value: number): string =>
  Number.isFinite(value) ? String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, SPACE) : NO_NUMBER;

/** 1.234 -> "1.23", 12.34 -> "12.3", 123.4 -> "123". */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 9.995 ? (size < 0.0995 && size > 0 ? 3 : 2) : size < 99.95 ? 1 : 0);
}
