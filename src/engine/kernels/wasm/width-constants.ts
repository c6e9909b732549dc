/** What the kernel `FRACTIONAL` is told of the widths: one column of constants for each column of the array. */
import {
  FRAC_CEIL,
  FRAC_FLOOR,
  FRAC_OFFSET_CEIL,
  FRAC_MODIFIED,
  FRAC_OFFSET,
  FRAC_PER_CEIL,
  FRAC_PER_FLOOR,
  FRAC_ROWS,
  FRAC_SHARE,
  FRAC_SINGLE,
  FRAC_TWO_SIDED,
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

/** 2^bits: a table, for `**` takes longer than all the rest of a channel. */
const POWERS = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;

/** Widths as in the contract. */
export interface WidthData {
  readonly widths: Float32Array;
  readonly share: Float32Array;
  readonly modified: boolean;
  readonly twoSided: boolean;
}

/**
 * Writes float32 [FRAC_ROWS, width] at float index `at`; gives the flags of the kernel. A level of n adds `span share / n` to the
 * output, and a width of zero bits its zero point; `low` and `span` bring [0, 1] to the signed or unsigned output. For the gradient
 * each neighbour stands by itself, with a share of one.
 */
export function writeConstants(
  float32: Float32Array,
  at: number,
  { channels, width }: Layout,
  { widths, share, modified, twoSided }: WidthData,
  gradient: boolean,
): number {
  const [low, span, zeroPoint] = twoSided ? [-1, 2, 0.5] : [0, 1, 0];
  const original = modified ? 0 : 1;
  let single = true;
  for (let c = 0; c < channels; c++) {
    const [floor, ceil, h] = [widths[c] ?? 0, widths[channels + c] ?? 0, share[c] ?? 0];
    single &&= floor === ceil && h === 0;
    const [shareOfFloor, shareOfCeil] = gradient ? [1, 1] : [1 - h, h];
    const row = at + c;
    const [levelsOfFloor, levelsOfCeil] = [(POWERS[floor] ?? NaN) - original, (POWERS[ceil] ?? NaN) - original];
    float32[row + FRAC_FLOOR * width] = levelsOfFloor;
    float32[row + FRAC_CEIL * width] = levelsOfCeil;
    float32[row + FRAC_PER_FLOOR * width] = floor === 0 ? 0 : (span * shareOfFloor) / levelsOfFloor;
    float32[row + FRAC_PER_CEIL * width] = ceil === 0 ? 0 : (span * shareOfCeil) / levelsOfCeil;
    const zeroOfFloor = floor === 0 ? span * zeroPoint : 0;
    const zeroOfCeil = ceil === 0 ? span * zeroPoint : 0;
    if (gradient) {
      float32[row + FRAC_OFFSET * width] = low + zeroOfFloor;
      float32[row + FRAC_SHARE * width] = h;
      float32[row + FRAC_OFFSET_CEIL * width] = low + zeroOfCeil;
    } else float32[row + FRAC_OFFSET * width] = low + (1 - h) * zeroOfFloor + h * zeroOfCeil;
  }
  for (let row = at; row < at + FRAC_ROWS * width; row += width) {
    for (let c = channels; c < width; c += channels) float32.copyWithin(row + c, row, row + channels);
  }
  return (modified ? FRAC_MODIFIED : 0) | (single ? FRAC_SINGLE : 0) | (twoSided ? FRAC_TWO_SIDED : 0);
}
