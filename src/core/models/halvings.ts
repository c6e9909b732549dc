/** How networks made for large images fit small ones: they leave out some of the places at which they halve the image. */
import type { Padding, Pair, Shape } from "../graph";
import type { GraphBuilder } from "./builder";

/** Times that the published networks halve their image, 224 pixels to 7. */
const HALVINGS = 5;

/** Up to this many pixels an image is small: its first halving is left out, as is usual for CIFAR. */
const SMALL = 64;

/** Pixels that the last map should keep: a 3x3 convolution on less sees little but its padding. */
const LEAST_MAP = 3;

/** One of the places at which a published network halves its map. */
export interface Halving {
  /** 1 where it is left out. */
  readonly stride: 1 | 2;
  /** The map that enters it. */
  readonly from: Pair;
}

/** Whether the stem leaves the image as it is. */
export const isSmall = ([height = 0, width = 0]: Shape): boolean => Math.min(height, width) <= SMALL;

/**
 * The halvings of a network in turn. Small images leave out the first one, unless `keepFirst`, and then the last ones: the early ones
 * save most of the time. 32 pixels become 16, 8 and 4; 20 become 10, 5 and 3. Every map that halves is rounded up.
 */
export function halvingsOf(input: Shape, keepFirst = false): readonly Halving[] {
  const [height = 0, width = 0] = input;
  const size = Math.min(height, width);
  const first = isSmall(input) && !keepFirst ? 1 : 0;
  let end = HALVINGS;
  while (end > first && Math.ceil(size / 2 ** (end - first)) < LEAST_MAP) end--;
  return Array.from({ length: HALVINGS }, (_, i) => {
    const before = 2 ** Math.max(0, Math.min(i, end) - first);
    return { stride: i >= first && i < end ? 2 : 1, from: [Math.ceil(height / before), Math.ceil(width / before)] };
  });
}

/**
 * Max pooling that halves a map, rounding up; nothing where the halving is left out. Where PyTorch's ceil mode lets the last window of an
 * even map reach over its end, padding at the bottom and the right says the same.
 */
export function halvingPool(net: GraphBuilder, name: string, from: string, size: number, halving: Halving | undefined): string {
  if (!halving || halving.stride === 1) return from;
  return net.maxPool(name, from, size, { stride: 2, padding: halvingPadding(halving.from, size) });
}

/** What windows at every second pixel need so that a map of n pixels becomes one of n / 2, rounded up; the larger part at the end. */
function halvingPadding([height, width]: Pair, size: number): Padding {
  const missing = (pixels: number): number => Math.max(0, 2 * (Math.ceil(pixels / 2) - 1) + size - pixels);
  const [rows, columns] = [missing(height), missing(width)];
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return { top, left, bottom: rows - top, right: columns - left };
}
