/** What the kernel `FRACTIONAL` is told of the widths: one column of constants for each column of the array. */
import {
  FRAC_CEIL,
  FRAC_COUNT,
  FRAC_FLOOR,
  FRAC_GAP,
  FRAC_HIGH,
  FRAC_LOW,
  FRAC_MODIFIED,
  FRAC_OFFSET,
  FRAC_ROWS,
  FRAC_SHARE,
  FRAC_SINGLE,
} from "./kernel-ids";

/** Floats that one chunk handles, about. */
const CHUNK_FLOATS = 32768;

/** n floats as rows of `width`, a multiple of four and of `channels`. */
export interface Layout {
  readonly n: number;
  readonly channels: number;
  readonly width: number;
  readonly chunkRows: number;
}

export function layoutOf(n: number, channels: number): Layout {
  let width = channels;
  while (width % 4 !== 0) width *= 2;
  return { n, channels, width, chunkRows: Math.max(1, Math.floor(CHUNK_FLOATS / width)) };
}

/** Chunks of whole rows; the last takes also the floats that fill no row. */
export function chunkCount({ n, width, chunkRows }: Layout): number {
  return Math.max(1, Math.ceil(Math.floor(n / width) / chunkRows));
}

export function constantsBytes({ width }: Layout): number {
  return 4 * FRAC_ROWS * width;
}

/** Widths as in the contract. */
export interface WidthData {
  readonly widths: Float32Array;
  readonly share: Float32Array;
  readonly modified: boolean;
  readonly zeroPoint: number;
}

/** Writes float32 [FRAC_ROWS, width] at float index `at`; gives the flags of the kernel. */
export function writeConstants(float32: Float32Array, at: number, { channels, width }: Layout, data: WidthData): number {
  const { widths, share, modified, zeroPoint } = data;
  let single = true;
  for (let c = 0; c < channels; c++) {
    const [floor, ceil, h] = [widths[c] ?? 0, widths[channels + c] ?? 0, share[c] ?? 0];
    single &&= floor === ceil && h === 0;
    const keep = Math.fround(1 - h);
    const [zeroFloor, zeroCeil] = [floor === 0 ? zeroPoint : 0, ceil === 0 ? zeroPoint : 0];
    const put = (row: number, value: number): void => {
      float32[at + row * width + c] = value;
    };
    putUnit(put, FRAC_FLOOR, floor, keep, modified);
    putUnit(put, FRAC_CEIL, ceil, h, modified);
    put(FRAC_OFFSET, Math.fround(keep * zeroFloor) + Math.fround(h * zeroCeil));
    put(FRAC_GAP, zeroCeil - zeroFloor);
  }
  for (let row = at; row < at + FRAC_ROWS * width; row += width) {
    for (let c = channels; c < width; c += channels) float32.copyWithin(row + c, row, row + channels);
  }
  return (modified ? FRAC_MODIFIED : 0) | (single ? FRAC_SINGLE : 0);
}

/** Constants of the unit quantizer at `bits`, as the kernel's functions `original` and `modified` read them. */
function putUnit(put: (row: number, value: number) => void, first: number, bits: number, share: number, modified: boolean): void {
  const count = modified ? 2 ** bits : 2 ** bits - 1;
  const [high, low] = modified ? [1 / count, count - 1] : reciprocalOf(count);
  put(first + FRAC_COUNT, count);
  put(first + FRAC_HIGH, high);
  put(first + FRAC_LOW, low);
  put(first + FRAC_SHARE, share);
}

/** 1 / count in two parts, the upper one of 16 bits: products of it with whole numbers below 256 are exact. [0, 0] for 0. */
export function reciprocalOf(count: number): readonly [high: number, low: number] {
  if (count === 0) return [0, 0];
  const scale = 2 ** (15 + Math.ceil(Math.log2(count)));
  const high = Math.floor(scale / count) / scale;
  return [high, Math.fround((1 - high * count) / count)];
}
