/** Sizes of a graph's nodes: which are impossible, and what follows from the inputs'. */
import type { GraphNode, Padding, Pair, Shape } from "./graph";

/** Refuses window, stride and channel numbers that no layer can have: shapes computed from them would blame the input. */
export function checkSizes(node: GraphNode): void {
  const padding = "padding" in node ? [node.padding.top, node.padding.right, node.padding.bottom, node.padding.left] : [];
  const sizes = {
    filters: "filters" in node ? [node.filters] : [],
    units: "units" in node ? [node.units] : [],
    vocabulary: "vocabulary" in node ? [node.vocabulary] : [],
    size: "size" in node ? [node.size].flat() : [],
    channels: "channels" in node ? [node.channels] : [],
    groups: "groups" in node ? [node.groups] : [],
    kernel: "kernel" in node ? node.kernel : [],
    stride: "stride" in node ? node.stride : [],
    dilation: "dilation" in node ? node.dilation : [],
    // Padding may be 0, the others may not.
    padding: padding.map((pixels) => pixels + 1),
  };
  for (const [attribute, values] of Object.entries(sizes)) {
    if (!values.every((value) => Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`Layer "${node.name}" (${node.op}) has an impossible ${attribute}.`);
    }
  }
}

/** Shape of a node's output. Throws a RangeError with a sentence that names the node. */
export function outputShape(node: GraphNode, inputs: readonly Shape[]): Shape {
  const expected = { input: 0, add: 2, concat: 2, multiply: 2 }[node.op as string] ?? 1;
  const enough = node.op === "add" || node.op === "concat" ? inputs.length >= expected : inputs.length === expected;
  if (!enough)
    throw new RangeError(`Layer "${node.name}" (${node.op}) has ${inputs.length} inputs, which does not fit its type.`);
  const first = inputs[0] ?? [];
  switch (node.op) {
    case "input":
      return node.shape;
    case "conv": {
      const channels = needRank(node, first, 3)[2] as number;
      if (channels % node.groups !== 0 || node.filters % node.groups !== 0) {
        throw new RangeError(
          `Layer "${node.name}": ${channels} input and ${node.filters} output channels cannot be split into ${node.groups} groups.`,
        );
      }
      return [...windowShape(node, first, node.dilation), node.filters];
    }
    case "dense":
      if (first.length !== 2) needRank(node, first, 1);
      return [...first.slice(0, -1), node.units];
    case "embedding":
      return [...needRank(node, first, 1), node.size];
    case "lstm": {
      const [length] = needRank(node, first, 2);
      return node.returns === "sequence" ? [length as number, node.units] : [node.units];
    }
    case "maxPool":
    case "averagePool":
      return [...windowShape(node, needRank(node, first, 3), [1, 1]), first[2] as number];
    case "globalAveragePool":
      return [needRank(node, first, 3)[2] as number];
    case "add": {
      for (const other of inputs) {
        if (other.join() !== first.join()) {
          throw new RangeError(
            `Layer "${node.name}" adds tensors of different shapes: ${first.join(" x ")} and ${other.join(" x ")}.`,
          );
        }
      }
      return first;
    }
    case "concat": {
      const outer = first.slice(0, -1);
      let channels = 0;
      for (const other of inputs) {
        if (other.slice(0, -1).join() !== outer.join()) {
          throw new RangeError(
            `Layer "${node.name}" joins tensors whose sizes differ: ${first.join(" x ")} and ${other.join(" x ")}.`,
          );
        }
        channels += other.at(-1) as number;
      }
      return [...outer, channels];
    }
    case "flatten":
      return [elements(first)];
    case "multiply":
      return multiplied(node, first, inputs[1] ?? []);
    case "reshape":
      if (elements(node.shape) !== elements(first)) {
        throw new RangeError(`Layer "${node.name}" makes ${node.shape.join(" x ")} of ${first.join(" x ")}: the sizes differ.`);
      }
      return node.shape;
    case "transpose":
      if ([...node.order].sort((a, b) => a - b).join() !== first.map((_, axis) => axis).join()) {
        throw new RangeError(`Layer "${node.name}" cannot order ${first.length} axes as ${node.order.join(", ")}.`);
      }
      return node.order.map((axis) => first[axis] as number);
    case "pad": {
      const { top, right, bottom, left } = node.padding;
      const [height, width, channels] = needRank(node, first, 3) as [number, number, number];
      return [height + top + bottom, width + left + right, channels];
    }
    case "resize":
      return [...node.size, needRank(node, first, 3)[2] as number];
    case "channels": {
      const [height, width, channels] = needRank(node, first, 3) as [number, number, number];
      if (channels !== node.channels && channels !== 1 && node.channels !== 1) {
        throw new RangeError(`Layer "${node.name}" cannot make ${node.channels} channels of ${channels}.`);
      }
      return [height, width, node.channels];
    }
    case "affine": {
      const channels = first.at(-1) as number;
      for (const { length } of [node.scale, node.shift]) {
        if (length !== 1 && length !== channels)
          throw new RangeError(`Layer "${node.name}" has ${length} constants for ${channels} channels.`);
      }
      return first;
    }
    case "lrn":
      return needRank(node, first, 3);
    case "batchNorm":
    case "relu":
    case "relu6":
    case "clip":
    case "leakyRelu":
    case "sigmoid":
    case "tanh":
    case "elu":
    case "swish":
    case "hardSigmoid":
    case "dropout":
    case "softmax":
      return first;
  }
}

const elements = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** Shape of the first input, whose sizes the second has, or 1. */
function multiplied(node: GraphNode, first: Shape, second: Shape): Shape {
  const fits = first.length === second.length && second.every((size, axis) => size === 1 || size === first[axis]);
  if (fits) return first;
  throw new RangeError(
    `Layer "${node.name}" multiplies tensors of shapes that do not fit: ${first.join(" x ")} and ${second.join(" x ")}.`,
  );
}

/** Inputs by their number of axes, in words. */
const RANKS: Readonly<Record<number, string>> = {
  1: "a vector; put a flatten or a global pooling layer before it",
  2: "length x features; put an embedding before it",
  3: "height x width x channels",
};

function needRank(node: GraphNode, shape: Shape, rank: number): Shape {
  if (shape.length !== rank) {
    throw new RangeError(`Layer "${node.name}" (${node.op}) needs ${RANKS[rank]}, and its input is ${shape.join(" x ")}.`);
  }
  return shape;
}

function windowShape(
  node: { readonly kernel: Pair; readonly stride: Pair; readonly padding: Padding },
  [height, width]: Shape,
  dilation: Pair,
): Pair {
  const { kernel, stride, padding } = node;
  const size = (input: number, axis: 0 | 1, pad: number): number =>
    Math.floor((input + pad - (dilation[axis] * (kernel[axis] - 1) + 1)) / stride[axis]) + 1;
  return [size(height as number, 0, padding.top + padding.bottom), size(width as number, 1, padding.left + padding.right)];
}
