/**
 * Reference arithmetic of AutoQNN's schemes: what every other backend is compared with. Values are rounded to float32 where the GPU and
 * WebAssembly kernels round; sums are kept in float64.
 */
import { roundHalfEven } from "../../../core/round";
import { SCHEME_FORM, SCHEME_STATISTICS, STATISTIC, TERNARY_FACTOR, type SchemeStatisticsAttrs } from "../contract";
import { exponentOf, powerLevel, type ResolvedRow } from "../scheme-row";
import { sampleStd } from "./reference";

const f = Math.fround;
const SQRT_2 = f(Math.SQRT2);

/** The statistics of the contract, [13]. */
export function statistics(x: Float32Array, { residuals, ternary, zero }: SchemeStatisticsAttrs): Float32Array {
  const found = new Float32Array(SCHEME_STATISTICS);
  const rest = x.slice();
  for (let j = 0; j < residuals; j++) {
    const magnitude = meanMagnitude(rest);
    found[j] = magnitude;
    rest.forEach((r, i) => (rest[i] = r - f(magnitude) * signOf(r, zero)));
  }
  let [least, most] = [Infinity, -Infinity];
  for (const value of x) [least, most] = [Math.min(least, value), Math.max(most, value)];
  found[STATISTIC.deviation] = sampleStd(x);
  found[STATISTIC.minimum] = least;
  found[STATISTIC.range] = most - least;
  found[STATISTIC.largest] = Math.max(-least, most);
  found[STATISTIC.ternary] = ternary ? ternaryScale(x, found[STATISTIC.magnitude] as number) : 0;
  return found;
}

function meanMagnitude(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum / values.length;
}

function ternaryScale(x: Float32Array, magnitude: number): number {
  const threshold = f(f(TERNARY_FACTOR) * magnitude) / 2;
  let [sum, count] = [0, 0];
  for (const value of x) {
    if (Math.abs(value) <= threshold) continue;
    sum += Math.abs(value);
    count++;
  }
  return sum / Math.max(1, count);
}

/** The sign, which zero has as well. */
const signOf = (x: number, zero: number): number => (x === 0 ? zero : x > 0 ? 1 : -1);

/** Q(x) of the contract, in float32. */
function quantize(x: number, row: ResolvedRow): number {
  if (Number.isNaN(x)) return x;
  const { form, step, scale, start, low, high, offset, zero, residuals } = row;
  if (form === SCHEME_FORM.power) {
    const e = Math.min(Math.max(exponentOf(f(f(Math.abs(x) / step) * SQRT_2)), low), high);
    return signOf(x, zero) * f(powerLevel(e) * scale);
  }
  if (form === SCHEME_FORM.residual) {
    let [y, r] = [0, x];
    for (let j = 0; j < high; j++) {
      const part = signOf(r, zero) * (residuals[j] as number);
      [y, r] = [f(y + part), f(r - part)];
    }
    return y;
  }
  const position = f(f(x - start) / step);
  const level = form === SCHEME_FORM.floor ? Math.floor(position) : roundHalfEven(position);
  return f(f(f(Math.min(Math.max(level, low), high) + offset) * scale) + start);
}

/** y = sum_k p_k Q_k(x) */
export function mix(x: Float32Array, candidates: readonly ResolvedRow[], p: Float32Array): Float32Array {
  return x.map((value) => candidates.reduce((sum, row, k) => f(sum + f((p[k] as number) * quantize(value, row))), 0));
}

/** dp_k = sum(dy Q_k(x)), with `errors` sum(dy (Q_k(x) - [|x - start_k| <= limit_k] x)) */
export function mixProbabilityGrad(
  x: Float32Array,
  dy: Float32Array,
  candidates: readonly ResolvedRow[],
  errors: boolean,
): Float32Array {
  return Float32Array.from(candidates, (row) => {
    const along = (value: number): number => quantize(value, row) - (errors && passes(value, row) ? value : 0);
    return x.reduce((sum, value, i) => sum + (dy[i] as number) * along(value), 0);
  });
}

/** dx = dy * sum_k p_k [|x - start_k| <= limit_k] */
export function mixInputGrad(
  x: Float32Array,
  dy: Float32Array,
  candidates: readonly ResolvedRow[],
  p: Float32Array,
): Float32Array {
  const passed = (value: number): number =>
    candidates.reduce((sum, row, k) => (passes(value, row) ? f(sum + (p[k] as number)) : sum), 0);
  return x.map((value, i) => (dy[i] as number) * passed(value));
}

const passes = (value: number, { start, limit }: ResolvedRow): boolean => Math.abs(f(value - start)) <= limit;
