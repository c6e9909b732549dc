/** The padding that TensorFlow calls "same". */
import type { Padding, Pair, Shape } from "./graph";

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation?: Pair;
}

/** What makes the output of a window over [height, width] input / stride large, rounded up; an odd pixel is at the bottom and the right. */
export function samePadding({ kernel, stride, dilation = [1, 1] }: Window, [height = 1, width = 1]: Shape): Padding {
  const total = (size: number, axis: 0 | 1): number => {
    const reach = (kernel[axis] - 1) * dilation[axis] + 1;
    return Math.max(0, (Math.ceil(size / stride[axis]) - 1) * stride[axis] + reach - size);
  };
  const [rows, columns] = [total(height, 0), total(width, 1)];
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return { top, right: columns - left, bottom: rows - top, left };
}
