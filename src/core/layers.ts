/** The layers that cost something: convolutions, dense layers and the gates of LSTMs, with what the cost model counts about each. */
import { GATES, parameterShapes, shapeOf, type Graph, type GraphNode, type Shape } from "./graph";

export interface Layer {
  readonly name: string;
  /** A gate of an LSTM counts as dense. */
  readonly op: "conv" | "dense";
  /** As the layer table prints it: "3x3 /2", "1x1", "3x3 dw", "dense", "LSTM gate". */
  readonly kind: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Number of weights, biases not included. */
  readonly weights: number;
  readonly biases: number;
  /** Multiply-accumulates for one sample. */
  readonly macs: number;
  /**
   * EdMIPS's size product `kh kw Cin Cout * H W / stride^2` (input height and width; groups ignored, as published). It differs from
   * the MACs for unpadded, odd-sized and grouped layers only.
   */
  readonly sizeProduct: number;
  /** Elements of the input activation of one sample; 0 where another layer counts them (see `inputOf`). */
  readonly activations: number;
  /**
   * The layer at which the input is quantized: this one, or, for the later gates of an LSTM, the first gate. A tensor is quantized once
   * however many layers read it.
   */
  readonly inputOf: string;
  /** 1 for a plain convolution or a dense layer; the number of input channels for a depthwise convolution. */
  readonly groups: number;
  /** Height times width of the kernel; 1 for a dense layer. */
  readonly area: number;
  /** First or last of the costly layers: what reads the image (nothing where an embedding reads symbols), and what gives the classes. */
  readonly end: "first" | "last" | null;
  /** Whether the input can be negative: no ReLU stands between it and the layers before. */
  readonly signedInput: boolean;
}

/** All convolutions, dense layers and LSTM gates of a graph in network order. */
export function layersOf(graph: Graph): readonly Layer[] {
  const layers = graph.nodes.flatMap((node) => (isCostly(node) ? describe(graph, node) : []));
  const embedded = graph.nodes.some((node) => node.op === "embedding");
  return layers.map((layer, i) => {
    if (i === 0 && !embedded) return { ...layer, end: "first" };
    return i === layers.length - 1 ? { ...layer, end: "last" } : layer;
  });
}

type CostlyNode = GraphNode & { readonly op: "conv" | "dense" | "lstm" };

const isCostly = (node: GraphNode): node is CostlyNode => ["conv", "dense", "lstm"].includes(node.op);

function describe(graph: Graph, node: CostlyNode): readonly Layer[] {
  switch (node.op) {
    case "conv":
      return [convolutionOf(graph, node)];
    case "dense":
      return [denseOf(graph, node)];
    case "lstm":
      return gatesOf(graph, node);
  }
}

function commonOf(graph: Graph, node: CostlyNode) {
  const input = shapeOf(graph, node.inputs[0] as string);
  const shapes = parameterShapes(node, input);
  return {
    name: node.name,
    input,
    output: shapeOf(graph, node.name),
    weights: product(shapes["weight"] ?? []),
    biases: product(shapes["bias"] ?? [0]),
    activations: product(input),
    inputOf: node.name,
    end: null,
    signedInput: canBeNegative(graph, node.inputs[0] as string),
  };
}

/** A dense layer has its MACs at every position. */
function denseOf(graph: Graph, node: CostlyNode & { readonly op: "dense" }): Layer {
  const common = commonOf(graph, node);
  const macs = common.weights * product(common.input.slice(0, -1));
  return { ...common, op: "dense", kind: "dense", macs, sizeProduct: macs, groups: 1, area: 1 };
}

/**
 * The four gates: each has length x (features + units) x units MACs for one sample, and all of them read the same [x_t, h_{t-1}], which
 * is quantized at the first one.
 */
function gatesOf(graph: Graph, node: CostlyNode & { readonly op: "lstm" }): readonly Layer[] {
  const [length, features] = shapeOf(graph, node.inputs[0] as string) as [number, number];
  const { units } = node;
  const weights = (features + units) * units;
  return GATES.map((gate, i) => ({
    name: gateName(node.name, gate),
    op: "dense",
    kind: "LSTM gate",
    input: [length, features + units],
    output: [length, units],
    weights,
    biases: units,
    macs: length * weights,
    sizeProduct: length * weights,
    activations: i === 0 ? length * (features + units) : 0,
    inputOf: gateName(node.name, GATES[0]),
    groups: 1,
    area: 1,
    end: null,
    signedInput: true,
  }));
}

/** Name of a gate as a layer: "lstm1.forget". */
export const gateName = (lstm: string, gate: (typeof GATES)[number]): string => `${lstm}.${gate}`;

function convolutionOf(graph: Graph, node: CostlyNode & { readonly op: "conv" }): Layer {
  const common = commonOf(graph, node);
  const [height, width, channels] = common.input as [number, number, number];
  const [outHeight, outWidth] = common.output as [number, number];
  const stride = node.stride[0] === node.stride[1] ? `${node.stride[0]}` : node.stride.join("x");
  const grouping = node.groups === 1 ? "" : node.groups === channels ? " dw" : ` g${node.groups}`;
  return {
    ...common,
    op: "conv",
    kind: `${node.kernel.join("x")}${stride === "1" ? "" : ` /${stride}`}${grouping}`,
    macs: common.weights * outHeight * outWidth,
    groups: node.groups,
    area: node.kernel[0] * node.kernel[1],
    sizeProduct: (node.kernel[0] * node.kernel[1] * channels * node.filters * height * width) / (node.stride[0] * node.stride[1]),
  };
}

/** Whether a node's output can be negative. The image itself cannot. */
function canBeNegative(graph: Graph, name: string): boolean {
  const node = graph.nodes.find((known) => known.name === name);
  switch (node?.op) {
    case "relu":
    case "relu6":
    case "softmax":
    case "input":
      return false;
    case "maxPool":
    case "averagePool":
    case "globalAveragePool":
    case "concat":
    case "flatten":
    case "dropout":
    case "add":
      return node.inputs.some((input) => canBeNegative(graph, input));
    case "conv":
    case "dense":
    case "embedding":
    case "lstm":
    case "batchNorm":
    case undefined:
      return true;
  }
}

const product = (sizes: Shape): number => sizes.reduce((total, size) => total * size, 1);
