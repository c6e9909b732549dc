/**
 * Convolution of NHWC tensors with a packed filter. A tile of four output positions by eight output channels stays in registers while it
 * runs over all taps and input channels. Zero padding costs no branch: a band of rows is first copied between zeros.
 */
import { int, pointer } from "./arguments";
import * as g from "./geometry";
import { storeLanes } from "./lanes";

/** Output channels of a panel of the packed filter; the last panel has four if that is enough. */
const PANEL: i32 = 8;

// The run of taps that a tile walks over, and where positions lie. Set once a band; globals belong to one thread.
let tapRows: i32 = 0;
let runs: i32 = 0;
let runFloats: i32 = 0;
let rowBytes: usize = 0;
let runBytes: usize = 0;
let fromRow: usize = 0;
let fromColumn: usize = 0;
let toRow: usize = 0;
let toColumn: usize = 0;

/**
 * packed[outer / 8][tap][inner][outer % 8] = filter[tap][inner * innerStep + outer * outerStep], one panel a chunk; channels that do not
 * exist are zero. Tap (j, i) is filter tap (firstY + j * stepY, firstX + i * stepX).
 * ints: filter, packed, floats of a filter tap, filter width, inner, outer, innerStep, outerStep, tap rows, tap columns, firstY, stepY,
 * firstX, stepX.
 */
export function packFilter(job: usize, chunk: i32): void {
  const inner = int(job, 4);
  const firstOuter = chunk * PANEL;
  const present = min(PANEL, int(job, 5) - firstOuter);
  const lanes = present > 4 ? PANEL : 4;
  const innerStep = (<usize>int(job, 6)) << 2;
  const outerStep = (<usize>int(job, 7)) << 2;
  const taps = int(job, 8) * int(job, 9);
  let to = pointer(job, 1) + <usize>(chunk * taps) * <usize>((inner * PANEL) << 2);
  for (let tap = 0; tap < taps; tap++) {
    const y = int(job, 10) + (tap / int(job, 9)) * int(job, 11);
    const x = int(job, 12) + (tap % int(job, 9)) * int(job, 13);
    let from = pointer(job, 0) + ((<usize>(y * int(job, 3) + x) * <usize>int(job, 2)) << 2) + <usize>firstOuter * outerStep;
    for (let i = 0; i < inner; i++, from += innerStep) {
      for (let lane = 0; lane < lanes; lane++, to += 4) {
        store<f32>(to, lane < present ? load<f32>(from + <usize>lane * outerStep) : 0);
      }
    }
  }
}

/**
 * ints: x, packed filter, out, then as in `geometry.ts` to the dilations (here of the filter as packed); floats of an image, a row and a
 * position of out; rows of a band, chunks; working memory and its bytes a chunk (0: nothing to pad). A chunk is some bands.
 */
export function convolve(job: usize, chunk: i32): void {
  const bandRows = int(job, 21);
  const bands = (g.outHeight(job) + bandRows - 1) / bandRows;
  const units = g.batch(job) * bands;
  const end = ((chunk + 1) * units) / int(job, 22);
  const pixel = (<usize>g.inChannels(job)) << 2;
  const padded = int(job, 24) != 0;
  const scratch = pointer(job, 23) + <usize>chunk * <usize>int(job, 24);
  const width = padded ? paddedWidth(job) : g.width(job);
  setRuns(job, <usize>width * pixel);
  for (let unit = (chunk * units) / int(job, 22); unit < end; unit++) {
    const image = unit / bands;
    const firstRow = (unit % bands) * bandRows;
    const rows = min(bandRows, g.outHeight(job) - firstRow);
    const firstInput = firstRow * g.strideHeight(job);
    let from = g.xAt(job) + <usize>((image * g.height(job) + firstInput) * g.width(job)) * pixel;
    if (padded) {
      padBand(job, image, firstInput, (rows - 1) * g.strideHeight(job) + (tapRows - 1) * g.dilationHeight(job) + 1, scratch);
      from = scratch;
    }
    const to = g.outAt(job) + ((<usize>(image * int(job, 18) + firstRow * int(job, 19))) << 2);
    convolveBand(job, from, to, rows);
  }
}

function paddedWidth(job: usize): i32 {
  return (g.outWidth(job) - 1) * g.strideWidth(job) + (g.filterWidth(job) - 1) * g.dilationWidth(job) + 1;
}

function setRuns(job: usize, inputRow: usize): void {
  const pixel = (<usize>g.inChannels(job)) << 2;
  // Neighbouring taps of a row are one run of floats, in x as in the packed filter, unless dilation parts them.
  const together = g.dilationWidth(job) == 1;
  tapRows = g.filterHeight(job);
  runs = together ? 1 : g.filterWidth(job);
  runFloats = together ? g.filterWidth(job) * g.inChannels(job) : g.inChannels(job);
  rowBytes = <usize>g.dilationHeight(job) * inputRow;
  runBytes = <usize>g.dilationWidth(job) * pixel;
  fromRow = <usize>g.strideHeight(job) * inputRow;
  fromColumn = <usize>g.strideWidth(job) * pixel;
  toRow = (<usize>int(job, 19)) << 2;
  toColumn = (<usize>int(job, 20)) << 2;
}

/** Copies the rows of x that a band reads, zeros where they or their ends lie outside. */
function padBand(job: usize, image: i32, firstInput: i32, rows: i32, to: usize): void {
  const pixel = (<usize>g.inChannels(job)) << 2;
  const columns = paddedWidth(job);
  const before = min(columns, max(0, g.padLeft(job)));
  const firstColumn = max(0, -g.padLeft(job));
  const inside = max(0, min(columns - before, g.width(job) - firstColumn));
  for (let row = 0; row < rows; row++, to += <usize>columns * pixel) {
    const y = firstInput + row - g.padTop(job);
    if (y < 0 || y >= g.height(job)) {
      memory.fill(to, 0, <usize>columns * pixel);
      continue;
    }
    const from = g.xAt(job) + <usize>((image * g.height(job) + y) * g.width(job) + firstColumn) * pixel;
    memory.fill(to, 0, <usize>before * pixel);
    memory.copy(to + <usize>before * pixel, from, <usize>inside * pixel);
    memory.fill(to + <usize>(before + inside) * pixel, 0, <usize>(columns - before - inside) * pixel);
  }
}

function convolveBand(job: usize, from: usize, to: usize, rows: i32): void {
  const columns = g.outWidth(job);
  const channels = g.outChannels(job);
  const positions = rows * columns;
  const panelBytes = <usize>(tapRows * runs) * <usize>((runFloats * PANEL) << 2);
  let panel = pointer(job, 1);
  for (let k = 0; k < channels; k += PANEL, panel += panelBytes, to += (<usize>PANEL) << 2) {
    for (let first = 0; first < positions; first += 4) {
      // The last tile reaches back, or repeats the last position where there are fewer than four.
      let position = max(0, min(first, positions - 4));
      let row = position / columns;
      let column = position % columns;
      const p0 = from + <usize>row * fromRow + <usize>column * fromColumn;
      const q0 = to + <usize>row * toRow + <usize>column * toColumn;
      if (++position < positions && ++column == columns) {
        column = 0;
        row++;
      }
      const p1 = from + <usize>row * fromRow + <usize>column * fromColumn;
      const q1 = to + <usize>row * toRow + <usize>column * toColumn;
      if (++position < positions && ++column == columns) {
        column = 0;
        row++;
      }
      const p2 = from + <usize>row * fromRow + <usize>column * fromColumn;
      const q2 = to + <usize>row * toRow + <usize>column * toColumn;
      if (++position < positions && ++column == columns) {
        column = 0;
        row++;
      }
      const p3 = from + <usize>row * fromRow + <usize>column * fromColumn;
      const q3 = to + <usize>row * toRow + <usize>column * toColumn;
      if (channels - k > 4) tile8(p0, p1, p2, p3, panel, q0, q1, q2, q3, channels - k);
      else tile4(p0, p1, p2, p3, panel, q0, q1, q2, q3, channels - k);
    }
  }
}

function tile8(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  panel: usize,
  toA: usize,
  toB: usize,
  toC: usize,
  toD: usize,
  channels: i32,
): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const runPanel = (<usize>runFloats) << 5;
  for (let row = 0; row < tapRows; row++) {
    for (let run = 0; run < runs; run++) {
      const offset = <usize>row * rowBytes + <usize>run * runBytes;
      let pa = a + offset;
      let pb = b + offset;
      let pc = c + offset;
      let pd = d + offset;
      const end = panel + runPanel;
      for (; panel < end; panel += 32, pa += 4, pb += 4, pc += 4, pd += 4) {
        const u = v128.load(panel);
        const v = v128.load(panel, 16);
        const xa = v128.load_splat<f32>(pa);
        a0 = f32x4.add(a0, f32x4.mul(xa, u));
        a1 = f32x4.add(a1, f32x4.mul(xa, v));
        const xb = v128.load_splat<f32>(pb);
        b0 = f32x4.add(b0, f32x4.mul(xb, u));
        b1 = f32x4.add(b1, f32x4.mul(xb, v));
        const xc = v128.load_splat<f32>(pc);
        c0 = f32x4.add(c0, f32x4.mul(xc, u));
        c1 = f32x4.add(c1, f32x4.mul(xc, v));
        const xd = v128.load_splat<f32>(pd);
        d0 = f32x4.add(d0, f32x4.mul(xd, u));
        d1 = f32x4.add(d1, f32x4.mul(xd, v));
      }
    }
  }
  v128.store(toA, a0);
  v128.store(toB, b0);
  v128.store(toC, c0);
  v128.store(toD, d0);
  storeUpTo4(toA + 16, a1, channels - 4);
  storeUpTo4(toB + 16, b1, channels - 4);
  storeUpTo4(toC + 16, c1, channels - 4);
  storeUpTo4(toD + 16, d1, channels - 4);
}

function tile4(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  panel: usize,
  toA: usize,
  toB: usize,
  toC: usize,
  toD: usize,
  channels: i32,
): void {
  let a0 = f32x4.splat(0);
  let b0 = a0;
  let c0 = a0;
  let d0 = a0;
  const runPanel = (<usize>runFloats) << 4;
  for (let row = 0; row < tapRows; row++) {
    for (let run = 0; run < runs; run++) {
      const offset = <usize>row * rowBytes + <usize>run * runBytes;
      let pa = a + offset;
      let pb = b + offset;
      let pc = c + offset;
      let pd = d + offset;
      const end = panel + runPanel;
      for (; panel < end; panel += 16, pa += 4, pb += 4, pc += 4, pd += 4) {
        const u = v128.load(panel);
        a0 = f32x4.add(a0, f32x4.mul(v128.load_splat<f32>(pa), u));
        b0 = f32x4.add(b0, f32x4.mul(v128.load_splat<f32>(pb), u));
        c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(pc), u));
        d0 = f32x4.add(d0, f32x4.mul(v128.load_splat<f32>(pd), u));
      }
    }
  }
  storeUpTo4(toA, a0, channels);
  storeUpTo4(toB, b0, channels);
  storeUpTo4(toC, c0, channels);
  storeUpTo4(toD, d0, channels);
}

function storeUpTo4(to: usize, v: v128, count: i32): void {
  if (count >= 4) v128.store(to, v);
  else storeLanes(to, v, count);
}
