/** What lies between a weight and the unit interval (DoReFa): tanh, its largest magnitude, and the way back. */
import { CHUNK } from "../kernel-ids";
import { float, int, pointer } from "./arguments";
import { loadLanes, storeLanes } from "./lanes";

const LOG2_E: f64 = 1.4426950408889634;
const LN_2: f64 = 0.6931471805599453;
/** tanh of half of it is 1 in float32. */
const FLAT: f64 = 40;

/**
 * tanh of two float64, right to some 1e-14: rounded to float32 it is what the reference gives. From e^2|x| - 1, which loses nothing
 * near zero: with 2|x| = k ln 2 + r and p = e^r - 1 it is 2^k p + (2^k - 1).
 */
function tanhPair(x: v128): v128 {
  const z = f64x2.pmin(f64x2.mul(f64x2.abs(x), f64x2.splat(2)), f64x2.splat(FLAT));
  const k = f64x2.nearest(f64x2.mul(z, f64x2.splat(LOG2_E)));
  const r = f64x2.sub(z, f64x2.mul(k, f64x2.splat(LN_2)));
  let p = f64x2.splat(1.0 / 39916800);
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 3628800));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 362880));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 40320));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 5040));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 720));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 120));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 24));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 6));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
  p = f64x2.mul(p, r);
  const exponent = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(k));
  const power = i64x2.shl(i64x2.add(exponent, i64x2.splat(1023)), 52);
  const e = f64x2.add(f64x2.mul(power, p), f64x2.sub(power, f64x2.splat(1)));
  const magnitude = f64x2.div(e, f64x2.add(e, f64x2.splat(2)));
  return v128.bitselect(x, magnitude, f64x2.splat(-0.0));
}

function tanhLanes(x: v128): v128 {
  const first = f32x4.demote_f64x2_zero(tanhPair(f64x2.promote_low_f32x4(x)));
  const second = f32x4.demote_f64x2_zero(tanhPair(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0))));
  return v128.shuffle<i64>(first, second, 0, 2);
}

/** y = tanh(x). ints: x, y, n. */
export function tanh(job: usize, chunk: i32): void {
  const end = min(int(job, 2), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const offset = (<usize>i) << 2;
    const rest = end - i;
    const x = pointer(job, 0) + offset;
    if (rest >= 4) v128.store(pointer(job, 1) + offset, tanhLanes(v128.load(x)));
    else storeLanes(pointer(job, 1) + offset, tanhLanes(loadLanes(x, rest)), rest);
  }
}

/** Largest magnitude; NaN if there is one. ints: x, n, partials: float32 [chunks]. */
export function largestMagnitude(job: usize, chunk: i32): void {
  const end = min(int(job, 1), (chunk + 1) * CHUNK);
  let most = f32x4.splat(0);
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const x = pointer(job, 0) + ((<usize>i) << 2);
    most = f32x4.max(most, f32x4.abs(end - i >= 4 ? v128.load(x) : loadLanes(x, end - i)));
  }
  const pairs = f32x4.max(most, v128.shuffle<i64>(most, most, 1, 0));
  const one = max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
  store<f32>(pointer(job, 2) + ((<usize>chunk) << 2), one);
}

/** x *= factor, in place. ints: x, n; floats: factor. */
export function multiply(job: usize, chunk: i32): void {
  const factor = f32x4.splat(float(job, 0));
  const end = min(int(job, 1), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const x = pointer(job, 0) + ((<usize>i) << 2);
    const rest = end - i;
    if (rest >= 4) v128.store(x, f32x4.mul(v128.load(x), factor));
    else storeLanes(x, f32x4.mul(loadLanes(x, rest), factor), rest);
  }
}

/**
 * dw = (slope dy + [|w| = largest] sign(w) through) (1 - t^2), in place of t = tanh(w). ints: t, w, dy, n; floats: slope, largest,
 * through.
 */
export function weightGradient(job: usize, chunk: i32): void {
  const slope = f32x4.splat(float(job, 0));
  const largest = f32x4.splat(float(job, 1));
  const through = f32x4.splat(float(job, 2));
  const sign = f32x4.splat(-0.0);
  const end = min(int(job, 3), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const offset = (<usize>i) << 2;
    const rest = end - i;
    const tAt = pointer(job, 0) + offset;
    const wAt = pointer(job, 1) + offset;
    const dyAt = pointer(job, 2) + offset;
    const t = rest >= 4 ? v128.load(tAt) : loadLanes(tAt, rest);
    const w = rest >= 4 ? v128.load(wAt) : loadLanes(wAt, rest);
    const dy = rest >= 4 ? v128.load(dyAt) : loadLanes(dyAt, rest);
    const signed = v128.xor(through, v128.and(w, sign));
    const dt = f32x4.add(f32x4.mul(dy, slope), v128.and(signed, f32x4.eq(f32x4.abs(w), largest)));
    const dw = f32x4.mul(dt, f32x4.sub(f32x4.splat(1), f32x4.mul(t, t)));
    if (rest >= 4) v128.store(tAt, dw);
    else storeLanes(tAt, dw, rest);
  }
}
