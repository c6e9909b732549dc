/** The layers that cost something: convolutions and dense layers, with what the cost model counts about each. */
import { parameterShapes, shapeOf, type Graph, type GraphNode, type Shape } from "./graph";

export interface Layer {
  readonly name: string;
  readonly op: "conv" | "dense";
  /** As the layer table prints it: "3x3 /2", "1x1", "3x3 dw", "dense". */
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
  /** Elements of the input activation of one sample. */
  readonly activations: number;
  /** 1 for a plain convolution or a dense layer; the number of input channels for a depthwise convolution. */
  readonly groups: number;
  /** Height times width of the kernel; 1 for a dense layer. */
  readonly area: number;
  /** First or last of the costly layers: what reads the image, and what gives the classes. */
  readonly end: "first" | "last" | null;
  /** Whether the input can be negative: no ReLU stands between it and the layers before. */
  readonly signedInput: boolean;
}

/** All convolutions and dense layers of a graph in network order. */
export function layersOf(graph: Graph): readonly Layer[] {
  const costly = graph.nodes.filter((node): node is CostlyNode => node.op === "conv" || node.op === "dense");
  return costly.map((node, i) => layerOf(graph, node, i === 0 ? "first" : i === costly.length - 1 ? "last" : null));
}

type CostlyNode = GraphNode & { readonly op: "conv" | "dense" };

function layerOf(graph: Graph, node: CostlyNode, end: Layer["end"]): Layer {
  const input = shapeOf(graph, node.inputs[0] as string);
  const output = shapeOf(graph, node.name);
  const shapes = parameterShapes(node, input);
  const weights = product(shapes["weight"] ?? []);
  const biases = product(shapes["bias"] ?? [0]);
  const signedInput = canBeNegative(graph, node.inputs[0] as string);
  const common = { name: node.name, op: node.op, input, output, weights, biases, activations: product(input), end, signedInput };
  if (node.op === "dense") return { ...common, kind: "dense", macs: weights, sizeProduct: weights, groups: 1, area: 1 };
  const [height, width, channels] = input as [number, number, number];
  const [outHeight, outWidth] = output as [number, number];
  const stride = node.stride[0] === node.stride[1] ? `${node.stride[0]}` : node.stride.join("x");
  const grouping = node.groups === 1 ? "" : node.groups === channels ? " dw" : ` g${node.groups}`;
  return {
    ...common,
    kind: `${node.kernel.join("x")}${stride === "1" ? "" : ` /${stride}`}${grouping}`,
    macs: weights * outHeight * outWidth,
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
    case "batchNorm":
    case undefined:
      return true;
  }
}

const product = (sizes: Shape): number => sizes.reduce((total, size) => total * size, 1);
