/**
 * Mixtures of uniform quantizers over one flat array. A block of a chunk stays in the first-level cache while every candidate passes
 * over it, so a candidate's constants stay in registers and the number of candidates needs no variants of the code.
 */
import { CHUNK, GRID_COLUMNS } from "../kernel-ids";
import { int, pointer } from "./arguments";
import { loadLanes, storeLanes, sumLanes } from "./lanes";

/** Elements of a block: 4 kB each of input, upstream gradient and output. */
const BLOCK: i32 = 1024;
const ROW_BYTES: usize = GRID_COLUMNS * 4;

/** One candidate's grid row, its step multiplied by the scale: float32 as in the contract. */
function stepOf(row: usize, scale: usize): f32 {
  return load<f32>(row) * (scale == 0 ? <f32>1 : load<f32>(scale));
}

// pmin and pmax keep a NaN in their first operand, and are one machine instruction where min and max are six.
function quantize(x: v128, step: v128, shift: v128, low: v128, high: v128): v128 {
  const level = f32x4.nearest(f32x4.add(f32x4.div(x, step), shift));
  return f32x4.mul(f32x4.sub(f32x4.pmin(f32x4.pmax(level, low), high), shift), step);
}

/** y = p Q(x) for the first candidate, y += p Q(x) for the others. */
function addCandidate(x: usize, y: usize, count: i32, row: usize, scale: usize, weight: f32, first: bool): void {
  const step = f32x4.splat(stepOf(row, scale));
  const shift = f32x4.splat(load<f32>(row, 4));
  const low = f32x4.splat(load<f32>(row, 8));
  const high = f32x4.splat(load<f32>(row, 12));
  const p = f32x4.splat(weight);
  const end = x + ((<usize>(count & ~3)) << 2);
  if (first) {
    for (; x < end; x += 16, y += 16) v128.store(y, f32x4.mul(p, quantize(v128.load(x), step, shift, low, high)));
  } else {
    for (; x < end; x += 16, y += 16) {
      v128.store(y, f32x4.add(v128.load(y), f32x4.mul(p, quantize(v128.load(x), step, shift, low, high))));
    }
  }
  const rest = count & 3;
  if (rest == 0) return;
  const q = f32x4.mul(p, quantize(loadLanes(x, rest), step, shift, low, high));
  storeLanes(y, first ? q : f32x4.add(loadLanes(y, rest), q), rest);
}

/** ints: x, y, grid, p, scale (0: none), n, K. */
export function mix(job: usize, chunk: i32): void {
  const grid = pointer(job, 2);
  const p = pointer(job, 3);
  const n = int(job, 5);
  const candidates = int(job, 6);
  const end = min(n, (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += BLOCK) {
    const offset = (<usize>i) << 2;
    const count = min(BLOCK, end - i);
    for (let k = 0; k < candidates; k++) {
      const row = grid + <usize>k * ROW_BYTES;
      const weight = load<f32>(p + ((<usize>k) << 2));
      addCandidate(pointer(job, 0) + offset, pointer(job, 1) + offset, count, row, pointer(job, 4), weight, k == 0);
    }
  }
}

/** Sum of dy Q(x) over a block: the block's share of dp. */
function dotQuantized(x: usize, dy: usize, count: i32, row: usize, scale: usize): f64 {
  const step = f32x4.splat(stepOf(row, scale));
  const shift = f32x4.splat(load<f32>(row, 4));
  const low = f32x4.splat(load<f32>(row, 8));
  const high = f32x4.splat(load<f32>(row, 12));
  let sum = f32x4.splat(0);
  const end = x + ((<usize>(count & ~3)) << 2);
  for (; x < end; x += 16, dy += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(dy), quantize(v128.load(x), step, shift, low, high)));
  }
  const rest = count & 3;
  if (rest != 0) {
    sum = f32x4.add(sum, f32x4.mul(loadLanes(dy, rest), quantize(loadLanes(x, rest), step, shift, low, high)));
  }
  return sumLanes(sum);
}

/** Weight of a candidate where its straight-through gradient passes, zero elsewhere. */
function passing(x: v128, low: v128, high: v128, p: v128): v128 {
  return v128.and(v128.and(f32x4.ge(x, low), f32x4.le(x, high)), p);
}

/** dx += the candidate's passing weight. */
function addPassing(x: usize, dx: usize, count: i32, row: usize, weight: f32): void {
  const low = f32x4.splat(load<f32>(row, 16));
  const high = f32x4.splat(load<f32>(row, 20));
  const p = f32x4.splat(weight);
  const end = x + ((<usize>(count & ~3)) << 2);
  for (; x < end; x += 16, dx += 16) v128.store(dx, f32x4.add(v128.load(dx), passing(v128.load(x), low, high, p)));
  const rest = count & 3;
  if (rest == 0) return;
  storeLanes(dx, f32x4.add(loadLanes(dx, rest), passing(loadLanes(x, rest), low, high, p)), rest);
}

/** `addPassing` and `dotQuantized` in one pass. */
function addPassingAndDot(x: usize, dy: usize, dx: usize, count: i32, row: usize, scale: usize, weight: f32): f64 {
  const step = f32x4.splat(stepOf(row, scale));
  const shift = f32x4.splat(load<f32>(row, 4));
  const least = f32x4.splat(load<f32>(row, 8));
  const greatest = f32x4.splat(load<f32>(row, 12));
  const low = f32x4.splat(load<f32>(row, 16));
  const high = f32x4.splat(load<f32>(row, 20));
  const p = f32x4.splat(weight);
  let sum = f32x4.splat(0);
  const end = x + ((<usize>(count & ~3)) << 2);
  for (; x < end; x += 16, dy += 16, dx += 16) {
    const v = v128.load(x);
    sum = f32x4.add(sum, f32x4.mul(v128.load(dy), quantize(v, step, shift, least, greatest)));
    v128.store(dx, f32x4.add(v128.load(dx), passing(v, low, high, p)));
  }
  const rest = count & 3;
  if (rest != 0) {
    const v = loadLanes(x, rest);
    sum = f32x4.add(sum, f32x4.mul(loadLanes(dy, rest), quantize(v, step, shift, least, greatest)));
    storeLanes(dx, f32x4.add(loadLanes(dx, rest), passing(v, low, high, p)), rest);
  }
  return sumLanes(sum);
}

/** dx *= dy. */
export function multiplyBy(dy: usize, dx: usize, count: i32): void {
  const end = dx + ((<usize>(count & ~3)) << 2);
  for (; dx < end; dx += 16, dy += 16) v128.store(dx, f32x4.mul(v128.load(dx), v128.load(dy)));
  const rest = count & 3;
  if (rest != 0) storeLanes(dx, f32x4.mul(loadLanes(dx, rest), loadLanes(dy, rest)), rest);
}

/** ints: x, dy, dx (0: not wanted), grid, p, scale (0: none), n, K, partials (0: no dp wanted): float64 [chunks, K]. */
export function mixGrad(job: usize, chunk: i32): void {
  const dx = pointer(job, 2);
  const grid = pointer(job, 3);
  const p = pointer(job, 4);
  const candidates = int(job, 7);
  const scale = pointer(job, 5);
  const partials = pointer(job, 8);
  const mine = partials + ((<usize>(chunk * candidates)) << 3);
  const end = min(int(job, 6), (chunk + 1) * CHUNK);
  if (partials != 0) memory.fill(mine, 0, (<usize>candidates) << 3);
  for (let i = chunk * CHUNK; i < end; i += BLOCK) {
    const offset = (<usize>i) << 2;
    const count = min(BLOCK, end - i);
    const x = pointer(job, 0) + offset;
    const dy = pointer(job, 1) + offset;
    if (dx != 0) memory.fill(dx + offset, 0, (<usize>count) << 2);
    for (let k = 0; k < candidates; k++) {
      const row = grid + <usize>k * ROW_BYTES;
      const sum = mine + ((<usize>k) << 3);
      const weight = dx == 0 ? <f32>0 : load<f32>(p + ((<usize>k) << 2));
      if (partials == 0) addPassing(x, dx + offset, count, row, weight);
      else if (dx == 0) store<f64>(sum, load<f64>(sum) + dotQuantized(x, dy, count, row, scale));
      else store<f64>(sum, load<f64>(sum) + addPassingAndDot(x, dy, dx + offset, count, row, scale, weight));
    }
    if (dx != 0) multiplyBy(dy, dx + offset, count);
  }
}
