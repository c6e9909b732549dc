/**
 * Mixtures of AutoQNN's schemes over one flat array. As for the grids, a block of a chunk stays in the first-level cache while every
 * candidate passes over it; so do the candidate's values, which are computed first and then used.
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
  SCHEME_BLOCK,
} from "../kernel-ids";
import { int, pointer } from "./arguments";
import { loadLanes, storeLanes, sumLanes } from "./lanes";
import { multiplyBy } from "./mixture";

/** As in the contract; below it FLOOR, 0, and ROUND. */
const FORM_POWER: i32 = 2;
const SQRT_2: f32 = 1.4142135623730951;
/** The bits of a float32 that hold its exponent. */
const EXPONENT: i32 = 0x7f800000;

/** Float of candidate `c`, in all lanes. */
function splat(c: usize, at: usize): v128 {
  return v128.load32_splat(c + at);
}

/** The four floats at `p`, of which `count` belong to the array. */
function lanes(p: usize, count: i32): v128 {
  return count >= 4 ? v128.load(p) : loadLanes(p, count);
}

/** `size` with the sign of x, which is `zero` where x is 0. */
export function signed(x: v128, size: v128, zero: v128): v128 {
  const none = f32x4.splat(0);
  const negative = v128.bitselect(f32x4.mul(size, zero), f32x4.neg(size), f32x4.eq(x, none));
  return v128.bitselect(size, negative, f32x4.gt(x, none));
}

/** q = Q(x), FLOOR and ROUND of the contract. pmin and pmax keep a NaN in their first operand. */
function uniform(x: usize, q: usize, count: i32, c: usize, floors: bool): void {
  const step = splat(c, CANDIDATE_STEP);
  const scale = splat(c, CANDIDATE_SCALE);
  const start = splat(c, CANDIDATE_START);
  const low = splat(c, CANDIDATE_LOW);
  const high = splat(c, CANDIDATE_HIGH);
  const offset = splat(c, CANDIDATE_OFFSET);
  for (let i = 0; i < count; i += 4, x += 16, q += 16) {
    const position = f32x4.div(f32x4.sub(lanes(x, count - i), start), step);
    const level = f32x4.pmin(f32x4.pmax(floors ? f32x4.floor(position) : f32x4.nearest(position), low), high);
    v128.store(q, f32x4.add(f32x4.mul(f32x4.add(level, offset), scale), start));
  }
}

/** q = Q(x), POWER of the contract: without its fraction a float32 is a power of two. The candidate has powers for low and high. */
function power(x: usize, q: usize, count: i32, c: usize): void {
  const step = splat(c, CANDIDATE_STEP);
  const scale = splat(c, CANDIDATE_SCALE);
  const low = splat(c, CANDIDATE_LOW);
  const high = splat(c, CANDIDATE_HIGH);
  const zero = splat(c, CANDIDATE_ZERO);
  for (let i = 0; i < count; i += 4, x += 16, q += 16) {
    const v = lanes(x, count - i);
    const quotient = f32x4.mul(f32x4.div(f32x4.abs(v), step), f32x4.splat(SQRT_2));
    const level = v128.and(f32x4.pmin(f32x4.pmax(quotient, low), high), i32x4.splat(EXPONENT));
    const size = v128.bitselect(f32x4.splat(0.5), level, f32x4.eq(level, f32x4.splat(1)));
    v128.store(q, v128.or(signed(v, f32x4.mul(size, scale), zero), f32x4.ne(v, v)));
  }
}

/** q = Q(x), RESIDUAL of the contract. */
function residual(x: usize, q: usize, count: i32, c: usize, magnitudes: usize): void {
  const zero = splat(c, CANDIDATE_ZERO);
  const end = magnitudes + ((<usize>load<f32>(c, CANDIDATE_HIGH)) << 2);
  for (let i = 0; i < count; i += 4, x += 16, q += 16) {
    const v = lanes(x, count - i);
    let y = f32x4.splat(0);
    let r = v;
    for (let magnitude = magnitudes; magnitude < end; magnitude += 4) {
      const part = signed(r, v128.load32_splat(magnitude), zero);
      y = f32x4.add(y, part);
      r = f32x4.sub(r, part);
    }
    v128.store(q, v128.or(y, f32x4.ne(v, v)));
  }
}

/** q = Q(x) of a block, in whole vectors: x is followed by zeros. */
function quantize(x: usize, q: usize, count: i32, c: usize, magnitudes: usize): void {
  const form = <i32>load<f32>(c, CANDIDATE_FORM);
  if (form < FORM_POWER) uniform(x, q, count, c, form == 0);
  else if (form == FORM_POWER) power(x, q, count, c);
  else residual(x, q, count, c, magnitudes);
}

/** y = p q for the first candidate, y += p q for the others. */
function addCandidate(q: usize, y: usize, count: i32, p: v128, first: bool): void {
  for (let i = 0; i < count; i += 4, q += 16, y += 16) {
    const rest = count - i;
    const own = f32x4.mul(p, v128.load(q));
    const sum = first ? own : f32x4.add(lanes(y, rest), own);
    if (rest >= 4) v128.store(y, sum);
    else storeLanes(y, sum, rest);
  }
}

/** ints: x, y, candidates, magnitudes of residuals, n, K, blocks: float32 [chunks, SCHEME_BLOCK]. */
export function schemeMix(job: usize, chunk: i32): void {
  const q = pointer(job, 6) + ((<usize>(chunk * SCHEME_BLOCK)) << 2);
  const end = min(int(job, 4), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += SCHEME_BLOCK) {
    const offset = (<usize>i) << 2;
    const count = min(SCHEME_BLOCK, end - i);
    for (let k = 0; k < int(job, 5); k++) {
      const c = pointer(job, 2) + <usize>k * CANDIDATE_BYTES;
      quantize(pointer(job, 0) + offset, q, count, c, pointer(job, 3));
      addCandidate(q, pointer(job, 1) + offset, count, splat(c, CANDIDATE_SHARE), k == 0);
    }
  }
}

/** Sum of dy q over a block: the block's share of dp. */
function dot(q: usize, dy: usize, count: i32): f64 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < count; i += 4, q += 16, dy += 16) sum = f32x4.add(sum, f32x4.mul(lanes(dy, count - i), v128.load(q)));
  return sumLanes(sum);
}

/** dx += the candidate's share where it passes. */
function addPassing(x: usize, dx: usize, count: i32, c: usize): void {
  const start = splat(c, CANDIDATE_START);
  const limit = splat(c, CANDIDATE_LIMIT);
  const p = splat(c, CANDIDATE_SHARE);
  for (let i = 0; i < count; i += 4, x += 16, dx += 16) {
    const rest = count - i;
    const passed = v128.and(f32x4.le(f32x4.abs(f32x4.sub(lanes(x, rest), start)), limit), p);
    const sum = f32x4.add(lanes(dx, rest), passed);
    if (rest >= 4) v128.store(dx, sum);
    else storeLanes(dx, sum, rest);
  }
}

/**
 * ints: x, dy, dx, candidates, magnitudes of residuals, n, K, partials (0: no dp wanted): float64 [chunks, K], blocks: float32
 * [chunks, SCHEME_BLOCK].
 */
export function schemeMixGrad(job: usize, chunk: i32): void {
  const candidates = int(job, 6);
  const partials = pointer(job, 7);
  const mine = partials + ((<usize>(chunk * candidates)) << 3);
  const q = pointer(job, 8) + ((<usize>(chunk * SCHEME_BLOCK)) << 2);
  const end = min(int(job, 5), (chunk + 1) * CHUNK);
  if (partials != 0) memory.fill(mine, 0, (<usize>candidates) << 3);
  for (let i = chunk * CHUNK; i < end; i += SCHEME_BLOCK) {
    const offset = (<usize>i) << 2;
    const count = min(SCHEME_BLOCK, end - i);
    const x = pointer(job, 0) + offset;
    const dy = pointer(job, 1) + offset;
    const dx = pointer(job, 2) + offset;
    memory.fill(dx, 0, (<usize>count) << 2);
    for (let k = 0; k < candidates; k++) {
      const c = pointer(job, 3) + <usize>k * CANDIDATE_BYTES;
      addPassing(x, dx, count, c);
      if (partials == 0) continue;
      const sum = mine + ((<usize>k) << 3);
      quantize(x, q, count, c, pointer(job, 4));
      store<f64>(sum, load<f64>(sum) + dot(q, dy, count));
    }
    multiplyBy(dy, dx, count);
  }
}
