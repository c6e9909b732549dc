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
  /** Number of weights, biases not included; 0 where another layer counts them (see `weightOf`). */
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
  /** The layer whose weight it uses: itself, or the first one that a layer that is applied more than once stands for. */
  readonly weightOf: string;
  /** 1 for a plain convolution or a dense layer; the number of input channels for a depthwise convolution. */
  readonly groups: number;
  /** Height times width of the kernel; 1 for a dense layer. */
  readonly area: number;
  /** First or last of the costly layers: what reads the image (nothing where an embedding reads symbols), and what gives the classes. */
  readonly end: "first" | "last" | null;
  /** Whether the input can be negative: no ReLU stands between it and the layers before. */
  readonly signedInput: boolean;
}

/** The layer at which a tensor of `layer` is quantized: itself, or the one with which it shares the tensor. */
export const ownerOf = (layer: Pick<Layer, "inputOf" | "weightOf">, role: "weight" | "activation"): string =>
  role === "weight" ? layer.weightOf : layer.inputOf;

/** All convolutions, dense layers and LSTM gates of a graph in network order. */
export function layersOf(graph: Graph): readonly Layer[] {
  const signed = signedNodes(graph);
  const layers = graph.nodes.flatMap((node) => (isCostly(node) ? describe(graph, node, signed) : []));
  const embedded = graph.nodes.some((node) => node.op === "embedding");
  return layers.map((layer, i) => {
    if (i === 0 && !embedded) return { ...layer, end: "first" };
    return i === layers.length - 1 ? { ...layer, end: "last" } : layer;
  });
}

type CostlyNode = GraphNode & { readonly op: "conv" | "dense" | "lstm" };

const isCostly = (node: GraphNode): node is CostlyNode => ["conv", "dense", "lstm"].includes(node.op);

function describe(graph: Graph, node: CostlyNode, signed: ReadonlySet<string>): readonly Layer[] {
  switch (node.op) {
    case "conv":
      return [convolutionOf(graph, node, signed)];
    case "dense":
      return [denseOf(graph, node, signed)];
    case "lstm":
      return gatesOf(graph, node);
  }
}

function commonOf(graph: Graph, node: CostlyNode, signed: ReadonlySet<string>) {
  const input = shapeOf(graph, node.inputs[0] as string);
  const shapes = parameterShapes(node, input);
  return {
    name: node.name,
    input,
    output: shapeOf(graph, node.name),
    weights: node.weightOf === undefined ? product(shapes["weight"] ?? []) : 0,
    biases: node.weightOf === undefined ? product(shapes["bias"] ?? [0]) : 0,
    activations: node.inputOf === undefined ? product(input) : 0,
    inputOf: node.inputOf ?? node.name,
    weightOf: node.weightOf ?? node.name,
    end: null,
    signedInput: signed.has(node.inputs[0] as string),
  };
}

/** A dense layer has its MACs at every position. */
function denseOf(graph: Graph, node: CostlyNode & { readonly op: "dense" }, signed: ReadonlySet<string>): Layer {
  const common = commonOf(graph, node, signed);
  const macs = product(common.input) * node.units;
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
  const own = node.weightOf === undefined;
  return GATES.map((gate, i) => ({
    name: gateName(node.name, gate),
    op: "dense",
    kind: "LSTM gate",
    input: [length, features + units],
    output: [length, units],
    weights: own ? weights : 0,
    biases: own ? units : 0,
    macs: length * weights,
    sizeProduct: length * weights,
    activations: i === 0 ? length * (features + units) : 0,
    inputOf: gateName(node.name, GATES[0]),
    weightOf: gateName(node.weightOf ?? node.name, gate),
    groups: 1,
    area: 1,
    end: null,
    signedInput: true,
  }));
}

/** Name of a gate as a layer: "lstm1.forget". */
export const gateName = (lstm: string, gate: (typeof GATES)[number]): string => `${lstm}.${gate}`;

function convolutionOf(graph: Graph, node: CostlyNode & { readonly op: "conv" }, signed: ReadonlySet<string>): Layer {
  const common = commonOf(graph, node, signed);
  const [height, width, channels] = common.input as [number, number, number];
  const [outHeight, outWidth] = common.output as [number, number];
  const stride = node.stride[0] === node.stride[1] ? `${node.stride[0]}` : node.stride.join("x");
  const grouping = node.groups === 1 ? "" : node.groups === channels ? " dw" : ` g${node.groups}`;
  return {
    ...common,
    op: "conv",
    kind: `${node.kernel.join("x")}${stride === "1" ? "" : ` /${stride}`}${grouping}`,
    macs: node.kernel[0] * node.kernel[1] * (channels / node.groups) * node.filters * outHeight * outWidth,
    groups: node.groups,
    area: node.kernel[0] * node.kernel[1],
    sizeProduct: (node.kernel[0] * node.kernel[1] * channels * node.filters * height * width) / (node.stride[0] * node.stride[1]),
  };
}

/** Names of the nodes whose output can be negative. The image itself cannot. */
export function signedNodes({ nodes }: Graph): ReadonlySet<string> {
  const signed = new Set<string>();
  for (const node of nodes) if (canBeNegative(node, signed)) signed.add(node.name);
  return signed;
}

function canBeNegative(node: GraphNode, signed: ReadonlySet<string>): boolean {
  switch (node.op) {
    case "relu":
    case "relu6":
    case "softmax":
    case "sigmoid":
    case "input":
      return false;
    case "clip":
      return node.min < 0;
    case "hardSigmoid":
      return node.gated;
    case "affine":
      return (
        signed.has(node.inputs[0] as string) || node.scale.some((factor) => factor < 0) || node.shift.some((offset) => offset < 0)
      );
    case "pad":
      return node.value < 0 || signed.has(node.inputs[0] as string);
    case "maxPool":
    case "averagePool":
    case "globalAveragePool":
    case "lrn":
    case "multiply":
    case "concat":
    case "flatten":
    case "reshape":
    case "transpose":
    case "resize":
    case "channels":
    case "dropout":
    case "add":
      return node.inputs.some((input) => signed.has(input));
    case "conv":
    case "dense":
    case "embedding":
    case "lstm":
    case "batchNorm":
    case "leakyRelu":
    case "tanh":
    case "elu":
    case "swish":
      return true;
  }
}

const product = (sizes: Shape): number => sizes.reduce((total, size) => total * size, 1);
