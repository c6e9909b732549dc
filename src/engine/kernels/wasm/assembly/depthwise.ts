/** Gradients of a depthwise convolution with a channel multiplier; output channel k reads input channel k / multiplier. */
import * as g from "./geometry";
import { loadLanes, storeLanes } from "./lanes";

/** Partial filters [taps, 1, K rounded up], one group of images a chunk. Lanes past the last channel hold rubbish, as in filterGrad. */
export function depthwiseFilterGrad(job: usize, chunk: i32): void {
  const taps = g.filterHeight(job) * g.filterWidth(job);
  const paddedOut = g.roundUp4(g.outChannels(job));
  const partial = g.outAt(job) + ((<usize>(chunk * taps * paddedOut)) << 2);
  const endImage = ((chunk + 1) * g.batch(job)) / g.imageGroups(job);
  memory.fill(partial, 0, (<usize>(taps * paddedOut)) << 2);
  for (let n = (chunk * g.batch(job)) / g.imageGroups(job); n < endImage; n++) {
    for (let tap = 0; tap < taps; tap++) addTap(job, n, tap, partial + ((<usize>(tap * paddedOut)) << 2));
  }
}

function addTap(job: usize, image: i32, tap: i32, partial: usize): void {
  const shiftY = (tap / g.filterWidth(job)) * g.dilationHeight(job) - g.padTop(job);
  const shiftX = (tap % g.filterWidth(job)) * g.dilationWidth(job) - g.padLeft(job);
  const y0 = g.firstInside(shiftY, g.strideHeight(job));
  const y1 = g.endInside(shiftY, g.strideHeight(job), g.height(job), g.outHeight(job));
  const x0 = g.firstInside(shiftX, g.strideWidth(job));
  const columns = g.endInside(shiftX, g.strideWidth(job), g.width(job), g.outWidth(job)) - x0;
  const channels = g.inChannels(job);
  const xStep = (<usize>(g.strideWidth(job) * channels)) << 2;
  const dyStep = (<usize>g.outChannels(job)) << 2;
  for (let y = y0; y < y1; y++) {
    const pixel = (image * g.height(job) + y * g.strideHeight(job) + shiftY) * g.width(job) + x0 * g.strideWidth(job) + shiftX;
    const x = g.xAt(job) + ((<usize>pixel * <usize>channels) << 2);
    const dy = g.dyAt(job) + <usize>((image * g.outHeight(job) + y) * g.outWidth(job) + x0) * dyStep;
    if (g.multiplier(job) == 1) addRow(x, dy, columns, xStep, dyStep, partial);
    else addRowScalar(job, x, dy, columns, xStep, dyStep, partial);
  }
}

function addRow(xRow: usize, dyRow: usize, columns: i32, xStep: usize, dyStep: usize, partial: usize): void {
  for (let c: usize = 0; c < dyStep; c += 16) {
    let x = xRow + c;
    let dy = dyRow + c;
    let a = f32x4.splat(0);
    let b = a;
    let i = 1;
    for (; i < columns; i += 2, x += xStep + xStep, dy += dyStep + dyStep) {
      a = f32x4.add(a, f32x4.mul(v128.load(x), v128.load(dy)));
      b = f32x4.add(b, f32x4.mul(v128.load(x + xStep), v128.load(dy + dyStep)));
    }
    if (i == columns) a = f32x4.add(a, f32x4.mul(v128.load(x), v128.load(dy)));
    v128.store(partial + c, f32x4.add(v128.load(partial + c), f32x4.add(a, b)));
  }
}

function addRowScalar(job: usize, xRow: usize, dyRow: usize, columns: i32, xStep: usize, dyStep: usize, partial: usize): void {
  for (let k = 0; k < g.outChannels(job); k++) {
    let x = xRow + ((<usize>(k / g.multiplier(job))) << 2);
    let dy = dyRow + ((<usize>k) << 2);
    const to = partial + ((<usize>k) << 2);
    let sum: f32 = 0;
    for (let i = 0; i < columns; i++, x += xStep, dy += dyStep) sum += load<f32>(x) * load<f32>(dy);
    store<f32>(to, load<f32>(to) + sum);
  }
}

/** dx, one image a chunk. Of the common arguments `x` is the filter and `out` is dx. */
export function depthwiseInputGrad(job: usize, chunk: i32): void {
  const channels = g.inChannels(job);
  const rowBytes = (<usize>(g.width(job) * channels)) << 2;
  const image = g.outAt(job) + <usize>(chunk * g.height(job)) * rowBytes;
  const taps = g.filterHeight(job) * g.filterWidth(job);
  memory.fill(image, 0, <usize>g.height(job) * rowBytes);
  for (let y = 0; y < g.outHeight(job); y++) {
    for (let tap = 0; tap < taps; tap++) {
      const row = y * g.strideHeight(job) + (tap / g.filterWidth(job)) * g.dilationHeight(job) - g.padTop(job);
      if (row >= 0 && row < g.height(job)) spreadRow(job, chunk, y, tap, image + <usize>row * rowBytes);
    }
  }
}

/** Adds one row of dy times one tap of the filter to the row of dx that it came from. */
function spreadRow(job: usize, image: i32, y: i32, tap: i32, dxRow: usize): void {
  const shift = (tap % g.filterWidth(job)) * g.dilationWidth(job) - g.padLeft(job);
  const x0 = g.firstInside(shift, g.strideWidth(job));
  const columns = g.endInside(shift, g.strideWidth(job), g.width(job), g.outWidth(job)) - x0;
  const channels = g.inChannels(job);
  const dxStep = (<usize>(g.strideWidth(job) * channels)) << 2;
  const dyStep = (<usize>g.outChannels(job)) << 2;
  const filter = g.xAt(job) + <usize>tap * dyStep;
  const dyStart = g.dyAt(job) + <usize>((image * g.outHeight(job) + y) * g.outWidth(job) + x0) * dyStep;
  const dxStart = dxRow + ((<usize>((x0 * g.strideWidth(job) + shift) * channels)) << 2);
  let k = 0;
  if (g.multiplier(job) == 1) {
    for (; k < channels; k += 4) {
      const rest = channels - k;
      let dx = dxStart + ((<usize>k) << 2);
      let dy = dyStart + ((<usize>k) << 2);
      if (rest >= 4) {
        const w = v128.load(filter + ((<usize>k) << 2));
        for (let i = 0; i < columns; i++, dx += dxStep, dy += dyStep) {
          v128.store(dx, f32x4.add(v128.load(dx), f32x4.mul(v128.load(dy), w)));
        }
      } else {
        const w = loadLanes(filter + ((<usize>k) << 2), rest);
        for (let i = 0; i < columns; i++, dx += dxStep, dy += dyStep) {
          storeLanes(dx, f32x4.add(loadLanes(dx, rest), f32x4.mul(loadLanes(dy, rest), w)), rest);
        }
      }
    }
    return;
  }
  for (; k < g.outChannels(job); k++) {
    const w = load<f32>(filter + ((<usize>k) << 2));
    let dx = dxStart + ((<usize>(k / g.multiplier(job))) << 2);
    let dy = dyStart + ((<usize>k) << 2);
    for (let i = 0; i < columns; i++, dx += dxStep, dy += dyStep) store<f32>(dx, load<f32>(dx) + load<f32>(dy) * w);
  }
}
