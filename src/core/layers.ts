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
}

/** All convolutions and dense layers of a graph in network order. */
export function layersOf(graph: Graph): readonly Layer[] {
  return graph.nodes.flatMap((node) => (node.op === "conv" || node.op === "dense" ? [layerOf(graph, node)] : []));
}

function layerOf(graph: Graph, node: GraphNode & { readonly op: "conv" | "dense" }): Layer {
  const input = shapeOf(graph, node.inputs[0] as string);
  const output = shapeOf(graph, node.name);
  const shapes = parameterShapes(node, input);
  const weights = product(shapes["weight"] ?? []);
  const biases = product(shapes["bias"] ?? [0]);
  const common = { name: node.name, op: node.op, input, output, weights, biases, activations: product(input) };
  if (node.op === "dense") return { ...common, kind: "dense", macs: weights, sizeProduct: weights };
  const [height, width, channels] = input as [number, number, number];
  const [outHeight, outWidth] = output as [number, number];
  const stride = node.stride[0] === node.stride[1] ? `${node.stride[0]}` : node.stride.join("x");
  const grouping = node.groups === 1 ? "" : node.groups === channels ? " dw" : ` g${node.groups}`;
  return {
    ...common,
    kind: `${node.kernel.join("x")}${stride === "1" ? "" : ` /${stride}`}${grouping}`,
    macs: weights * outHeight * outWidth,
    sizeProduct: (node.kernel[0] * node.kernel[1] * channels * node.filters * height * width) / (node.stride[0] * node.stride[1]),
  };
}

const product = (sizes: Shape): number => sizes.reduce((total, size) => total * size, 1);
