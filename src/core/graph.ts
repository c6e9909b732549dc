/** The network as data: nodes, edges, shapes. Layout is NHWC; shapes leave the batch out. */
import { checkSizes, outputShape } from "./graph-shapes";

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
  | { readonly op: "clip"; readonly min: number; readonly max: number }
  | { readonly op: "leakyRelu"; readonly slope: number }
  | { readonly op: "sigmoid" | "tanh" | "elu" | "swish" }
  /** clip(slope x + offset, 0, 1); `gated` multiplies it with x (hard swish). */
  | { readonly op: "hardSigmoid"; readonly slope: number; readonly offset: number; readonly gated: boolean }
  | { readonly op: "maxPool"; readonly kernel: Pair; readonly stride: Pair; readonly padding: Padding }
  | {
      readonly op: "averagePool";
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly padding: Padding;
      /** Padding whose zeros count in the average (ONNX's count_include_pad); none if left out. */
      readonly counted?: Padding;
    }
  | { readonly op: "globalAveragePool" }
  /** Local response normalisation over the channels: x / (offset + alpha / size * sum of squares)^beta. */
  | { readonly op: "lrn"; readonly size: number; readonly alpha: number; readonly beta: number; readonly offset: number }
  /** x * scale + shift with constants: one each, or one for each channel (last axis). Not trained. */
  | { readonly op: "affine"; readonly scale: readonly number[]; readonly shift: readonly number[] }
  | { readonly op: "add" }
  /** The second input may have the size 1 where the first has more. */
  | { readonly op: "multiply" }
  | { readonly op: "concat" }
  | { readonly op: "flatten" }
  | { readonly op: "reshape"; readonly shape: Shape }
  /** Output axis i is the input's axis order[i], the batch not counted. */
  | { readonly op: "transpose"; readonly order: readonly number[] }
  | { readonly op: "pad"; readonly padding: Padding; readonly value: number }
  /** Bilinear, pixel centres kept (half-pixel). */
  | { readonly op: "resize"; readonly size: Pair }
  /** One channel repeated, or several averaged to one. */
  | { readonly op: "channels"; readonly channels: number }
  | { readonly op: "dropout"; readonly rate: number }
  | { readonly op: "softmax" };

export type GraphNode = Operation & {
  readonly name: string;
  readonly inputs: readonly string[];
  /** The node whose parameters it uses in place of own ones: a layer that is applied more than once. */
  readonly weightOf?: string;
  /** The costly node whose quantized input it reads: both read the same tensor, which is quantized once. Set by `qag`. */
  readonly inputOf?: string;
};

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
  checkShared(ordered, shapes);
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
    case "clip":
    case "leakyRelu":
    case "sigmoid":
    case "tanh":
    case "elu":
    case "swish":
    case "hardSigmoid":
    case "maxPool":
    case "averagePool":
    case "globalAveragePool":
    case "lrn":
    case "affine":
    case "add":
    case "multiply":
    case "concat":
    case "flatten":
    case "reshape":
    case "transpose":
    case "pad":
    case "resize":
    case "channels":
    case "dropout":
    case "softmax":
      return {};
  }
}

/** Trainable tensors that a node has for itself: none where it uses another one's. */
export const ownParameterShapes = (graph: Graph, node: GraphNode): Readonly<Record<string, Shape>> =>
  node.weightOf === undefined ? parameterShapes(node, shapeOf(graph, node.inputs[0] ?? node.name)) : {};

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

/** Whoever uses another node's parameters does the same with tensors of the same shapes. */
function checkShared(nodes: readonly GraphNode[], shapes: ReadonlyMap<string, Shape>): void {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const parametersOf = (node: GraphNode): string =>
    JSON.stringify([node.op, parameterShapes(node, shapes.get(node.inputs[0] ?? node.name) ?? [])]);
  for (const node of nodes) {
    if (node.weightOf === undefined) continue;
    const owner = byName.get(node.weightOf);
    if (!owner || owner.weightOf !== undefined || parametersOf(owner) !== parametersOf(node)) {
      throw new RangeError(`Layer "${node.name}" uses the weights of "${node.weightOf}", which do not fit it.`);
    }
  }
}
