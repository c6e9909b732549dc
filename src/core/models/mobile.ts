/** How both MobileNets narrow. */

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
