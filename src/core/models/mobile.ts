/** What both MobileNets share: how they narrow, and how they fit small images. */
import type { Shape } from "../graph";

/** Channels of the published first stage. */
export const PUBLISHED_WIDTH = 32;

/** Channel counts stay multiples of this (published code of MobileNet V2). */
const MULTIPLE = 8;

/** The channels of a stage that has `published` ones at the published width: rounded, but by no more than a tenth downwards. */
export function channelsAt(published: number, width: number): number {
  const exact = (published * width) / PUBLISHED_WIDTH;
  const rounded = Math.max(MULTIPLE, Math.floor((exact + MULTIPLE / 2) / MULTIPLE) * MULTIPLE);
  return rounded < 0.9 * exact ? rounded + MULTIPLE : rounded;
}

/** Times that the published networks halve their image, 224 pixels to 7: in the stem and in four of the stages. */
const HALVINGS = 5;

/** Up to this many pixels the stem leaves the image as it is, as is usual for CIFAR. */
const SMALL = 64;

/** Pixels that the last map should keep: a depthwise 3x3 convolution on less sees little but its padding. */
const LEAST_MAP = 3;

/**
 * Stride of each halving in turn, the stem's first. Small images leave out the stem's and then the last ones: the early ones save most
 * of the time. 32 pixels become 16, 8 and 4; 20 become 10, 5 and 3.
 */
export function halvingStrides([height = 0, width = 0]: Shape): readonly (1 | 2)[] {
  const size = Math.min(height, width);
  const first = size > SMALL ? 0 : 1;
  let end = HALVINGS;
  while (end > first && Math.ceil(size / 2 ** (end - first)) < LEAST_MAP) end--;
  return Array.from({ length: HALVINGS }, (_, i) => (i >= first && i < end ? 2 : 1));
}
