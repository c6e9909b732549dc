/**
 * Unit quantizers at two neighbouring widths, mixed (FracBits), forward and backward, for one width or one per channel.
 *
 * The flat array is seen as rows of `width` floats, a multiple of four and of the channels, so that a column always has one width.
 * Four columns at a time go down a block of rows: their constants stay in registers, and one width for all is the case of four
 * columns. Levels are found as the contract says; where a level is divided by their number and mixed, constants stand for both.
 */
import {
  FRAC_CEIL,
  FRAC_FLOOR,
  FRAC_OFFSET_CEIL,
  FRAC_MODIFIED,
  FRAC_OFFSET,
  FRAC_PAD,
  FRAC_PER_CEIL,
  FRAC_PER_FLOOR,
  FRAC_SHARE,
  FRAC_SINGLE,
  FRAC_TWO_SIDED,
} from "../kernel-ids";
import { float, int, pointer } from "./arguments";
import { sumLanes } from "./lanes";

/** Floats of a block: x, dy and the output of it stay in the first-level cache. */
const BLOCK_FLOATS: i32 = 4096;
/** Fewer rows would be over before their constants are loaded; more of a wide array may fall on the same cache lines. */
const LEAST_ROWS: i32 = 8;
/** More would lose digits of the float32 sums. */
const MOST_ROWS: i32 = 256;

/**
 * ints: x, n, width, rows of a chunk, flags, constants: float32 [FRAC_ROWS, width], y (0: gradient), dy, dx (0: gradient of weights),
 * w, sums: float64 [chunks, width + 2], pad: FRAC_PAD bytes. floats: divisor a of x, factor of y, largest magnitude of w.
 */
export function fractional(job: usize, chunk: i32): void {
  const n = int(job, 1);
  const width = int(job, 2);
  const rows = n / width;
  const rowBytes = (<usize>width) << 2;
  const end = min(rows, (chunk + 1) * int(job, 3));
  const block = max(LEAST_ROWS, min(MOST_ROWS, BLOCK_FLOATS / width));
  const sums = pointer(job, 10) + ((<usize>(chunk * (width + 2))) << 3);
  if (pointer(job, 6) == 0) memory.fill(sums, 0, (<usize>(width + 2)) << 3);
  for (let r = chunk * int(job, 3); r < end; r += block) {
    run(job, <usize>r * rowBytes, 0, rowBytes, min(block, end - r), sums);
  }
  if (end != rows) return;
  const tail = (<usize>(n - rows * width)) << 2;
  const whole = tail & ~15;
  const at = <usize>rows * rowBytes;
  run(job, at, 0, whole, 1, sums);
  if (whole != tail) runPadded(job, at + whole, whole, tail - whole, pointer(job, 11), sums);
}

/** The columns from byte `first` to `end`, `rows` rows of them from byte `at` of the arrays on. */
function run(job: usize, at: usize, first: usize, end: usize, rows: i32, sums: usize): void {
  const x = pointer(job, 0) + at;
  const y = pointer(job, 6);
  const dx = pointer(job, 8);
  if (y != 0) forward(job, x, y + at, first, end, rows);
  else backward(job, x, pointer(job, 7) + at, (dx != 0 ? dx : pointer(job, 9)) + at, first, end, rows, sums);
}

/** The one to three floats, `bytes` bytes, at the end of the array: column `first`. */
function runPadded(job: usize, at: usize, first: usize, bytes: usize, pad: usize, sums: usize): void {
  const other = pad + 16;
  const dy = pad + 32;
  const y = pointer(job, 6);
  const dx = pointer(job, 8);
  memory.fill(pad, 0, FRAC_PAD);
  memory.copy(pad, pointer(job, 0) + at, bytes);
  if (y != 0) {
    forward(job, pad, other, first, first + 16, 1);
    memory.copy(y + at, other, bytes);
    return;
  }
  memory.copy(dy, pointer(job, 7) + at, bytes);
  if (dx == 0) memory.copy(other, pointer(job, 9) + at, bytes);
  backward(job, pad, dy, other, first, first + 16, 1, sums);
  if (dx != 0) memory.copy(dx + at, other, bytes);
}

/** Row `row` of the constants of a column. */
function constant(job: usize, column: usize, row: i32): v128 {
  return v128.load(pointer(job, 5) + column + ((<usize>(row * int(job, 2))) << 2));
}

// pmin and pmax keep a NaN in their first operand, and are one machine instruction where min and max are six.
function clamped(x: v128, a: v128, low: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.div(x, a), low), f32x4.splat(1));
}

/** From [-1, 1] to [0, 1]. */
function halved(t: v128): v128 {
  return f32x4.add(f32x4.mul(t, f32x4.splat(0.5)), f32x4.splat(0.5));
}

/** Level of the original scheme: `count` is 2^b - 1. */
function original(v: v128, count: v128): v128 {
  return f32x4.nearest(f32x4.mul(v, count));
}

/** Level of the modified scheme: `count` is 2^b, `last` 2^b - 1. */
function modified(v: v128, count: v128, last: v128): v128 {
  return f32x4.pmin(f32x4.floor(f32x4.mul(v, count)), last);
}

/** y = factor (level of floor * perFloor + level of ceil * perCeil + offset). */
function forward(job: usize, xs: usize, ys: usize, first: usize, last: usize, rows: i32): void {
  const stride = (<usize>int(job, 2)) << 2;
  const isModified = (int(job, 4) & FRAC_MODIFIED) != 0;
  const isSingle = (int(job, 4) & FRAC_SINGLE) != 0;
  const isTwoSided = (int(job, 4) & FRAC_TWO_SIDED) != 0;
  const a = f32x4.splat(float(job, 0));
  const low = f32x4.splat(isTwoSided ? -1 : 0);
  const factor = f32x4.splat(float(job, 1));
  for (let column = first; column < last; column += 16, xs += 16, ys += 16) {
    const floor = constant(job, column, FRAC_FLOOR);
    const ceil = constant(job, column, FRAC_CEIL);
    const lastFloor = f32x4.sub(floor, f32x4.splat(1));
    const lastCeil = f32x4.sub(ceil, f32x4.splat(1));
    const perFloor = constant(job, column, FRAC_PER_FLOOR);
    const perCeil = constant(job, column, FRAC_PER_CEIL);
    const offset = constant(job, column, FRAC_OFFSET);
    let y = ys;
    const end = xs + <usize>rows * stride;
    for (let x = xs; x < end; x += stride, y += stride) {
      let v = clamped(v128.load(x), a, low);
      if (isTwoSided) v = halved(v);
      let q = f32x4.mul(isModified ? modified(v, floor, lastFloor) : original(v, floor), perFloor);
      if (!isSingle) q = f32x4.add(q, f32x4.mul(isModified ? modified(v, ceil, lastCeil) : original(v, ceil), perCeil));
      v128.store(y, f32x4.mul(f32x4.add(q, offset), factor));
    }
  }
}

/**
 * Adds to `sums`: of each column, dy times the difference of the neighbours; behind the columns, of activations, dy (Q - t), and dx
 * is written to `others`; of weights, dy x, and how many magnitudes in `others` are the largest.
 */
function backward(job: usize, xs: usize, dys: usize, others: usize, first: usize, last: usize, rows: i32, sums: usize): void {
  const stride = (<usize>int(job, 2)) << 2;
  const isModified = (int(job, 4) & FRAC_MODIFIED) != 0;
  const isSingle = (int(job, 4) & FRAC_SINGLE) != 0;
  const isTwoSided = (int(job, 4) & FRAC_TWO_SIDED) != 0;
  const ofWeights = pointer(job, 8) == 0;
  const a = f32x4.splat(float(job, 0));
  const low = f32x4.splat(isTwoSided ? -1 : 0);
  const lowEnd = f32x4.mul(low, a);
  const largest = f32x4.splat(float(job, 2));
  let totals = f64x2.splat(0);
  let ties = f32x4.splat(0); // Whole numbers: exact.
  for (let column = first; column < last; column += 16, xs += 16, dys += 16, others += 16) {
    const floor = constant(job, column, FRAC_FLOOR);
    const ceil = constant(job, column, FRAC_CEIL);
    const lastFloor = f32x4.sub(floor, f32x4.splat(1));
    const lastCeil = f32x4.sub(ceil, f32x4.splat(1));
    const perFloor = constant(job, column, FRAC_PER_FLOOR);
    const perCeil = constant(job, column, FRAC_PER_CEIL);
    const offset = constant(job, column, FRAC_OFFSET);
    const share = constant(job, column, FRAC_SHARE);
    const offsetCeil = constant(job, column, FRAC_OFFSET_CEIL);
    let gaps = f32x4.splat(0);
    let total = f32x4.splat(0);
    let dy = dys;
    let other = others;
    const end = xs + <usize>rows * stride;
    for (let x = xs; x < end; x += stride, dy += stride, other += stride) {
      const value = v128.load(x);
      const upstream = v128.load(dy);
      const t = clamped(value, a, low);
      const v = isTwoSided ? halved(t) : t;
      let q = f32x4.add(f32x4.mul(isModified ? modified(v, floor, lastFloor) : original(v, floor), perFloor), offset);
      if (!isSingle) {
        const q2 = f32x4.mul(isModified ? modified(v, ceil, lastCeil) : original(v, ceil), perCeil);
        const gap = f32x4.sub(f32x4.add(q2, offsetCeil), q);
        gaps = f32x4.add(gaps, f32x4.mul(upstream, gap));
        q = f32x4.add(q, f32x4.mul(gap, share));
      }
      if (ofWeights) {
        total = f32x4.add(total, f32x4.mul(upstream, value));
        ties = f32x4.add(ties, v128.and(f32x4.eq(f32x4.abs(v128.load(other)), largest), f32x4.splat(1)));
      } else {
        const inside = v128.and(f32x4.gt(value, lowEnd), f32x4.lt(value, a));
        total = f32x4.add(total, f32x4.mul(upstream, f32x4.sub(q, v128.and(t, inside))));
        v128.store(other, v128.and(upstream, inside));
      }
    }
    if (!isSingle) addLanes(sums + (column << 1), gaps);
    totals = f64x2.add(totals, f64x2.add(f64x2.promote_low_f32x4(total), f64x2.promote_low_f32x4(upper(total))));
  }
  const behind = sums + (stride << 1);
  store<f64>(behind, load<f64>(behind) + f64x2.extract_lane(totals, 0) + f64x2.extract_lane(totals, 1));
  store<f64>(behind, load<f64>(behind, 8) + sumLanes(ties), 8);
}

/** Adds four lanes to four float64. */
function addLanes(to: usize, lanes: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(lanes)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(upper(lanes))), 16);
}

/** The upper two lanes below. */
function upper(lanes: v128): v128 {
  return v128.shuffle<i64>(lanes, lanes, 1, 0);
}
