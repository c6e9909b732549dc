/**
 * Around the input gradient of a convolution: it is a stride-1 convolution of dy for each of the stride's phases (rows and columns
 * y = phase, phase + stride, ...), with those taps of the filter that reach the phase. XNNPACK convolves; here the taps are picked
 * and the phases put back together.
 */
import { int, pointer } from "./arguments";

/**
 * out[j, i, k, c] = filter[lastY - j * stepY, lastX - i * stepX, c, k], one row of taps a chunk.
 * ints: filter, out, filter width, C, K, lastY, stepY, lastX, stepX, taps in a row.
 */
export function flipFilter(job: usize, chunk: i32): void {
  const channels = int(job, 3);
  const outChannels = int(job, 4);
  const taps = int(job, 9);
  const tapFloats = <usize>channels * <usize>outChannels;
  const row = (int(job, 5) - chunk * int(job, 6)) * int(job, 2);
  for (let i = 0; i < taps; i++) {
    const from = pointer(job, 0) + ((<usize>(row + int(job, 7) - i * int(job, 8)) * tapFloats) << 2);
    const to = pointer(job, 1) + ((<usize>(chunk * taps + i) * tapFloats) << 2);
    transpose(from, to, channels, outChannels);
  }
}

/** to[columns, rows] = from[rows, columns], four columns at a time so that each line is read once. */
function transpose(from: usize, to: usize, rows: i32, columns: i32): void {
  const toRow = (<usize>rows) << 2;
  const fromRow = (<usize>columns) << 2;
  let k = 0;
  for (; k + 4 <= columns; k += 4) {
    let source = from + ((<usize>k) << 2);
    let target = to + <usize>k * toRow;
    for (let c = 0; c < rows; c++, source += fromRow, target += 4) {
      const v = v128.load(source);
      v128.store_lane<f32>(target, v, 0);
      v128.store_lane<f32>(target + toRow, v, 1);
      v128.store_lane<f32>(target + 2 * toRow, v, 2);
      v128.store_lane<f32>(target + 3 * toRow, v, 3);
    }
  }
  for (; k < columns; k++) {
    for (let c = 0; c < rows; c++) {
      store<f32>(to + <usize>k * toRow + ((<usize>c) << 2), load<f32>(from + <usize>c * fromRow + ((<usize>k) << 2)));
    }
  }
}

/** ints: from, to, rows, columns. */
export function transposeMatrix(job: usize, _chunk: i32): void {
  transpose(pointer(job, 0), pointer(job, 1), int(job, 2), int(job, 3));
}

/**
 * to[n, phaseY + strideY q, phaseX + strideX r, :] = from[n, q, r, :], one image a chunk.
 * ints: from, to, H, W, C, rows and columns of the phase, phaseY, phaseX, strideY, strideX.
 */
export function scatterPhase(job: usize, chunk: i32): void {
  const floats = int(job, 4);
  const rows = int(job, 5);
  const columns = int(job, 6);
  const pixel = (<usize>floats) << 2;
  const toStep = <usize>int(job, 10) * pixel;
  let from = pointer(job, 0) + <usize>(chunk * rows * columns) * pixel;
  const image = pointer(job, 1) + <usize>(chunk * int(job, 2) * int(job, 3)) * pixel;
  for (let q = 0; q < rows; q++) {
    let to = image + <usize>((int(job, 7) + int(job, 9) * q) * int(job, 3) + int(job, 8)) * pixel;
    for (let r = 0; r < columns; r++, to += toStep, from += pixel) {
      let c: usize = 0;
      for (; c + 16 <= pixel; c += 16) v128.store(to + c, v128.load(from + c));
      for (; c < pixel; c += 4) store<f32>(to + c, load<f32>(from + c));
    }
  }
}
