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
  SCHEME_BLOCK_BYTES,
} from "../kernel-ids";
import { int, pointer } from "./arguments";
import { sumLanes } from "./lanes";
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
    const position = f32x4.div(f32x4.sub(v128.load(x), start), step);
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
    const v = v128.load(x);
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
    const v = v128.load(x);
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

/** q = Q(x). As for all here, `count` is a multiple of four. */
function quantize(x: usize, q: usize, count: i32, c: usize, magnitudes: usize): void {
  const form = <i32>load<f32>(c, CANDIDATE_FORM);
  if (form < FORM_POWER) uniform(x, q, count, c, form == 0);
  else if (form == FORM_POWER) power(x, q, count, c);
  else residual(x, q, count, c, magnitudes);
}

/** y = p q for the first candidate, y += p q for the others. */
function addCandidate(q: usize, y: usize, count: i32, p: v128, first: bool): void {
  const end = q + ((<usize>count) << 2);
  if (first) {
    for (; q < end; q += 16, y += 16) v128.store(y, f32x4.mul(p, v128.load(q)));
  } else {
    for (; q < end; q += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), f32x4.mul(p, v128.load(q))));
  }
}

/** Sum of dy q. */
function dot(q: usize, dy: usize, count: i32): f64 {
  let sum = f32x4.splat(0);
  const end = q + ((<usize>count) << 2);
  for (; q < end; q += 16, dy += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(dy), v128.load(q)));
  return sumLanes(sum);
}

/** All ones where the candidate passes x. */
function passes(x: v128, start: v128, limit: v128): v128 {
  return f32x4.le(f32x4.abs(f32x4.sub(x, start)), limit);
}

/** q -= x where the candidate passes it. */
function subtractPassed(x: usize, q: usize, count: i32, c: usize): void {
  const start = splat(c, CANDIDATE_START);
  const limit = splat(c, CANDIDATE_LIMIT);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, q += 16) {
    const v = v128.load(x);
    v128.store(q, f32x4.sub(v128.load(q), v128.and(passes(v, start, limit), v)));
  }
}

/** dx += the candidate's share where it passes. */
function addPassing(x: usize, dx: usize, count: i32, c: usize): void {
  const start = splat(c, CANDIDATE_START);
  const limit = splat(c, CANDIDATE_LIMIT);
  const p = splat(c, CANDIDATE_SHARE);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, dx += 16) {
    v128.store(dx, f32x4.add(v128.load(dx), v128.and(passes(v128.load(x), start, limit), p)));
  }
}

/** y of `count` elements, whole vectors, with room for a candidate's values at `q`. */
function mixBlock(job: usize, x: usize, y: usize, q: usize, count: i32): void {
  for (let k = 0; k < int(job, 5); k++) {
    const c = pointer(job, 2) + <usize>k * CANDIDATE_BYTES;
    quantize(x, q, count, c, pointer(job, 3));
    addCandidate(q, y, count, splat(c, CANDIDATE_SHARE), k == 0);
  }
}

/** ints: x, y, candidates, magnitudes of residuals, n, K, blocks: SCHEME_BLOCK_BYTES for each chunk. */
export function schemeMix(job: usize, chunk: i32): void {
  const q = pointer(job, 6) + <usize>chunk * SCHEME_BLOCK_BYTES;
  const pad = q + (SCHEME_BLOCK << 2);
  const end = min(int(job, 4), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += SCHEME_BLOCK) {
    const count = min(SCHEME_BLOCK, end - i);
    const x = pointer(job, 0) + ((<usize>i) << 2);
    const y = pointer(job, 1) + ((<usize>i) << 2);
    const whole = (<usize>(count & ~3)) << 2;
    const tail = (<usize>(count & 3)) << 2;
    mixBlock(job, x, y, q, count & ~3);
    if (tail == 0) continue;
    memory.fill(pad, 0, 16);
    memory.copy(pad, x + whole, tail);
    mixBlock(job, pad, pad + 16, q, 4);
    memory.copy(y + whole, pad + 16, tail);
  }
}

/** dx of `count` elements, whole vectors, and their part of `sums` (0: not wanted): float64 [K]. */
function gradientBlock(job: usize, x: usize, dy: usize, dx: usize, q: usize, count: i32, sums: usize): void {
  memory.fill(dx, 0, (<usize>count) << 2);
  for (let k = 0; k < int(job, 6); k++) {
    const c = pointer(job, 3) + <usize>k * CANDIDATE_BYTES;
    addPassing(x, dx, count, c);
    if (sums == 0) continue;
    const sum = sums + ((<usize>k) << 3);
    quantize(x, q, count, c, pointer(job, 4));
    if (int(job, 9) != 0) subtractPassed(x, q, count, c);
    store<f64>(sum, load<f64>(sum) + dot(q, dy, count));
  }
  multiplyBy(dy, dx, count);
}

/**
 * ints: x, dy, dx, candidates, magnitudes of residuals, n, K, partials (0: no dp wanted): float64 [chunks, K], blocks:
 * SCHEME_BLOCK_BYTES for each chunk, whether dp is of the errors.
 */
export function schemeMixGrad(job: usize, chunk: i32): void {
  const partials = pointer(job, 7);
  const sums = partials == 0 ? 0 : partials + ((<usize>(chunk * int(job, 6))) << 3);
  const q = pointer(job, 8) + <usize>chunk * SCHEME_BLOCK_BYTES;
  const pad = q + (SCHEME_BLOCK << 2);
  const end = min(int(job, 5), (chunk + 1) * CHUNK);
  if (sums != 0) memory.fill(sums, 0, (<usize>int(job, 6)) << 3);
  for (let i = chunk * CHUNK; i < end; i += SCHEME_BLOCK) {
    const count = min(SCHEME_BLOCK, end - i);
    const x = pointer(job, 0) + ((<usize>i) << 2);
    const dy = pointer(job, 1) + ((<usize>i) << 2);
    const dx = pointer(job, 2) + ((<usize>i) << 2);
    const whole = (<usize>(count & ~3)) << 2;
    const tail = (<usize>(count & 3)) << 2;
    gradientBlock(job, x, dy, dx, q, count & ~3, sums);
    if (tail == 0) continue;
    memory.fill(pad, 0, 32);
    memory.copy(pad, x + whole, tail);
    memory.copy(pad + 16, dy + whole, tail);
    gradientBlock(job, pad, pad + 16, pad + 32, q, 4, sums);
    memory.copy(dx + whole, pad + 32, tail);
  }
}
