/**
 * Unit quantizers at two neighbouring widths, mixed (FracBits), forward and backward, for one width or one per channel.
 *
 * The flat array is seen as rows of `width` floats, a multiple of four and of the channels, so that a column always has one width.
 * Four columns at a time go down a block of rows: their constants stay in registers, and one width for all is the case of four
 * columns. The division of a level by 2^b - 1 is a product with the reciprocal cut in two, of which the upper part has 16 bits:
 * level times it is exact, and the sum rounds as the quotient does, for every level of every width (a test runs through them).
 */
import {
  FRAC_CEIL,
  FRAC_COUNT,
  FRAC_FLOOR,
  FRAC_GAP,
  FRAC_HIGH,
  FRAC_LOW,
  FRAC_MODIFIED,
  FRAC_OFFSET,
  FRAC_PAD,
  FRAC_SHARE,
  FRAC_SINGLE,
} from "../kernel-ids";
import { float, int, pointer } from "./arguments";
import { sumLanes } from "./lanes";

/** Floats of a block: x, dy and the output of it stay in the first-level cache. */
const BLOCK_FLOATS: i32 = 4096;
/** Fewer rows than this would be over before their constants are loaded; more would lose digits of the float32 sums. */
const LEAST_ROWS: i32 = 8;
const MOST_ROWS: i32 = 256;

/**
 * ints: x, n, width, rows of a chunk, flags, constants: float32 [FRAC_ROWS, width], y (0: gradient), dy, dx (0: gradient of weights),
 * w, channels, partials: float64 [chunks, channels + 2], pad: FRAC_PAD bytes a chunk.
 * floats: divisor a, low, slope, centre (v = clamp(x / a, low, 1) slope + centre), span, factor (y = factor (low + span Q(v))),
 * largest magnitude of w.
 */
export function fractional(job: usize, chunk: i32): void {
  const n = int(job, 1);
  const width = int(job, 2);
  const rows = n / width;
  const rowBytes = (<usize>width) << 2;
  const end = min(rows, (chunk + 1) * int(job, 3));
  const block = max(LEAST_ROWS, min(MOST_ROWS, BLOCK_FLOATS / width));
  if (pointer(job, 6) == 0) memory.fill(partialsOf(job, chunk), 0, (<usize>(int(job, 10) + 2)) << 3);
  for (let r = chunk * int(job, 3); r < end; r += block) {
    const at = <usize>r * rowBytes;
    for (let c: usize = 0; c < rowBytes; c += 16) columns(job, chunk, at + c, c, min(block, end - r));
  }
  if (end != rows) return;
  const tail = (<usize>(n - rows * width)) << 2;
  const whole = tail & ~15;
  const at = <usize>rows * rowBytes;
  for (let c: usize = 0; c < whole; c += 16) columns(job, chunk, at + c, c, 1);
  if (whole != tail) paddedColumns(job, chunk, at + whole, whole, tail - whole);
}

function partialsOf(job: usize, chunk: i32): usize {
  return pointer(job, 11) + ((<usize>(chunk * (int(job, 10) + 2))) << 3);
}

/** Four columns, `rows` rows of them from byte `at` of the arrays on. */
function columns(job: usize, chunk: i32, at: usize, column: usize, rows: i32): void {
  const x = pointer(job, 0) + at;
  if (pointer(job, 6) != 0) forward(job, x, pointer(job, 6) + at, column, rows);
  else backward(job, chunk, x, pointer(job, 7) + at, pointer(job, pointer(job, 8) != 0 ? 8 : 9) + at, column, rows);
}

/** The one to three floats, `bytes` bytes, at the end of the array. */
function paddedColumns(job: usize, chunk: i32, at: usize, column: usize, bytes: usize): void {
  const x = pointer(job, 12) + <usize>chunk * FRAC_PAD;
  const other = x + 16;
  const dy = x + 32;
  memory.fill(x, 0, FRAC_PAD);
  memory.copy(x, pointer(job, 0) + at, bytes);
  const y = pointer(job, 6);
  const dx = pointer(job, 8);
  if (y != 0) {
    forward(job, x, other, column, 1);
    memory.copy(y + at, other, bytes);
    return;
  }
  memory.copy(dy, pointer(job, 7) + at, bytes);
  if (dx == 0) memory.copy(other, pointer(job, 9) + at, bytes);
  backward(job, chunk, x, dy, other, column, 1);
  if (dx != 0) memory.copy(dx + at, other, bytes);
}

/** Row `row` of the constants of a column. */
function constant(job: usize, column: usize, row: i32): v128 {
  return v128.load(pointer(job, 5) + column + ((<usize>(row * int(job, 2))) << 2));
}

// pmin and pmax keep a NaN in their first operand, and are one machine instruction where min and max are six.
function position(x: v128, a: v128, low: v128, slope: v128, centre: v128): v128 {
  return f32x4.add(f32x4.mul(clamped(x, a, low), slope), centre);
}

function clamped(x: v128, a: v128, low: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.div(x, a), low), f32x4.splat(1));
}

/** q_b(v), original: `count` is 2^b - 1, `high` and `low` the two parts of its reciprocal; all 0 at 0 bits. */
function original(v: v128, count: v128, high: v128, low: v128): v128 {
  const level = f32x4.nearest(f32x4.mul(v, count));
  return f32x4.add(f32x4.mul(level, high), f32x4.mul(level, low));
}

/** q_b(v), modified: `count` is 2^b, `high` its reciprocal, `last` 2^b - 1. */
function modified(v: v128, count: v128, high: v128, last: v128): v128 {
  return f32x4.mul(f32x4.pmin(f32x4.floor(f32x4.mul(v, count)), last), high);
}

function forward(job: usize, x: usize, y: usize, column: usize, rows: i32): void {
  const stride = (<usize>int(job, 2)) << 2;
  const a = f32x4.splat(float(job, 0));
  const low = f32x4.splat(float(job, 1));
  const slope = f32x4.splat(float(job, 2));
  const centre = f32x4.splat(float(job, 3));
  const span = f32x4.splat(float(job, 4));
  const factor = f32x4.splat(float(job, 5));
  const count = constant(job, column, FRAC_FLOOR + FRAC_COUNT);
  const high = constant(job, column, FRAC_FLOOR + FRAC_HIGH);
  const rest = constant(job, column, FRAC_FLOOR + FRAC_LOW);
  const share = constant(job, column, FRAC_FLOOR + FRAC_SHARE);
  const count2 = constant(job, column, FRAC_CEIL + FRAC_COUNT);
  const high2 = constant(job, column, FRAC_CEIL + FRAC_HIGH);
  const rest2 = constant(job, column, FRAC_CEIL + FRAC_LOW);
  const share2 = constant(job, column, FRAC_CEIL + FRAC_SHARE);
  const offset = constant(job, column, FRAC_OFFSET);
  const isModified = (int(job, 4) & FRAC_MODIFIED) != 0;
  const isSingle = (int(job, 4) & FRAC_SINGLE) != 0;
  const end = x + <usize>rows * stride;
  for (; x < end; x += stride, y += stride) {
    const v = position(v128.load(x), a, low, slope, centre);
    let q = isModified ? modified(v, count, high, rest) : original(v, count, high, rest);
    if (!isSingle) {
      const q2 = isModified ? modified(v, count2, high2, rest2) : original(v, count2, high2, rest2);
      q = f32x4.add(f32x4.mul(q, share), f32x4.mul(q2, share2));
    }
    q = f32x4.add(q, offset);
    v128.store(y, f32x4.mul(f32x4.add(f32x4.mul(q, span), low), factor));
  }
}

/**
 * Adds to the partial sums: dy times the difference of the neighbours, for each channel; then, of activations, dy (Q - t), and
 * dx is written to `other`; of weights, dy x and how many magnitudes in `other` are the largest.
 */
function backward(job: usize, chunk: i32, x: usize, dy: usize, other: usize, column: usize, rows: i32): void {
  const stride = (<usize>int(job, 2)) << 2;
  const a = f32x4.splat(float(job, 0));
  const low = f32x4.splat(float(job, 1));
  const slope = f32x4.splat(float(job, 2));
  const centre = f32x4.splat(float(job, 3));
  const span = f32x4.splat(float(job, 4));
  const lowEnd = f32x4.mul(low, a);
  const largest = f32x4.splat(float(job, 6));
  const count = constant(job, column, FRAC_FLOOR + FRAC_COUNT);
  const high = constant(job, column, FRAC_FLOOR + FRAC_HIGH);
  const rest = constant(job, column, FRAC_FLOOR + FRAC_LOW);
  const share = constant(job, column, FRAC_FLOOR + FRAC_SHARE);
  const count2 = constant(job, column, FRAC_CEIL + FRAC_COUNT);
  const high2 = constant(job, column, FRAC_CEIL + FRAC_HIGH);
  const rest2 = constant(job, column, FRAC_CEIL + FRAC_LOW);
  const share2 = constant(job, column, FRAC_CEIL + FRAC_SHARE);
  const offset = constant(job, column, FRAC_OFFSET);
  const gapOffset = constant(job, column, FRAC_GAP);
  const isModified = (int(job, 4) & FRAC_MODIFIED) != 0;
  const isSingle = (int(job, 4) & FRAC_SINGLE) != 0;
  const ofWeights = pointer(job, 8) == 0;
  let gaps = f32x4.splat(0);
  let total = f32x4.splat(0);
  let ties = f32x4.splat(0);
  const end = x + <usize>rows * stride;
  for (; x < end; x += stride, dy += stride, other += stride) {
    const value = v128.load(x);
    const upstream = v128.load(dy);
    const t = clamped(value, a, low);
    const v = f32x4.add(f32x4.mul(t, slope), centre);
    let q = isModified ? modified(v, count, high, rest) : original(v, count, high, rest);
    if (!isSingle) {
      const q2 = isModified ? modified(v, count2, high2, rest2) : original(v, count2, high2, rest2);
      gaps = f32x4.add(gaps, f32x4.mul(upstream, f32x4.add(f32x4.sub(q2, q), gapOffset)));
      q = f32x4.add(f32x4.mul(q, share), f32x4.mul(q2, share2));
    }
    if (ofWeights) {
      total = f32x4.add(total, f32x4.mul(upstream, value));
      ties = f32x4.add(ties, v128.and(f32x4.eq(f32x4.abs(v128.load(other)), largest), f32x4.splat(1)));
    } else {
      const inside = v128.and(f32x4.gt(value, lowEnd), f32x4.lt(value, a));
      q = f32x4.add(f32x4.mul(f32x4.add(q, offset), span), low);
      total = f32x4.add(total, f32x4.mul(upstream, f32x4.sub(q, v128.and(t, inside))));
      v128.store(other, v128.and(upstream, inside));
    }
  }
  const channels = int(job, 10);
  const mine = partialsOf(job, chunk);
  addTo(mine, channels, sumLanes(total));
  addTo(mine, channels + 1, sumLanes(ties));
  if (isSingle) return;
  let c = <i32>(column >>> 2);
  if (c >= channels) c %= channels;
  addTo(mine, c, <f64>f32x4.extract_lane(gaps, 0));
  if (++c == channels) c = 0;
  addTo(mine, c, <f64>f32x4.extract_lane(gaps, 1));
  if (++c == channels) c = 0;
  addTo(mine, c, <f64>f32x4.extract_lane(gaps, 2));
  if (++c == channels) c = 0;
  addTo(mine, c, <f64>f32x4.extract_lane(gaps, 3));
}

function addTo(partials: usize, index: i32, value: f64): void {
  const at = partials + ((<usize>index) << 3);
  store<f64>(at, load<f64>(at) + value);
}
