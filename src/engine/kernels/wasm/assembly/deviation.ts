/** Sums in float64 for the mean and the deviation of a weight tensor. */
import { CHUNK } from "../kernel-ids";
import { int, pointer } from "./arguments";
import { loadLanes } from "./lanes";

/** ints: x, n, partials: float64 [chunks]. */
export function sum(job: usize, chunk: i32): void {
  const end = min(int(job, 1), (chunk + 1) * CHUNK);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const p = pointer(job, 0) + ((<usize>i) << 2);
    const x = end - i >= 4 ? v128.load(p) : loadLanes(p, end - i);
    low = f64x2.add(low, f64x2.promote_low_f32x4(x));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0)));
  }
  const both = f64x2.add(low, high);
  store<f64>(pointer(job, 2) + ((<usize>chunk) << 3), f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1));
}

/** ints: x, n, partials; mean: the float64 before the partials. */
export function squaredDeviation(job: usize, chunk: i32): void {
  const end = min(int(job, 1), (chunk + 1) * CHUNK);
  const whole = end & ~3;
  const x = pointer(job, 0);
  const mean = load<f64>(pointer(job, 2) - 8);
  const means = f64x2.splat(mean);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i = chunk * CHUNK;
  for (; i < whole; i += 4) {
    const v = v128.load(x + ((<usize>i) << 2));
    const a = f64x2.sub(f64x2.promote_low_f32x4(v), means);
    const b = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)), means);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < end; i++) {
    const d = <f64>load<f32>(x + ((<usize>i) << 2)) - mean;
    total += d * d;
  }
  store<f64>(pointer(job, 2) + ((<usize>chunk) << 3), total);
}
