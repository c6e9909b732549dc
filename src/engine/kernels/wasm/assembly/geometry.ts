/**
 * The window of a convolution, NHWC, read from the job block. ints: x, dy, out, N, H, W, C, OH, OW, K, filter height and width, strides,
 * padding top and left, dilations, image groups, tap groups, channel multiplier.
 */
import { int, pointer } from "./arguments";

export function xAt(job: usize): usize {
  return pointer(job, 0);
}
export function dyAt(job: usize): usize {
  return pointer(job, 1);
}
export function outAt(job: usize): usize {
  return pointer(job, 2);
}
export function batch(job: usize): i32 {
  return int(job, 3);
}
export function height(job: usize): i32 {
  return int(job, 4);
}
export function width(job: usize): i32 {
  return int(job, 5);
}
export function inChannels(job: usize): i32 {
  return int(job, 6);
}
export function outHeight(job: usize): i32 {
  return int(job, 7);
}
export function outWidth(job: usize): i32 {
  return int(job, 8);
}
export function outChannels(job: usize): i32 {
  return int(job, 9);
}
export function filterHeight(job: usize): i32 {
  return int(job, 10);
}
export function filterWidth(job: usize): i32 {
  return int(job, 11);
}
export function strideHeight(job: usize): i32 {
  return int(job, 12);
}
export function strideWidth(job: usize): i32 {
  return int(job, 13);
}
export function padTop(job: usize): i32 {
  return int(job, 14);
}
export function padLeft(job: usize): i32 {
  return int(job, 15);
}
export function dilationHeight(job: usize): i32 {
  return int(job, 16);
}
export function dilationWidth(job: usize): i32 {
  return int(job, 17);
}
export function imageGroups(job: usize): i32 {
  return int(job, 18);
}
export function tapGroups(job: usize): i32 {
  return int(job, 19);
}
export function multiplier(job: usize): i32 {
  return int(job, 20);
}

/** First output position whose input position `o * stride + shift` is not negative. */
export function firstInside(shift: i32, stride: i32): i32 {
  return shift >= 0 ? 0 : (stride - 1 - shift) / stride;
}

/** One past the last of `count` output positions whose input position is below `size`. */
export function endInside(shift: i32, stride: i32, size: i32, count: i32): i32 {
  const last = size - 1 - shift;
  return last < 0 ? 0 : min(count, last / stride + 1);
}

export function roundUp4(n: i32): i32 {
  return (n + 3) & ~3;
}
