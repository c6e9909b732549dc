/**
 * Mixtures of AutoQNN's schemes over one flat array. As for the grids, a block of a chunk stays in the first-level cache while every
 * candidate passes over it.
 */
import {
  CANDIDATE_BYTES,
  CANDIDATE_FORM,
  CANDIDATE_HIGH,
  CANDIDATE_LIMIT,
  CANDIDATE_LOW,
  CANDIDATE_OFFSET,
  CANDIDATE_SCALE,
  CANDIDATE_SHARE,
  CANDIDATE_START,
  CANDIDATE_STEP,
  CANDIDATE_ZERO,
  CHUNK,
} from "../kernel-ids";
import { int, pointer } from "./arguments";
import { loadLanes, storeLanes, sumLanes } from "./lanes";
import { multiplyBy } from "./mixture";

/** Elements of a block: 4 kB each of input, upstream gradient and output. */
const BLOCK: i32 = 1024;

const SQRT_2: f32 = 1.4142135623730951;
/** The bits of a float32 that hold its exponent. */
const EXPONENT: i32 = 0x7f800000;

/** Float of candidate `c`, in all lanes. */
function splat(c: usize, at: usize): v128 {
  return v128.load32_splat(c + at);
}

/** `size` with the sign of x, which is `zero` where x is 0. */
export function signed(x: v128, size: v128, zero: v128): v128 {
  const none = f32x4.splat(0);
  const negative = v128.bitselect(f32x4.mul(size, zero), f32x4.neg(size), f32x4.eq(x, none));
  return v128.bitselect(size, negative, f32x4.gt(x, none));
}

/** FLOOR and ROUND of the contract. pmin and pmax keep a NaN in their first operand. */
function uniform(x: v128, c: usize, floors: bool): v128 {
  const start = splat(c, CANDIDATE_START);
  const position = f32x4.div(f32x4.sub(x, start), splat(c, CANDIDATE_STEP));
  const level = floors ? f32x4.floor(position) : f32x4.nearest(position);
  const clamped = f32x4.pmin(f32x4.pmax(level, splat(c, CANDIDATE_LOW)), splat(c, CANDIDATE_HIGH));
  return f32x4.add(f32x4.mul(f32x4.add(clamped, splat(c, CANDIDATE_OFFSET)), splat(c, CANDIDATE_SCALE)), start);
}

/** POWER of the contract: without its fraction a float32 is a power of two. The candidate has powers for low and high. */
function power(x: v128, c: usize): v128 {
  const quotient = f32x4.mul(f32x4.div(f32x4.abs(x), splat(c, CANDIDATE_STEP)), f32x4.splat(SQRT_2));
  const clamped = f32x4.pmin(f32x4.pmax(quotient, splat(c, CANDIDATE_LOW)), splat(c, CANDIDATE_HIGH));
  const level = v128.and(clamped, i32x4.splat(EXPONENT));
  const size = v128.bitselect(f32x4.splat(0.5), level, f32x4.eq(level, f32x4.splat(1)));
  return signed(x, f32x4.mul(size, splat(c, CANDIDATE_SCALE)), splat(c, CANDIDATE_ZERO));
}

/** RESIDUAL of the contract. */
function residual(x: v128, c: usize, magnitudes: usize): v128 {
  const zero = splat(c, CANDIDATE_ZERO);
  const end = magnitudes + ((<usize>load<f32>(c, CANDIDATE_HIGH)) << 2);
  let y = f32x4.splat(0);
  let r = x;
  for (let magnitude = magnitudes; magnitude < end; magnitude += 4) {
    const part = signed(r, v128.load32_splat(magnitude), zero);
    y = f32x4.add(y, part);
    r = f32x4.sub(r, part);
  }
  return y;
}

/** Q(x). A NaN stays one. */
function quantize(x: v128, c: usize, form: i32, magnitudes: usize): v128 {
  if (form < 2) return uniform(x, c, form == 0);
  return v128.or(form == 2 ? power(x, c) : residual(x, c, magnitudes), f32x4.ne(x, x));
}

/** y = p Q(x) for the first candidate, y += p Q(x) for the others. */
function addCandidate(x: usize, y: usize, count: i32, c: usize, magnitudes: usize, first: bool): void {
  const form = <i32>load<f32>(c, CANDIDATE_FORM);
  const p = splat(c, CANDIDATE_SHARE);
  const end = x + ((<usize>(count & ~3)) << 2);
  for (; x < end; x += 16, y += 16) {
    const q = f32x4.mul(p, quantize(v128.load(x), c, form, magnitudes));
    v128.store(y, first ? q : f32x4.add(v128.load(y), q));
  }
  const rest = count & 3;
  if (rest == 0) return;
  const q = f32x4.mul(p, quantize(loadLanes(x, rest), c, form, magnitudes));
  storeLanes(y, first ? q : f32x4.add(loadLanes(y, rest), q), rest);
}

/** ints: x, y, candidates, magnitudes of residuals, n, K. */
export function schemeMix(job: usize, chunk: i32): void {
  const end = min(int(job, 4), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += BLOCK) {
    const offset = (<usize>i) << 2;
    const count = min(BLOCK, end - i);
    for (let k = 0; k < int(job, 5); k++) {
      const c = pointer(job, 2) + <usize>k * CANDIDATE_BYTES;
      addCandidate(pointer(job, 0) + offset, pointer(job, 1) + offset, count, c, pointer(job, 3), k == 0);
    }
  }
}

/** Sum of dy Q(x) over a block: the block's share of dp. */
function dotQuantized(x: usize, dy: usize, count: i32, c: usize, magnitudes: usize): f64 {
  const form = <i32>load<f32>(c, CANDIDATE_FORM);
  let sum = f32x4.splat(0);
  const end = x + ((<usize>(count & ~3)) << 2);
  for (; x < end; x += 16, dy += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(dy), quantize(v128.load(x), c, form, magnitudes)));
  }
  const rest = count & 3;
  if (rest != 0) sum = f32x4.add(sum, f32x4.mul(loadLanes(dy, rest), quantize(loadLanes(x, rest), c, form, magnitudes)));
  return sumLanes(sum);
}

/** dx += the candidate's share where it passes. */
function addPassing(x: usize, dx: usize, count: i32, c: usize): void {
  const start = splat(c, CANDIDATE_START);
  const limit = splat(c, CANDIDATE_LIMIT);
  const p = splat(c, CANDIDATE_SHARE);
  for (let i = 0; i < count; i += 4, x += 16, dx += 16) {
    const rest = count - i;
    const v = rest >= 4 ? v128.load(x) : loadLanes(x, rest);
    const passed = v128.and(f32x4.le(f32x4.abs(f32x4.sub(v, start)), limit), p);
    if (rest >= 4) v128.store(dx, f32x4.add(v128.load(dx), passed));
    else storeLanes(dx, f32x4.add(loadLanes(dx, rest), passed), rest);
  }
}

/** ints: x, dy, dx, candidates, magnitudes of residuals, n, K, partials (0: no dp wanted): float64 [chunks, K]. */
export function schemeMixGrad(job: usize, chunk: i32): void {
  const candidates = int(job, 6);
  const partials = pointer(job, 7);
  const mine = partials + ((<usize>(chunk * candidates)) << 3);
  const end = min(int(job, 5), (chunk + 1) * CHUNK);
  if (partials != 0) memory.fill(mine, 0, (<usize>candidates) << 3);
  for (let i = chunk * CHUNK; i < end; i += BLOCK) {
    const offset = (<usize>i) << 2;
    const count = min(BLOCK, end - i);
    const x = pointer(job, 0) + offset;
    const dy = pointer(job, 1) + offset;
    const dx = pointer(job, 2) + offset;
    memory.fill(dx, 0, (<usize>count) << 2);
    for (let k = 0; k < candidates; k++) {
      const c = pointer(job, 3) + <usize>k * CANDIDATE_BYTES;
      const sum = mine + ((<usize>k) << 3);
      addPassing(x, dx, count, c);
      if (partials != 0) store<f64>(sum, load<f64>(sum) + dotQuantized(x, dy, count, c, pointer(job, 4)));
    }
    multiplyBy(dy, dx, count);
  }
}
