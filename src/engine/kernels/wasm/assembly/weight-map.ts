/** What lies between a weight and the unit interval (DoReFa): tanh, its largest magnitude, and the way back. */
import { CHUNK } from "../kernel-ids";
import { float, int, pointer } from "./arguments";
import { loadLanes, storeLanes } from "./lanes";

const LOG2_E: f64 = 1.4426950408889634;
const LN_2: f64 = 0.6931471805599453;
/** tanh of it is 1 in float32. */
const FLAT: f32 = 20;

/**
 * y = tanh(x), in float64 and right to some 1e-14: rounded to float32 it is what the reference gives. From e^2|x| - 1, which loses
 * nothing near zero: with 2|x| = k ln 2 + r and p = e^r - 1 it is 2^k p + (2^k - 1). ints: x, y, n.
 */
export function tanh(job: usize, chunk: i32): void {
  const end = min(int(job, 2), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const offset = (<usize>i) << 2;
    const rest = end - i;
    const at = pointer(job, 0) + offset;
    const x = rest >= 4 ? v128.load(at) : loadLanes(at, rest);
    const sign = f32x4.splat(-0.0);
    const z = f32x4.pmin(v128.andnot(x, sign), f32x4.splat(FLAT));
    const k = f32x4.nearest(f32x4.mul(z, f32x4.splat(<f32>(2 * LOG2_E))));
    const kk = i32x4.shl(i32x4.trunc_sat_f32x4_s(k), 20);
    const first = tanhPair(f64x2.promote_low_f32x4(z), f64x2.promote_low_f32x4(k), i64x2.shl(i64x2.extend_low_i32x4_u(kk), 32));
    const second = tanhPair(
      f64x2.promote_low_f32x4(upper(z)),
      f64x2.promote_low_f32x4(upper(k)),
      i64x2.shl(i64x2.extend_high_i32x4_u(kk), 32),
    );
    const both = v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2);
    const y = v128.or(both, v128.and(x, sign));
    if (rest >= 4) v128.store(pointer(job, 1) + offset, y);
    else storeLanes(pointer(job, 1) + offset, y, rest);
  }
}

/** tanh z for z >= 0, k = 2 z / ln 2 rounded, and k where a float64 has its exponent. */
function tanhPair(z: v128, k: v128, exponent: v128): v128 {
  const r = f64x2.sub(f64x2.add(z, z), f64x2.mul(k, f64x2.splat(LN_2)));
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  // e^r - 1 - r = r^2 (1/2 + r/6 + ... + r^9/11!), in pairs that do not wait for each other.
  const a = f64x2.add(f64x2.splat(1.0 / 2), f64x2.mul(r, f64x2.splat(1.0 / 6)));
  const b = f64x2.add(f64x2.splat(1.0 / 24), f64x2.mul(r, f64x2.splat(1.0 / 120)));
  const c = f64x2.add(f64x2.splat(1.0 / 720), f64x2.mul(r, f64x2.splat(1.0 / 5040)));
  const d = f64x2.add(f64x2.splat(1.0 / 40320), f64x2.mul(r, f64x2.splat(1.0 / 362880)));
  const e = f64x2.add(f64x2.splat(1.0 / 3628800), f64x2.mul(r, f64x2.splat(1.0 / 39916800)));
  const low = f64x2.add(a, f64x2.mul(b, r2));
  const high = f64x2.add(f64x2.add(c, f64x2.mul(d, r2)), f64x2.mul(e, r4));
  const p = f64x2.add(r, f64x2.mul(r2, f64x2.add(low, f64x2.mul(high, r4))));
  const one = f64x2.splat(1);
  const power = i64x2.add(exponent, one);
  const q = f64x2.add(f64x2.mul(power, p), f64x2.sub(power, one));
  return f64x2.div(q, f64x2.add(q, f64x2.splat(2)));
}

function upper(lanes: v128): v128 {
  return v128.shuffle<i64>(lanes, lanes, 1, 0);
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
