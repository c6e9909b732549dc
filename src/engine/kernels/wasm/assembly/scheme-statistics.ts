/** Sums and extremes that AutoQNN's schemes scale their levels with. */
import { CHUNK } from "../kernel-ids";
import { float, int, pointer } from "./arguments";
import { loadLanes, sumLanes } from "./lanes";
import { signed } from "./schemes";

/** Bytes that a chunk's moments take: the sum and that of the magnitudes, float64; the minimum and the maximum, float32. */
const MOMENTS_BYTES: usize = 24;

/** ints: x, n, partials: as many times MOMENTS_BYTES as there are chunks. The extremes are NaN if there is one. */
export function schemeMoments(job: usize, chunk: i32): void {
  const end = min(int(job, 1), (chunk + 1) * CHUNK);
  const x = pointer(job, 0);
  let i = chunk * CHUNK;
  let least = v128.load32_splat(x + ((<usize>i) << 2));
  let most = least;
  let sums = f64x2.splat(0);
  let magnitudes = f64x2.splat(0);
  for (; i + 4 <= end; i += 4) {
    const v = v128.load(x + ((<usize>i) << 2));
    least = f32x4.min(least, v);
    most = f32x4.max(most, v);
    sums = f64x2.add(sums, pairs(v));
    magnitudes = f64x2.add(magnitudes, pairs(f32x4.abs(v)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  let magnitude = f64x2.extract_lane(magnitudes, 0) + f64x2.extract_lane(magnitudes, 1);
  for (; i < end; i++) {
    const v = v128.load32_splat(x + ((<usize>i) << 2));
    least = f32x4.min(least, v);
    most = f32x4.max(most, v);
    sum += <f64>f32x4.extract_lane(v, 0);
    magnitude += <f64>f32x4.extract_lane(f32x4.abs(v), 0);
  }
  const to = pointer(job, 2) + <usize>chunk * MOMENTS_BYTES;
  const low = f32x4.min(least, v128.shuffle<i64>(least, least, 1, 0));
  const high = f32x4.max(most, v128.shuffle<i64>(most, most, 1, 0));
  store<f64>(to, sum);
  store<f64>(to, magnitude, 8);
  store<f32>(to, min<f32>(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)), 16);
  store<f32>(to, max<f32>(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), 20);
}

/** The sums of two lanes each, in float64. */
function pairs(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)));
}

/** |r| of what the residuals with the given magnitudes leave of x. */
function rest(x: v128, magnitudes: usize, end: usize, zero: v128): v128 {
  let r = x;
  for (let at = magnitudes; at < end; at += 4) r = f32x4.sub(r, signed(r, v128.load32_splat(at), zero));
  return f32x4.abs(r);
}

/** Sum of the magnitudes of a residual. ints: x, n, magnitudes of those before, their count, partials: float64 [chunks]; floats: sign of 0. */
export function schemeResidual(job: usize, chunk: i32): void {
  const stop = min(int(job, 1), (chunk + 1) * CHUNK);
  const x = pointer(job, 0);
  const magnitudes = pointer(job, 2);
  const end = magnitudes + ((<usize>int(job, 3)) << 2);
  const zero = f32x4.splat(float(job, 0));
  let sums = f64x2.splat(0);
  let i = chunk * CHUNK;
  for (; i + 4 <= stop; i += 4) {
    sums = f64x2.add(sums, pairs(rest(v128.load(x + ((<usize>i) << 2)), magnitudes, end, zero)));
  }
  let total = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < stop; i++) {
    total += <f64>f32x4.extract_lane(rest(v128.load32_splat(x + ((<usize>i) << 2)), magnitudes, end, zero), 0);
  }
  store<f64>(pointer(job, 4) + ((<usize>chunk) << 3), total);
}

/** Sum and number of the magnitudes above a threshold. ints: x, n, partials: float64 [chunks, 2]; floats: threshold, not negative. */
export function schemeTernary(job: usize, chunk: i32): void {
  const end = min(int(job, 1), (chunk + 1) * CHUNK);
  const threshold = f32x4.splat(float(job, 0));
  let sum = f64x2.splat(0);
  let count = f32x4.splat(0); // Whole numbers: exact.
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const at = pointer(job, 0) + ((<usize>i) << 2);
    const size = f32x4.abs(end - i >= 4 ? v128.load(at) : loadLanes(at, end - i));
    const above = f32x4.gt(size, threshold);
    const kept = v128.and(size, above);
    sum = f64x2.add(sum, pairs(kept));
    count = f32x4.add(count, v128.and(above, f32x4.splat(1)));
  }
  const to = pointer(job, 2) + ((<usize>chunk) << 4);
  store<f64>(to, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  store<f64>(to, sumLanes(count), 8);
}
