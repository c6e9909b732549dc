/**
 * The quantizers of the published AutoQNN code, slips included, as rows of our kernels and statistics for them: where the code differs from
 * the paper (see the golden README), the schemes of the studio follow the paper.
 */
import * as tf from "@tensorflow/tfjs-core";
import { SCHEME_STATISTICS, STATISTIC } from "../kernels/contract";
import { schemeMix, schemeStatistics } from "../kernels/ops";
import type { SchemeRow } from "../kernels/scheme-row";
import { findScheme, rowsTensor, statisticsFor } from "../quantizers/schemes";

/** Steps of the published tables, by bits, in standard deviations. */
const CLIP_STEPS = [0, 0, 0.9957, 0.586, 0.3352, 0.1881, 0.1041, 0.0569, 0.0308];
const POWER_STEPS = [0, 0, 0.9, 0.4, 0.03];
const UL2Q_STEPS = [0, 0, 0.9952901, 0.58722115, 0.3358905, 0.18944225, 0.10570877, 0.057082735, 0.03048218];

/** What the code adds to steps. */
const ADDED = 1e-7;
/** What it takes off the number of cells of ZoomQ, which has no clamp. */
const CELLS_LESS = 1e-4;
/** Further than any level goes: no clamp. */
const UNCLAMPED = 1e9;

/** A published quantizer, by its name there without "Act": `Binary`, `FixedQuant`, `VecQ` ... */
export interface Published {
  readonly name: string;
  readonly bits: number;
  readonly row: SchemeRow;
}

/** A RangeError for a name that is not known. */
export function published(name: string, bits: number): Published {
  const make = ROWS[name];
  if (!make) throw new RangeError(`No published quantizer "${name}". Known: ${Object.keys(ROWS).join(", ")}.`);
  return { name, bits, row: { ...make(bits), zero: 0 } };
}

const at = (list: readonly number[], bits: number): number => list[bits] as number;

/** VecQ and uL2Q are not among the eight schemes: ClipQ with a scale of its own, and ClipQ around the mean, without the middle. */
const ROWS: Readonly<Record<string, (bits: number) => SchemeRow>> = {
  Binary: (bits) => findScheme("binary").row(bits),
  Ternary: (bits) => findScheme("ternary").row(bits),
  FixedQuant: (bits) => ({ ...findScheme("fixed").row(bits), low: -UNCLAMPED, high: UNCLAMPED }),
  ResQ: (bits) => findScheme("resq").row(bits),
  ZoomQ: (bits) => ({
    ...findScheme("zoomq").row(bits),
    factor: 1 / (2 ** bits - CELLS_LESS),
    added: ADDED,
    low: -UNCLAMPED,
    high: UNCLAMPED,
  }),
  ClipQ: (bits) => ({ ...findScheme("clipq").row(bits), factor: at(CLIP_STEPS, bits), added: ADDED }),
  PotQ: (bits) => ({ ...findScheme("potq").row(bits), factor: at(POWER_STEPS, bits), added: ADDED }),
  VecQ: (bits) => ({
    ...findScheme("clipq").row(bits),
    factor: at(CLIP_STEPS, bits),
    added: ADDED,
    pass: 0,
    scale: STATISTIC.ternary,
  }),
  uL2Q: (bits) => ({ ...findScheme("clipq").row(bits), factor: at(UL2Q_STEPS, bits), offset: 0, pass: 0, fromMinimum: 1 }),
};

/** Statistics of `x` that these quantizers need. VecQ's scale and uL2Q's mean take the places of what those two do not use. */
export function publishedStatistics(x: tf.Tensor, quantizers: readonly Published[]): tf.Tensor1D {
  const statistics = schemeStatistics(x, statisticsFor(quantizers.map(({ row }) => row)));
  const [first] = quantizers;
  if (first?.name === "VecQ") return withStatistic(statistics, STATISTIC.ternary, vectorScale(x, first, statistics));
  if (first?.name === "uL2Q") return withStatistic(statistics, STATISTIC.minimum, tf.mean(x));
  return statistics;
}

/** VecQ keeps the length of the vector of all values. */
function vectorScale(x: tf.Tensor, { row }: Published, statistics: tf.Tensor1D): tf.Scalar {
  const levels = quantize(x, [{ ...row, scale: -1 }], statistics);
  const step = stepOf(row, statistics);
  return tf.div(tf.mul(tf.norm(x), step), tf.norm(levels));
}

/** The step of a candidate, []. */
export function stepOf({ statistic, factor, added, power }: SchemeRow, statistics: tf.Tensor1D): tf.Scalar {
  const size = statisticAt(statistics, statistic);
  const used = power === 1 ? tf.pow(2, tf.floor(tf.div(tf.log(size), Math.LN2))) : size;
  return tf.add(tf.mul(used, factor), added);
}

/** One of the statistics, []. */
export const statisticAt = (statistics: tf.Tensor1D, index: number): tf.Scalar => tf.reshape(tf.slice(statistics, index, 1), []);

/** The statistics with another value at `index`. */
export function withStatistic(statistics: tf.Tensor1D, index: number, value: tf.Scalar): tf.Tensor1D {
  const place = tf.oneHot(tf.scalar(index, "int32"), SCHEME_STATISTICS);
  return tf.where(tf.cast(place, "bool"), tf.mul(tf.ones([SCHEME_STATISTICS]), value), statistics);
}

/** One candidate's output, straight-through. */
export const quantize = (x: tf.Tensor, rows: readonly [SchemeRow], statistics: tf.Tensor1D): tf.Tensor =>
  schemeMix(x, rowsTensor(rows), statistics, tf.ones([1]), { learned: false });
