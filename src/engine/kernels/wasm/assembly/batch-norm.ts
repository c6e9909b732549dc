/**
 * Batch normalisation over rows of `channels` floats. Several rows are folded into one of `width` floats, a multiple of four, so that
 * any number of channels runs in full vectors; per-channel constants come repeated to that width.
 *
 * ints of all four kernels: x, dy, out, rows, channels, fold, folded rows a chunk, constants or partial sums, scratch.
 */
import { int, pointer } from "./arguments";
import { loadLanes, storeLanes } from "./lanes";

/** Floats of a block: 64 kB. */
const BLOCK_FLOATS: i32 = 16384;
/** Rows that are summed in float32 before the sum continues in float64. */
const BLOCK_ROWS: i32 = 256;

/** Column sums of `rows` rows of `width` floats. */
function columnSums(x: usize, rows: i32, width: i32, sums: usize): void {
  const stride = (<usize>width) << 2;
  for (let c = 0; c < width; c += 4) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let p = x + ((<usize>c) << 2);
    let r = 1;
    for (; r < rows; r += 2, p += stride + stride) {
      a = f32x4.add(a, v128.load(p));
      b = f32x4.add(b, v128.load(p + stride));
    }
    if (r == rows) a = f32x4.add(a, v128.load(p));
    v128.store(sums + ((<usize>c) << 2), f32x4.add(a, b));
  }
}

/** Column sums of x - shift and of its square. */
function columnMoments(x: usize, rows: i32, width: i32, shifts: usize, sums: usize): void {
  const stride = (<usize>width) << 2;
  for (let c = 0; c < width; c += 4) {
    const shift = v128.load(shifts + ((<usize>c) << 2));
    let a = f32x4.splat(0);
    let b = a;
    let aa = a;
    let bb = a;
    let p = x + ((<usize>c) << 2);
    let r = 1;
    for (; r < rows; r += 2, p += stride + stride) {
      const d = f32x4.sub(v128.load(p), shift);
      const e = f32x4.sub(v128.load(p + stride), shift);
      a = f32x4.add(a, d);
      b = f32x4.add(b, e);
      aa = f32x4.add(aa, f32x4.mul(d, d));
      bb = f32x4.add(bb, f32x4.mul(e, e));
    }
    if (r == rows) {
      const d = f32x4.sub(v128.load(p), shift);
      a = f32x4.add(a, d);
      aa = f32x4.add(aa, f32x4.mul(d, d));
    }
    v128.store(sums + ((<usize>c) << 2), f32x4.add(a, b));
    v128.store(sums + stride + ((<usize>c) << 2), f32x4.add(aa, bb));
  }
}

/** Sum over the folded copies of channel `c`. */
function unfold(sums: usize, c: i32, channels: i32, width: i32): f64 {
  let sum: f64 = 0;
  for (let i = c; i < width; i += channels) sum += <f64>load<f32>(sums + ((<usize>i) << 2));
  return sum;
}

/**
 * Mean and sum of squared deviations of each channel. The moments of a block are taken about the mean of the blocks before it, the
 * first block's about its own mean, and blocks are merged by Chan's formula: one pass over memory without the cancellation of
 * E[x^2] - E[x]^2. Partial sums: float64 [chunks, channels, 2]; scratch: float32 [chunks, 3, width].
 */
export function batchStatistics(job: usize, chunk: i32): void {
  const x = pointer(job, 0);
  const rows = int(job, 3);
  const channels = int(job, 4);
  const fold = int(job, 5);
  const width = channels * fold;
  const foldedRows = rows / fold;
  const mine = pointer(job, 7) + ((<usize>(chunk * channels)) << 4);
  const shifts = pointer(job, 8) + <usize>(chunk * width) * 12;
  const sums = shifts + ((<usize>width) << 2);
  const block = max(1, min(BLOCK_ROWS, BLOCK_FLOATS / width));
  const first = chunk * int(job, 6);
  const end = min(foldedRows, first + int(job, 6));
  let count: f64 = 0;
  memory.fill(mine, 0, (<usize>channels) << 4);
  for (let r = first; r < end; r += block) {
    const blockRows = min(block, end - r);
    const at = x + ((<usize>r * <usize>width) << 2);
    const blockCount = <f64>(blockRows * fold);
    if (r == first) columnSums(at, blockRows, width, sums);
    for (let c = 0; c < channels; c++) {
      const about = r == first ? unfold(sums, c, channels, width) / blockCount : load<f64>(mine + ((<usize>c) << 4));
      for (let i = c; i < width; i += channels) store<f32>(shifts + ((<usize>i) << 2), <f32>about);
    }
    columnMoments(at, blockRows, width, shifts, sums);
    mergeBlock(mine, channels, width, shifts, sums, count, blockCount);
    count += blockCount;
  }
  if (end == foldedRows) addRows(mine, x, foldedRows * fold, rows, channels, count);
}

/** Merges a block's moments about `shifts` into the channel's running (mean, squared deviation). */
function mergeBlock(mine: usize, channels: i32, width: i32, shifts: usize, sums: usize, count: f64, blockCount: f64): void {
  const total = count + blockCount;
  for (let c = 0; c < channels; c++) {
    const entry = mine + ((<usize>c) << 4);
    const sum = unfold(sums, c, channels, width);
    const squares = unfold(sums + ((<usize>width) << 2), c, channels, width) - (sum * sum) / blockCount;
    const delta = <f64>load<f32>(shifts + ((<usize>c) << 2)) + sum / blockCount - load<f64>(entry);
    store<f64>(entry, load<f64>(entry) + (delta * blockCount) / total);
    store<f64>(entry, load<f64>(entry, 8) + squares + (delta * delta * count * blockCount) / total, 8);
  }
}

/** Welford's update for the rows that fill no folded row. */
function addRows(mine: usize, x: usize, first: i32, rows: i32, channels: i32, count: f64): void {
  for (let r = first; r < rows; r++) {
    count += 1;
    for (let c = 0; c < channels; c++) {
      const entry = mine + ((<usize>c) << 4);
      const value = <f64>load<f32>(x + ((<usize>r * <usize>channels + <usize>c) << 2));
      const delta = value - load<f64>(entry);
      const mean = load<f64>(entry) + delta / count;
      store<f64>(entry, mean);
      store<f64>(entry, load<f64>(entry, 8) + delta * (value - mean), 8);
    }
  }
}

/** out = (x - mean) scale + beta; constants: float32 [3, width]. */
export function batchNormalise(job: usize, chunk: i32): void {
  const width = int(job, 4) * int(job, 5);
  const rowBytes = (<usize>width) << 2;
  const means = pointer(job, 7);
  const scales = means + rowBytes;
  const betas = scales + rowBytes;
  const begin = <usize>(chunk * int(job, 6)) * <usize>width;
  const end = chunkEnd(job, chunk, width);
  for (let row = begin; row < end; row += width) {
    const floats = <i32>min(<usize>width, end - row);
    let x = pointer(job, 0) + (row << 2);
    let y = pointer(job, 2) + (row << 2);
    let j: usize = 0;
    const whole = (<usize>(floats & ~3)) << 2;
    for (; j < whole; j += 16, x += 16, y += 16) {
      const centred = f32x4.sub(v128.load(x), v128.load(means + j));
      v128.store(y, f32x4.add(f32x4.mul(centred, v128.load(scales + j)), v128.load(betas + j)));
    }
    const rest = floats & 3;
    if (rest != 0) {
      const centred = f32x4.sub(loadLanes(x, rest), v128.load(means + j));
      storeLanes(y, f32x4.add(f32x4.mul(centred, v128.load(scales + j)), v128.load(betas + j)), rest);
    }
  }
}

/** One past the last float of the chunk; the last chunk takes the rows that fill no folded row. */
function chunkEnd(job: usize, chunk: i32, width: i32): usize {
  const rows = int(job, 3);
  const last = (chunk + 1) * int(job, 6);
  if (last >= rows / int(job, 5)) return <usize>rows * <usize>int(job, 4);
  return <usize>last * <usize>width;
}

/** Column sums of dy and of dy (x - mean). */
function columnGradients(x: usize, dy: usize, rows: i32, width: i32, means: usize, sums: usize): void {
  const stride = (<usize>width) << 2;
  for (let c = 0; c < width; c += 8) {
    const second: usize = c + 8 <= width ? 16 : 0;
    const meanA = v128.load(means + ((<usize>c) << 2));
    const meanB = v128.load(means + ((<usize>c) << 2) + second);
    let betaA = f32x4.splat(0);
    let betaB = f32x4.splat(0);
    let gammaA = f32x4.splat(0);
    let gammaB = f32x4.splat(0);
    let p = x + ((<usize>c) << 2);
    let q = dy + ((<usize>c) << 2);
    for (let r = 0; r < rows; r++, p += stride, q += stride) {
      const a = v128.load(q);
      const b = v128.load(q + second);
      betaA = f32x4.add(betaA, a);
      betaB = f32x4.add(betaB, b);
      gammaA = f32x4.add(gammaA, f32x4.mul(a, f32x4.sub(v128.load(p), meanA)));
      gammaB = f32x4.add(gammaB, f32x4.mul(b, f32x4.sub(v128.load(p + second), meanB)));
    }
    const out = sums + ((<usize>c) << 2);
    v128.store(out + second, betaB);
    v128.store(out + stride + second, gammaB);
    v128.store(out, betaA);
    v128.store(out + stride, gammaA);
  }
}

/**
 * Sums of dy and of dy (x - mean) of each channel. Partial sums: float64 [chunks, channels, 2]; scratch: the mean as float32 [width],
 * then float32 [chunks, 2, width].
 */
export function batchGradSums(job: usize, chunk: i32): void {
  const x = pointer(job, 0);
  const dy = pointer(job, 1);
  const rows = int(job, 3);
  const channels = int(job, 4);
  const fold = int(job, 5);
  const width = channels * fold;
  const rowBytes = (<usize>width) << 2;
  const foldedRows = rows / fold;
  const mine = pointer(job, 7) + ((<usize>(chunk * channels)) << 4);
  const means = pointer(job, 8);
  const sums = means + rowBytes + <usize>(2 * chunk) * rowBytes;
  const block = max(1, min(BLOCK_ROWS, BLOCK_FLOATS / width));
  const end = min(foldedRows, (chunk + 1) * int(job, 6));
  memory.fill(mine, 0, (<usize>channels) << 4);
  for (let r = chunk * int(job, 6); r < end; r += block) {
    const offset = <usize>r * rowBytes;
    columnGradients(x + offset, dy + offset, min(block, end - r), width, means, sums);
    for (let c = 0; c < channels; c++) {
      const entry = mine + ((<usize>c) << 4);
      store<f64>(entry, load<f64>(entry) + unfold(sums, c, channels, width));
      store<f64>(entry, load<f64>(entry, 8) + unfold(sums + rowBytes, c, channels, width), 8);
    }
  }
  if (end != foldedRows) return;
  for (let i = foldedRows * width; i < rows * channels; i++) {
    const c = i % channels;
    const entry = mine + ((<usize>c) << 4);
    const upstream = <f64>load<f32>(dy + ((<usize>i) << 2));
    const centred = <f64>(load<f32>(x + ((<usize>i) << 2)) - load<f32>(means + ((<usize>c) << 2)));
    store<f64>(entry, load<f64>(entry) + upstream);
    store<f64>(entry, load<f64>(entry, 8) + upstream * centred, 8);
  }
}

/** out = scale (dy - a - (x - mean) b); constants: float32 [4, width], mean, scale, a, b. */
export function batchGradInput(job: usize, chunk: i32): void {
  const width = int(job, 4) * int(job, 5);
  const rowBytes = (<usize>width) << 2;
  const means = pointer(job, 7);
  const scales = means + rowBytes;
  const a = scales + rowBytes;
  const b = a + rowBytes;
  const begin = <usize>(chunk * int(job, 6)) * <usize>width;
  const end = chunkEnd(job, chunk, width);
  for (let row = begin; row < end; row += width) {
    const floats = <i32>min(<usize>width, end - row);
    const x = pointer(job, 0) + (row << 2);
    const dy = pointer(job, 1) + (row << 2);
    const dx = pointer(job, 2) + (row << 2);
    const whole = (<usize>(floats & ~3)) << 2;
    let j: usize = 0;
    for (; j < whole; j += 16) {
      const slope = f32x4.mul(f32x4.sub(v128.load(x + j), v128.load(means + j)), v128.load(b + j));
      const centred = f32x4.sub(f32x4.sub(v128.load(dy + j), v128.load(a + j)), slope);
      v128.store(dx + j, f32x4.mul(centred, v128.load(scales + j)));
    }
    const rest = floats & 3;
    if (rest != 0) {
      const slope = f32x4.mul(f32x4.sub(loadLanes(x + j, rest), v128.load(means + j)), v128.load(b + j));
      const centred = f32x4.sub(f32x4.sub(loadLanes(dy + j, rest), v128.load(a + j)), slope);
      storeLanes(dx + j, f32x4.mul(centred, v128.load(scales + j)), rest);
    }
  }
}
