/** Gradient of max pooling: dy goes to the first largest input of each window. */
import * as g from "./geometry";
import { loadLanes, storeLanes } from "./lanes";

/** dx, one image a chunk; arguments as in `geometry.ts`. */
export function maxPoolGrad(job: usize, chunk: i32): void {
  const pixel = (<usize>g.inChannels(job)) << 2;
  const imageBytes = <usize>(g.height(job) * g.width(job)) * pixel;
  const x = g.xAt(job) + <usize>chunk * imageBytes;
  const dx = g.outAt(job) + <usize>chunk * imageBytes;
  let dy = g.dyAt(job) + <usize>(chunk * g.outHeight(job) * g.outWidth(job)) * pixel;
  memory.fill(dx, 0, imageBytes);
  for (let row = 0; row < g.outHeight(job); row++) {
    for (let column = 0; column < g.outWidth(job); column++, dy += pixel) {
      for (let c = 0; c < g.inChannels(job); c += 4) {
        const offset = (<usize>c) << 2;
        spreadWindow(job, x + offset, dx + offset, dy + offset, row, column, min(4, g.inChannels(job) - c));
      }
    }
  }
}

/** One window, up to four channels: finds the largest input, then adds dy where it is. */
function spreadWindow(job: usize, x: usize, dx: usize, dy: usize, row: i32, column: i32, lanes: i32): void {
  const pixel = (<usize>g.inChannels(job)) << 2;
  const top = row * g.strideHeight(job) - g.padTop(job);
  const left = column * g.strideWidth(job) - g.padLeft(job);
  const lastRow = min(g.height(job), top + g.filterHeight(job));
  const lastColumn = min(g.width(job), left + g.filterWidth(job));
  let largest = f32x4.splat(0);
  let at = i32x4.splat(-1);
  for (let y = max(0, top); y < lastRow; y++) {
    for (let z = max(0, left); z < lastColumn; z++) {
      const place = y * g.width(job) + z;
      const value = read(x + <usize>place * pixel, lanes);
      const better = v128.or(f32x4.gt(value, largest), i32x4.eq(at, i32x4.splat(-1)));
      largest = v128.bitselect(value, largest, better);
      at = v128.bitselect(i32x4.splat(place), at, better);
    }
  }
  const upstream = read(dy, lanes);
  for (let y = max(0, top); y < lastRow; y++) {
    for (let z = max(0, left); z < lastColumn; z++) {
      const place = y * g.width(job) + z;
      const to = dx + <usize>place * pixel;
      const sum = f32x4.add(read(to, lanes), v128.and(upstream, i32x4.eq(at, i32x4.splat(place))));
      if (lanes == 4) v128.store(to, sum);
      else storeLanes(to, sum, lanes);
    }
  }
}

function read(p: usize, lanes: i32): v128 {
  return lanes == 4 ? v128.load(p) : loadLanes(p, lanes);
}
