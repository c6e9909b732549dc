/**
 * Gradient of a convolution's filter. Each chunk sums some images (and, for large filters, one tap) into a partial filter
 * [taps, C rounded up, K rounded up]; `addPartials` adds them in a fixed order.
 *
 * A tile of 4 input channels by 8 output channels stays in registers over a block of images or rows that stays in cache. Rounding up
 * means that lanes past the last channel read what lies behind it (at most 12 bytes behind the tensor, where the allocator's own
 * bookkeeping is) and sum rubbish that nobody copies out: no second code path for odd channel counts.
 */
import { int, pointer } from "./arguments";
import * as g from "./geometry";
import { storeLanes } from "./lanes";

/** Bytes of x and dy in a block: a common first-level cache. */
const BLOCK_BYTES: i32 = 32768;

// What a tile walks over: images, rows and columns of dy, and how many bytes they lie apart. Set once a block and tap; globals belong
// to one instance of the module and so to one thread.
let images: i32 = 0;
let rows: i32 = 0;
let columns: i32 = 0;
let xImage: usize = 0;
let xRow: usize = 0;
let xColumn: usize = 0;
let dyImage: usize = 0;
let dyRow: usize = 0;
let dyColumn: usize = 0;

export function filterGrad(job: usize, chunk: i32): void {
  const taps = g.filterHeight(job) * g.filterWidth(job);
  const group = chunk / g.tapGroups(job);
  const oneTap = g.tapGroups(job) > 1;
  const tapFloats = g.roundUp4(g.inChannels(job)) * g.roundUp4(g.outChannels(job));
  const firstTap = oneTap ? chunk % taps : 0;
  const endTap = oneTap ? firstTap + 1 : taps;
  const partial = g.outAt(job) + ((<usize>(group * taps) * <usize>tapFloats) << 2);
  memory.fill(partial + ((<usize>firstTap * <usize>tapFloats) << 2), 0, (<usize>(endTap - firstTap) * <usize>tapFloats) << 2);

  xColumn = (<usize>(g.strideWidth(job) * g.inChannels(job))) << 2;
  xRow = (<usize>(g.strideHeight(job) * g.width(job) * g.inChannels(job))) << 2;
  xImage = (<usize>(g.height(job) * g.width(job) * g.inChannels(job))) << 2;
  dyColumn = (<usize>g.outChannels(job)) << 2;
  dyRow = <usize>g.outWidth(job) * dyColumn;
  dyImage = <usize>g.outHeight(job) * dyRow;

  const imageBytes = <i32>(xImage + dyImage);
  const blockImages = max(1, BLOCK_BYTES / imageBytes);
  const blockRows = max(1, min(g.outHeight(job), <i32>((<i64>g.outHeight(job) * <i64>BLOCK_BYTES) / <i64>imageBytes)));
  const endImage = ((group + 1) * g.batch(job)) / g.imageGroups(job);
  for (let n = (group * g.batch(job)) / g.imageGroups(job); n < endImage; n += blockImages) {
    images = min(blockImages, endImage - n);
    for (let row = 0; row < g.outHeight(job); row += blockRows) {
      for (let tap = firstTap; tap < endTap; tap++) {
        addTap(job, n, row, min(g.outHeight(job), row + blockRows), tap, partial + ((<usize>tap * <usize>tapFloats) << 2));
      }
    }
  }
}

/** Adds a block's share of one tap: every tile of input by output channels. */
function addTap(job: usize, image: i32, firstRow: i32, endRow: i32, tap: i32, partial: usize): void {
  const shiftY = (tap / g.filterWidth(job)) * g.dilationHeight(job) - g.padTop(job);
  const shiftX = (tap % g.filterWidth(job)) * g.dilationWidth(job) - g.padLeft(job);
  const y0 = max(firstRow, g.firstInside(shiftY, g.strideHeight(job)));
  const y1 = min(endRow, g.endInside(shiftY, g.strideHeight(job), g.height(job), g.outHeight(job)));
  const x0 = g.firstInside(shiftX, g.strideWidth(job));
  const x1 = g.endInside(shiftX, g.strideWidth(job), g.width(job), g.outWidth(job));
  if (y1 <= y0 || x1 <= x0) return;
  rows = y1 - y0;
  columns = x1 - x0;
  const pixel = (y0 * g.strideHeight(job) + shiftY) * g.width(job) + x0 * g.strideWidth(job) + shiftX;
  const x = g.xAt(job) + <usize>image * xImage + ((<usize>pixel * <usize>g.inChannels(job)) << 2);
  const dy = g.dyAt(job) + <usize>image * dyImage + <usize>y0 * dyRow + <usize>x0 * dyColumn;
  const paddedIn = g.roundUp4(g.inChannels(job));
  const paddedOut = g.roundUp4(g.outChannels(job));
  for (let k = 0; k < paddedOut; k += 8) {
    for (let c = 0; c < paddedIn; c += 4) {
      const out = partial + ((<usize>(c * paddedOut + k)) << 2);
      if (k + 8 <= paddedOut) addTile8(x + ((<usize>c) << 2), dy + ((<usize>k) << 2), out, (<usize>paddedOut) << 2);
      else addTile4(x + ((<usize>c) << 2), dy + ((<usize>k) << 2), out, (<usize>paddedOut) << 2);
    }
  }
}

function addTile8(xBlock: usize, dyBlock: usize, out: usize, outRow: usize): void {
  const xStep = xColumn;
  const dyStep = dyColumn;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (let n = 0; n < images; n++) {
    for (let r = 0; r < rows; r++) {
      let x = xBlock + <usize>n * xImage + <usize>r * xRow;
      let dy = dyBlock + <usize>n * dyImage + <usize>r * dyRow;
      const end = dy + <usize>columns * dyStep;
      for (; dy < end; x += xStep, dy += dyStep) {
        const u = v128.load(dy);
        const v = v128.load(dy, 16);
        const a = v128.load_splat<f32>(x);
        a0 = f32x4.add(a0, f32x4.mul(a, u));
        a1 = f32x4.add(a1, f32x4.mul(a, v));
        const b = v128.load_splat<f32>(x, 4);
        b0 = f32x4.add(b0, f32x4.mul(b, u));
        b1 = f32x4.add(b1, f32x4.mul(b, v));
        const c = v128.load_splat<f32>(x, 8);
        c0 = f32x4.add(c0, f32x4.mul(c, u));
        c1 = f32x4.add(c1, f32x4.mul(c, v));
        const d = v128.load_splat<f32>(x, 12);
        d0 = f32x4.add(d0, f32x4.mul(d, u));
        d1 = f32x4.add(d1, f32x4.mul(d, v));
      }
    }
  }
  addTo(out, a0);
  addTo(out + 16, a1);
  addTo(out + outRow, b0);
  addTo(out + outRow + 16, b1);
  addTo(out + 2 * outRow, c0);
  addTo(out + 2 * outRow + 16, c1);
  addTo(out + 3 * outRow, d0);
  addTo(out + 3 * outRow + 16, d1);
}

function addTile4(xBlock: usize, dyBlock: usize, out: usize, outRow: usize): void {
  const xStep = xColumn;
  const dyStep = dyColumn;
  let a0 = f32x4.splat(0);
  let b0 = a0;
  let c0 = a0;
  let d0 = a0;
  for (let n = 0; n < images; n++) {
    for (let r = 0; r < rows; r++) {
      let x = xBlock + <usize>n * xImage + <usize>r * xRow;
      let dy = dyBlock + <usize>n * dyImage + <usize>r * dyRow;
      const end = dy + <usize>columns * dyStep;
      for (; dy < end; x += xStep, dy += dyStep) {
        const u = v128.load(dy);
        a0 = f32x4.add(a0, f32x4.mul(v128.load_splat<f32>(x), u));
        b0 = f32x4.add(b0, f32x4.mul(v128.load_splat<f32>(x, 4), u));
        c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(x, 8), u));
        d0 = f32x4.add(d0, f32x4.mul(v128.load_splat<f32>(x, 12), u));
      }
    }
  }
  addTo(out, a0);
  addTo(out + outRow, b0);
  addTo(out + 2 * outRow, c0);
  addTo(out + 3 * outRow, d0);
}

function addTo(out: usize, v: v128): void {
  v128.store(out, f32x4.add(v128.load(out), v));
}

/**
 * Adds partial filters and drops the rounded-up channels, one tap a chunk. ints: partials, out, groups, taps,
 * input channels, output channels, rounded-up input channels.
 */
export function addPartials(job: usize, chunk: i32): void {
  const groups = int(job, 2);
  const inChannels = int(job, 4);
  const outChannels = int(job, 5);
  const outRow = (<usize>g.roundUp4(outChannels)) << 2;
  const groupBytes = <usize>int(job, 3) * <usize>int(job, 6) * outRow;
  for (let c = 0; c < inChannels; c++) {
    const from = pointer(job, 0) + (<usize>chunk * <usize>int(job, 6) + <usize>c) * outRow;
    const to = pointer(job, 1) + (((<usize>chunk * <usize>inChannels + <usize>c) * <usize>outChannels) << 2);
    for (let k = 0; k < outChannels; k += 4) {
      let sum = v128.load(from + ((<usize>k) << 2));
      for (let group = 1; group < groups; group++) {
        sum = f32x4.add(sum, v128.load(from + <usize>group * groupBytes + ((<usize>k) << 2)));
      }
      if (outChannels - k >= 4) v128.store(to + ((<usize>k) << 2), sum);
      else storeLanes(to + ((<usize>k) << 2), sum, outChannels - k);
    }
  }
}
