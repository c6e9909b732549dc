/** The network as data: nodes, edges, shapes. Layout is NHWC; shapes leave the batch out. */

export type Shape = readonly number[];
export type Pair = readonly [height: number, width: number];
/** Zero padding in pixels. */
export interface Padding {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export type Operation =
  | { readonly op: "input"; readonly shape: Shape }
  | {
      readonly op: "conv";
      readonly filters: number;
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly padding: Padding;
      readonly dilation: Pair;
      /** 1 for a plain convolution; the number of input channels for a depthwise one. */
      readonly groups: number;
      readonly bias: boolean;
    }
  /** On every position of an input [length, features]. */
  | { readonly op: "dense"; readonly units: number; readonly bias: boolean }
  /** A vector for each symbol: numbers of symbols [length] become [length, size]. */
  | { readonly op: "embedding"; readonly vocabulary: number; readonly size: number }
  /** Long short-term memory over [length, features]: [length, units], or the last state alone, [units]. */
  | { readonly op: "lstm"; readonly units: number; readonly returns: "sequence" | "last" }
  /** `momentum` in PyTorch's sense: new = (1 - momentum) old + momentum batch. */
  | { readonly op: "batchNorm"; readonly epsilon: number; readonly momentum: number }
  | { readonly op: "relu" }
  | { readonly op: "relu6" }
  | { readonly op: "maxPool" | "averagePool"; readonly kernel: Pair; readonly stride: Pair; readonly padding: Padding }
  | { readonly op: "globalAveragePool" }
  | { readonly op: "add" }
  | { readonly op: "concat" }
  | { readonly op: "flatten" }
  | { readonly op: "dropout"; readonly rate: number }
  | { readonly op: "softmax" };

export type GraphNode = Operation & { readonly name: string; readonly inputs: readonly string[] };

/** Nodes in topological order, one input first, the output last. Made by `createGraph`, which checks it. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  /** Output shape of each node, by name. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

export const NO_PADDING: Padding = { top: 0, right: 0, bottom: 0, left: 0 };

/** Symmetric padding of `p` pixels. */
export const padded = (p: number): Padding => ({ top: p, right: p, bottom: p, left: p });

/**
 * Orders nodes topologically (stable: keeps the given order where it can), infers all shapes and checks everything that can be
 * wrong with a graph. Throws a RangeError with a sentence that names the node.
 */
export function createGraph(name: string, nodes: readonly GraphNode[]): Graph {
  const ordered = topologicalOrder(nodes);
  const shapes = new Map<string, Shape>();
  for (const node of ordered) {
    checkSizes(node);
    const inputs = node.inputs.map((input) => shapes.get(input) as Shape);
    const shape = outputShape(node, inputs);
    if (!shape.every((size) => Number.isInteger(size) && size >= 1)) {
      const text = `${shape.join(" x ")}`;
      throw new RangeError(`Layer "${node.name}" would have the output shape ${text}: the input is too small for this network.`);
    }
    shapes.set(node.name, shape);
  }
  const inputs = ordered.filter((node) => node.op === "input");
  if (inputs.length !== 1) throw new RangeError(`A network needs exactly one input; "${name}" has ${inputs.length}.`);
  const read = new Set(ordered.flatMap((node) => node.inputs));
  const ends = ordered.filter((node) => !read.has(node.name)).map((node) => `"${node.name}"`);
  if (ends.length > 1) throw new RangeError(`A network needs exactly one output; "${name}" has ${ends.join(", ")}.`);
  return { name, nodes: ordered, shapes };
}

/** Shape of a node's output, by name. */
export function shapeOf(graph: Graph, name: string): Shape {
  const shape = graph.shapes.get(name);
  if (!shape) throw new RangeError(`The network "${graph.name}" has no node "${name}".`);
  return shape;
}

/** Shape of the network's input and of its output. */
export function endShapes(graph: Graph): { readonly input: Shape; readonly output: Shape } {
  const input = graph.nodes.find((node) => node.op === "input") as GraphNode;
  const output = graph.nodes.at(-1) as GraphNode;
  return { input: shapeOf(graph, input.name), output: shapeOf(graph, output.name) };
}

/** The gates of a long short-term memory in PyTorch's order; "cell" is the candidate of the new cell state. */
export const GATES = ["input", "forget", "cell", "output"] as const;

/**
 * Trainable tensors of a node with their shapes: HWIO for convolutions (HWCM for depthwise ones), [in, out] for dense layers, and
 * [features + units, units] for each gate, which reads the input and the state before it as one vector.
 */
export function parameterShapes(node: GraphNode, input: Shape): Readonly<Record<string, Shape>> {
  switch (node.op) {
    case "conv": {
      const inputChannels = input[2] as number;
      const bias = node.bias ? { bias: [node.filters] } : {};
      if (isDepthwise(node, inputChannels)) {
        return { weight: [...node.kernel, inputChannels, node.filters / inputChannels], ...bias };
      }
      return { weight: [...node.kernel, inputChannels / node.groups, node.filters], ...bias };
    }
    case "dense":
      return { weight: [input.at(-1) as number, node.units], ...(node.bias ? { bias: [node.units] } : {}) };
    case "embedding":
      return { weight: [node.vocabulary, node.size] };
    case "lstm": {
      const inputs = (input.at(-1) as number) + node.units;
      return Object.fromEntries<Shape>(
        GATES.flatMap((gate) => [[`${gate}.weight`, [inputs, node.units]] as const, [`${gate}.bias`, [node.units]] as const]),
      );
    }
    case "batchNorm": {
      const channels = input.at(-1) as number;
      return { weight: [channels], bias: [channels] };
    }
    case "input":
    case "relu":
    case "relu6":
    case "maxPool":
    case "averagePool":
    case "globalAveragePool":
    case "add":
    case "concat":
    case "flatten":
    case "dropout":
    case "softmax":
      return {};
  }
}

/** Whether each input channel has filters of its own (the form that `tf.depthwiseConv2d` computes). */
export function isDepthwise(node: { readonly groups: number }, inputChannels: number): boolean {
  return node.groups > 1 && node.groups === inputChannels;
}

function topologicalOrder(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const byName = new Map<string, GraphNode>();
  for (const node of nodes) {
    if (byName.has(node.name)) throw new RangeError(`Two layers are called "${node.name}": names must be unique.`);
    byName.set(node.name, node);
  }
  const state = new Map<string, "open" | "done">();
  const ordered: GraphNode[] = [];
  // Iterative depth-first search: an imported graph may be deeper than the call stack.
  for (const root of nodes) {
    const stack: GraphNode[] = [root];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      if (state.get(node.name) === "done") {
        stack.pop();
        continue;
      }
      state.set(node.name, "open");
      const waiting = node.inputs.filter((input) => state.get(input) !== "done");
      if (waiting.length === 0) {
        state.set(node.name, "done");
        ordered.push(node);
        stack.pop();
        continue;
      }
      for (const input of waiting.reverse()) {
        const next = byName.get(input);
        if (!next) throw new RangeError(`Layer "${node.name}" reads "${input}", which does not exist.`);
        if (state.get(input) === "open") throw new RangeError(`The network has a cycle through "${input}".`);
        stack.push(next);
      }
    }
  }
  return ordered;
}

/** Refuses window, stride and channel numbers that no layer can have: shapes computed from them would blame the input. */
function checkSizes(node: GraphNode): void {
  const padding = "padding" in node ? [node.padding.top, node.padding.right, node.padding.bottom, node.padding.left] : [];
  const sizes = {
    filters: "filters" in node ? [node.filters] : [],
    units: "units" in node ? [node.units] : [],
    vocabulary: "vocabulary" in node ? [node.vocabulary] : [],
    size: "size" in node ? [node.size] : [],
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

function outputShape(node: GraphNode, inputs: readonly Shape[]): Shape {
  const expected = { input: 0, add: 2, concat: 2 }[node.op as string] ?? 1;
  const enough = expected === 2 ? inputs.length >= 2 : inputs.length === expected;
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
      return [first.reduce((product, size) => product * size, 1)];
    case "batchNorm":
    case "relu":
    case "relu6":
    case "dropout":
    case "softmax":
      return first;
  }
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
