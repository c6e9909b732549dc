/** Puts before a network what makes a data set's examples its input, and gives it as many outputs as the data has classes. */
import type { DatasetInfo, ImageInfo } from "./dataset";
import { createGraph, endShapes, shapeOf, type Graph, type GraphNode, type Operation, type Shape } from "./graph";
import { layersOf } from "./layers";
import type { Normalisation } from "./normalisation";

/** The graph with a new input of the data's own shape. Sizes are fitted by resizing, grey images by repeating their channel. */
export function fitInput(graph: Graph, info: ImageInfo, { mean, deviation }: Normalisation): Graph {
  const own = graph.nodes.find((node) => node.op === "input") as GraphNode;
  const wanted = shapeOf(graph, own.name);
  const given: Shape = [info.height, info.width, info.channels];
  // [height, width] of a sequence of rows is an image with one channel.
  const image = wanted.length === 2 ? [...wanted, 1] : wanted;
  const [height, width, channels] = image as [number, number, number];
  if (image.length !== 3)
    throw new RangeError(`This network reads ${wanted.join(" x ")} numbers, and "${info.name}" has images.`);
  const prefix: GraphNode[] = [{ name: "pixels", inputs: [], op: "input", shape: given }];
  const add = (name: string, operation: Operation): void => {
    prefix.push({ ...operation, name, inputs: [prefix.at(-1)?.name ?? ""] });
  };
  if (given[0] !== height || given[1] !== width) add("pixels.resized", { op: "resize", size: [height, width] });
  if (given[2] !== channels) add("pixels.channels", { op: "channels", channels });
  if (mean.some((value) => value !== 0) || deviation.some((value) => value !== 1)) {
    add("pixels.normalised", { op: "affine", ...asAffine(mean, deviation, channels) });
  }
  if (wanted.length === 2) add("pixels.rows", { op: "reshape", shape: wanted });
  if (prefix.length === 1 && given.join() === wanted.join()) return graph;
  const last = prefix.at(-1)?.name ?? "";
  const rest = graph.nodes
    .filter((node) => node !== own)
    .map((node) => ({ ...node, inputs: node.inputs.map((input) => (input === own.name ? last : input)) }));
  return createGraph(graph.name, [...prefix, ...rest]);
}

/** (x - mean) / deviation as a product and a sum; constants for three channels meet a grey image by their mean. */
function asAffine(mean: readonly number[], deviation: readonly number[], channels: number) {
  const fitted = (values: readonly number[]): readonly number[] =>
    values.length === 1 || values.length === channels ? values : [values.reduce((sum, value) => sum + value, 0) / values.length];
  const [m, d] = [fitted(mean), fitted(deviation)];
  const length = Math.max(m.length, d.length);
  const at = (values: readonly number[], i: number): number => values[values.length === 1 ? 0 : i] as number;
  return {
    scale: Array.from({ length }, (_, i) => 1 / at(d, i)),
    shift: Array.from({ length }, (_, i) => -at(m, i) / at(d, i)),
  };
}

/** The input that an imported network is built for: its own sizes, and where it leaves them open, `resolution` or the data's. */
export function inputFor(declared: readonly (number | null)[], info: DatasetInfo, resolution: number): Shape {
  if (info.kind !== "images") return declared.map((size) => size ?? (info.kind === "text" ? info.length : info.features.length));
  const own = [info.height, info.width, info.channels];
  const spatial = declared.length === 3 ? 2 : declared.length;
  return declared.map((size, axis) => (resolution > 0 && axis < spatial ? resolution : (size ?? own[axis] ?? 1)));
}

/** The graph with a last layer for `classes` outputs, and that layer's name; the name is null if it has them already. */
export function fitHead(graph: Graph, classes: number): { readonly graph: Graph; readonly renewed: string | null } {
  const { output } = endShapes(graph);
  if (output.length === 1 && output[0] === classes) return { graph, renewed: null };
  const last = layersOf(graph).at(-1)?.name;
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.name !== last) return node;
    if (node.op === "dense") return { ...node, units: classes };
    return node.op === "conv" && node.groups === 1 ? { ...node, filters: classes } : node;
  });
  const refusal = `This network has ${output.join(" x ")} outputs and the data ${classes} classes, and its last layer cannot be replaced.`;
  try {
    const fitted = createGraph(graph.name, nodes);
    const shape = endShapes(fitted).output;
    if (last !== undefined && shape.length === 1 && shape[0] === classes) return { graph: fitted, renewed: last };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new RangeError(refusal);
}
