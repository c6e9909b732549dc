/** Mixtures of AutoQNN's schemes, their gradients, and the statistics that they scale with. */
import type * as tf from "@tensorflow/tfjs-core";
import {
  KERNELS,
  SCHEME_COLUMNS,
  SCHEME_FORM,
  SCHEME_STATISTICS,
  STATISTIC,
  TERNARY_FACTOR,
  type SchemeMixAttrs,
  type SchemeStatisticsAttrs,
} from "../contract";
import { resolveRows } from "../scheme-row";
import {
  CANDIDATE_BYTES,
  CHUNK,
  SCHEME_BLOCK_BYTES,
  SCHEME_MOMENTS,
  SCHEME_MIX,
  SCHEME_MIX_GRAD,
  SCHEME_RESIDUAL,
  SCHEME_TERNARY,
} from "./kernel-ids";
import { deviationAround } from "./mixture";
import { address, input, output, register, sizeOf, type Call } from "./register";

export function registerSchemes(): void {
  register(KERNELS.schemeStatistics, schemeStatistics);
  register(KERNELS.schemeAverage, schemeAverage);
  register(KERNELS.schemeMix, schemeMix);
  register(KERNELS.schemeMixGrad, schemeMixGrad);
}

function schemeStatistics(call: Call<SchemeStatisticsAttrs>): tf.TensorInfo {
  const { residuals, ternary, zero } = call.attrs;
  const x = input(call, "x");
  const statistics = output(call, [SCHEME_STATISTICS]);
  const at = address(call, statistics);
  const set = (index: number, value: number): void => void (call.module.views().float32[(at >>> 2) + index] = value);
  for (let index = 0; index < SCHEME_STATISTICS; index++) set(index, 0);
  const { sum, magnitude, least, most } = moments(call, x);
  set(STATISTIC.magnitude, magnitude / sizeOf(x));
  // Each residual is what those before leave, whose magnitudes are in the statistics by then.
  for (let j = 1; j < residuals; j++) set(j, meanMagnitude(call, x, at, j, zero));
  set(STATISTIC.deviation, deviationAround(call, x, sum / sizeOf(x)));
  set(STATISTIC.minimum, least);
  set(STATISTIC.range, most - least);
  set(STATISTIC.largest, Math.max(-least, most));
  if (ternary) set(STATISTIC.ternary, ternaryScale(call, x, Math.fround(magnitude / sizeOf(x))));
  return statistics;
}

/** Of the residual that `count` magnitudes at `magnitudes` leave. */
function meanMagnitude(call: Call<unknown>, x: tf.TensorInfo, magnitudes: number, count: number, zero: number): number {
  const chunks = chunksOf(x);
  const partials = call.module.scratch(8 * chunks);
  call.module.run(SCHEME_RESIDUAL, chunks, [address(call, x), sizeOf(x), magnitudes, count, partials], [zero]);
  return strided(call.module.views().float64, partials >>> 3, chunks, 1) / sizeOf(x);
}

interface Moments {
  readonly sum: number;
  /** Of all magnitudes. */
  readonly magnitude: number;
  readonly least: number;
  readonly most: number;
}

function moments(call: Call<unknown>, x: tf.TensorInfo): Moments {
  const chunks = chunksOf(x);
  const partials = call.module.scratch(24 * chunks);
  call.module.run(SCHEME_MOMENTS, chunks, [address(call, x), sizeOf(x), partials]);
  const { float32, float64 } = call.module.views();
  let [least, most] = [Infinity, -Infinity];
  for (let chunk = 0, at = partials >>> 2; chunk < chunks; chunk++, at += 6) {
    least = Math.min(least, float32[at + 4] ?? NaN);
    most = Math.max(most, float32[at + 5] ?? NaN);
  }
  const [sum, magnitude] = [0, 1].map((column) => strided(float64, (partials >>> 3) + column, chunks, 3)) as [number, number];
  return { sum, magnitude, least, most };
}

function ternaryScale(call: Call<unknown>, x: tf.TensorInfo, magnitude: number): number {
  const chunks = chunksOf(x);
  const partials = call.module.scratch(16 * chunks);
  const threshold = Math.fround(Math.fround(TERNARY_FACTOR) * magnitude) / 2;
  call.module.run(SCHEME_TERNARY, chunks, [address(call, x), sizeOf(x), partials], [threshold]);
  const { float64 } = call.module.views();
  return strided(float64, partials >>> 3, chunks, 2) / Math.max(1, strided(float64, (partials >>> 3) + 1, chunks, 2));
}

/** Sum of `count` values, `stride` apart. */
function strided(values: Float64Array, from: number, count: number, stride: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[from + i * stride] ?? 0;
  return sum;
}

function schemeAverage(call: Call<{ readonly momentum: number }>): tf.TensorInfo {
  const { momentum } = call.attrs;
  const averaged = output(call, [SCHEME_STATISTICS]);
  const { float32 } = call.module.views();
  const [to, average, statistics] = [averaged, input(call, "average"), input(call, "statistics")].map(
    (tensor) => address(call, tensor) >>> 2,
  ) as [number, number, number];
  for (let i = 0; i < SCHEME_STATISTICS; i++)
    float32[to + i] = momentum * (float32[average + i] ?? 0) + (1 - momentum) * (float32[statistics + i] ?? 0);
  return averaged;
}

function schemeMix(call: Call<unknown>): tf.TensorInfo {
  const x = input(call, "x");
  const y = output(call, x.shape);
  const count = sizeOf(input(call, "p"));
  const candidates = call.module.scratch(CANDIDATE_BYTES * count + blocksBytes(x));
  writeCandidates(call, candidates);
  const blocks = candidates + CANDIDATE_BYTES * count;
  const statistics = address(call, input(call, "statistics"));
  const ints = [address(call, x), address(call, y), candidates, statistics, sizeOf(x), count, blocks];
  call.module.run(SCHEME_MIX, chunksOf(x), ints);
  return y;
}

function schemeMixGrad(call: Call<SchemeMixAttrs>): tf.TensorInfo[] {
  const { module } = call;
  const x = input(call, "x");
  const dx = output(call, x.shape);
  const dp = output(call, input(call, "p").shape);
  const count = sizeOf(dp);
  const chunks = chunksOf(x);
  const partials = module.scratch(8 * chunks * count + CANDIDATE_BYTES * count + blocksBytes(x));
  const candidates = partials + 8 * chunks * count;
  const blocks = candidates + CANDIDATE_BYTES * count;
  writeCandidates(call, candidates);
  const { learned, errors } = call.attrs;
  const tensors = [x, input(call, "dy"), dx].map((tensor) => address(call, tensor));
  const statistics = address(call, input(call, "statistics"));
  const ints = [...tensors, candidates, statistics, sizeOf(x), count, learned ? partials : 0, blocks, errors ? 1 : 0];
  module.run(SCHEME_MIX_GRAD, chunks, ints);
  const { float32, float64 } = module.views();
  for (let k = 0; k < count; k++)
    float32[(address(call, dp) >>> 2) + k] = learned ? strided(float64, (partials >>> 3) + k, chunks, count) : 0;
  return [dx, dp];
}

/** Each chunk has a block of its own: another thread may compute it. */
const blocksBytes = (x: tf.TensorInfo): number => SCHEME_BLOCK_BYTES * chunksOf(x);

/** Writes the candidates where the module reads them. */
function writeCandidates(call: Call<unknown>, to: number): void {
  const { float32 } = call.module.views();
  const inputValues = (name: string, size: number): Float32Array => {
    const from = address(call, input(call, name)) >>> 2;
    return float32.subarray(from, from + size);
  };
  const count = sizeOf(input(call, "p"));
  const p = inputValues("p", count);
  resolveRows(inputValues("rows", count * SCHEME_COLUMNS), inputValues("statistics", SCHEME_STATISTICS)).forEach((row, k) => {
    const { form, step, scale, start, low, high, offset, limit, zero } = row;
    // The module compares powers, not exponents.
    const [least, most] = form === SCHEME_FORM.power ? [2 ** low, 2 ** high] : [low, high];
    const values = [form, step, scale, start, least, most, offset, limit, zero, p[k] ?? 0];
    float32.set(values, (to + k * CANDIDATE_BYTES) >>> 2);
  });
}

function chunksOf(x: tf.TensorInfo): number {
  return Math.ceil(sizeOf(x) / CHUNK);
}
