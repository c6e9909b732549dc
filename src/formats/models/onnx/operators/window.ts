/** Sizes of what slides over an image: padding in all the ways in which ONNX states it. */
import type { Padding, Pair } from "../../../../core/graph";
import { numberOf, numbersOf, textOf } from "../attributes";
import { Refusal } from "../constant";
import type { OnnxNode } from "../messages";

export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** With what the ceil mode adds at the end. */
  readonly padding: Padding;
  /** As it is declared. */
  readonly declared: Padding;
  /** Sizes of the output. */
  readonly output: Pair;
}

/** `dims` is [batch, channels, height, width]. */
export function windowOf(node: OnnxNode, dims: readonly number[], kernel: Pair): Window {
  const pair = (name: string): Pair => {
    const values = numbersOf(node, name) ?? [1, 1];
    const [a = 1, b = 1] = values;
    if (values.length !== 2 || ![a, b].every((n) => Number.isInteger(n) && n >= 1))
      throw new Refusal(`its ${name} are impossible`);
    return [a, b];
  };
  const [stride, dilation] = [pair("strides"), pair("dilations")];
  const size: Pair = [dims[2] as number, dims[3] as number];
  const ceil = numberOf(node, "ceil_mode", 0) === 1;
  const axes = ([0, 1] as const).map((axis) => {
    const extent = dilation[axis] * (kernel[axis] - 1) + 1;
    const [before, after] = padsOf(node, axis, size[axis], extent, stride[axis]);
    return { before, after, ...along(size[axis], extent, stride[axis], before, after, ceil) };
  }) as [Axis, Axis];
  const [vertical, horizontal] = axes;
  return {
    kernel,
    stride,
    dilation,
    padding: { top: vertical.before, bottom: vertical.end, left: horizontal.before, right: horizontal.end },
    declared: { top: vertical.before, bottom: vertical.after, left: horizontal.before, right: horizontal.after },
    output: [vertical.output, horizontal.output],
  };
}

interface Axis {
  readonly before: number;
  readonly after: number;
  /** Padding after the image that gives this output. */
  readonly end: number;
  readonly output: number;
}

function along(
  size: number,
  extent: number,
  stride: number,
  before: number,
  after: number,
  ceil: boolean,
): Pick<Axis, "end" | "output"> {
  const free = size + before + after - extent;
  if (free < 0) throw new Refusal(`its window of ${extent} is larger than its input of ${size}`);
  if (!ceil) return { end: after, output: Math.floor(free / stride) + 1 };
  let output = Math.ceil(free / stride) + 1;
  // A window that begins behind the image sees nothing of it.
  if ((output - 1) * stride >= size + before) output--;
  return { end: Math.max(after, (output - 1) * stride + extent - size - before), output };
}

function padsOf(node: OnnxNode, axis: 0 | 1, size: number, extent: number, stride: number): readonly [number, number] {
  const auto = textOf(node, "auto_pad", "NOTSET");
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
    const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return auto === "SAME_UPPER" ? [less, more] : [more, less];
  }
  const pads = auto === "VALID" ? [0, 0, 0, 0] : (numbersOf(node, "pads") ?? [0, 0, 0, 0]);
  const [before = 0, after = 0] = [pads[axis], pads[axis + 2]];
  if (pads.length !== 4 || ![before, after].every((n) => Number.isInteger(n) && n >= 0))
    throw new Refusal("its padding is impossible");
  return [before, after];
}
