/** Candidates of AutoQNN as rows of numbers, and what a row means for a tensor with given statistics. See `contract.ts`. */
import { RESIDUALS, SCHEME_COLUMNS, SCHEME_FORM, SCHEME_LEAST_STEP, STATISTIC } from "./contract";

/** One candidate. All numbers; flags are 0 or 1. */
export interface SchemeRow {
  /** What rounds: one of SCHEME_FORM. */
  readonly form: number;
  /** Place of the statistic that the step is proportional to. */
  readonly statistic: number;
  readonly factor: number;
  /** Added to the step: 0, but in published code. */
  readonly added: number;
  /** Whether the largest power of two up to the statistic takes its place. */
  readonly power: number;
  /** Whether the levels start at the minimum of the tensor. */
  readonly fromMinimum: number;
  /** Place of the statistic that levels are multiplied with; -1: with the step. */
  readonly scale: number;
  /** Least and greatest level, of powers the exponent; for residuals 0 and their number. */
  readonly low: number;
  readonly high: number;
  /** Added to a level. */
  readonly offset: number;
  /** The gradient passes up to so many steps from the start of the levels; 0: everywhere. */
  readonly pass: number;
  /** The sign of 0: -1, or 0 in published code. */
  readonly zero: number;
}

/** The row as it lies in the tensor of rows. */
export const rowValues = (row: SchemeRow): readonly number[] => [
  row.form,
  row.statistic,
  row.factor,
  row.added,
  row.power,
  row.fromMinimum,
  row.scale,
  row.low,
  row.high,
  row.offset,
  row.pass,
  row.zero,
];

/** A candidate on a tensor: everything in the tensor's own units and rounded to float32. */
export interface ResolvedRow {
  readonly form: number;
  readonly step: number;
  readonly scale: number;
  readonly start: number;
  readonly low: number;
  readonly high: number;
  readonly offset: number;
  /** The gradient passes where |x - start| is at most this. */
  readonly limit: number;
  readonly zero: number;
  /** Mean magnitudes of the residuals. */
  readonly residuals: Float32Array;
}

/** WGSL may assume that no infinity occurs: the largest finite value stands in. */
const UNLIMITED = 3.4e38;

const f = Math.fround;

/** The candidates `rows` [K, 12] on a tensor with `statistics` [13]. */
export function resolveRows(rows: Float32Array, statistics: Float32Array): readonly ResolvedRow[] {
  return Array.from({ length: rows.length / SCHEME_COLUMNS }, (_, k) => {
    const at = k * SCHEME_COLUMNS;
    const column = (index: number): number => rows[at + index] as number;
    const statistic = statistics[column(1)] as number;
    const size = column(4) === 1 ? powerUpTo(statistic) : statistic;
    const step = Math.max(f(f(column(2) * size) + column(3)), SCHEME_LEAST_STEP);
    return {
      form: column(0),
      step,
      scale: column(6) < 0 ? step : (statistics[column(6)] as number),
      start: column(5) * (statistics[STATISTIC.minimum] as number),
      low: column(7),
      high: column(8),
      offset: column(9),
      limit: column(10) === 0 ? UNLIMITED : f(column(10) * step),
      zero: column(11),
      residuals: statistics.subarray(0, RESIDUALS),
    };
  });
}

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** 2^floor(log2 v) for v > 0, and 0 for 0: the exponent of the float32. */
function powerUpTo(v: number): number {
  floats[0] = v;
  words[0] = (words[0] as number) & 0x7f800000;
  return floats[0];
}

/** floor(log2 v) of a normal float32 v > 0. */
export function exponentOf(v: number): number {
  floats[0] = v;
  return (((words[0] as number) >>> 23) & 255) - 127;
}

/** The levels of a candidate on a tensor, ascending. */
export function levelsOf({ form, scale, start, low, high, offset, residuals }: ResolvedRow): readonly number[] {
  if (form === SCHEME_FORM.power) {
    const positive = Array.from({ length: high - low + 1 }, (_, i) => scale * powerLevel(low + i));
    return [...positive.map((level) => -level).reverse(), ...positive];
  }
  if (form === SCHEME_FORM.residual) {
    const signs = Array.from({ length: 2 ** high }, (_, code) =>
      Array.from({ length: high }, (_, j) => ((code >> j) & 1) * 2 - 1),
    );
    return signs.map((each) => each.reduce((sum, sign, j) => sum + sign * (residuals[j] as number), 0)).sort((a, b) => a - b);
  }
  return Array.from({ length: high - low + 1 }, (_, i) => (low + i + offset) * scale + start);
}

/** The level of PotQ with exponent e: 1/2 takes the place of 1. */
export const powerLevel = (e: number): number => (e === 0 ? 0.5 : 2 ** e);
