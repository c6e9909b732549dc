/** What a trained network needs before it is quantized: batch normalisation after its layers, and inputs of unit size. */
import { createGraph, type Graph, type GraphNode } from "./graph";
import { layersOf } from "./layers";

/** PyTorch's defaults. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

export interface WithBatchNorms {
  readonly graph: Graph;
  /** Added nodes with the layers that they follow. */
  readonly added: ReadonlyMap<string, string>;
}

/** The graph with a batch normalisation after every convolution and dense layer that has none, the last one left out. */
export function withBatchNorms(graph: Graph): WithBatchNorms {
  const last = layersOf(graph).at(-1)?.name;
  const normalised = new Set(graph.nodes.flatMap((node) => (node.op === "batchNorm" ? node.inputs : [])));
  const added = new Map<string, string>();
  for (const { name, op } of graph.nodes) {
    if ((op === "conv" || op === "dense") && name !== last && !normalised.has(name)) added.set(`${name}.bn`, name);
  }
  const behind = new Map([...added].map(([bn, layer]) => [layer, bn]));
  const nodes = graph.nodes.flatMap((node): readonly GraphNode[] => {
    const moved = { ...node, inputs: node.inputs.map((input) => behind.get(input) ?? input) };
    const name = behind.get(node.name);
    return name === undefined
      ? [moved]
      : [moved, { op: "batchNorm", epsilon: EPSILON, momentum: MOMENTUM, name, inputs: [node.name] }];
  });
  return { graph: createGraph(graph.name, nodes), added };
}

/** Tensors that the named layers read, with the layers; none that a layer with shared weights reads, which has one scale only. */
export function inputsOf(graph: Graph, layers: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const owners = new Set(graph.nodes.flatMap(({ weightOf }) => weightOf ?? []));
  const inputs = new Map<string, string[]>();
  const refused = new Set<string>();
  for (const node of graph.nodes) {
    const [tensor] = node.inputs;
    if (tensor === undefined || !layers.has(node.name)) continue;
    if (node.weightOf !== undefined || owners.has(node.name)) refused.add(tensor);
    inputs.set(tensor, [...(inputs.get(tensor) ?? []), node.name]);
  }
  return new Map([...inputs].filter(([tensor]) => !refused.has(tensor)));
}

/** The graph in which the layers read each tensor divided by its scale. What they make of it is for their weights to make up for. */
export function withScaledInputs(
  graph: Graph,
  inputs: ReadonlyMap<string, readonly string[]>,
  scales: ReadonlyMap<string, number>,
): Graph {
  const readers = new Map([...inputs].flatMap(([tensor, layers]) => layers.map((layer) => [layer, tensor] as const)));
  const scaled = (tensor: string): string => `${tensor}.unit`;
  const nodes = graph.nodes.flatMap((node): readonly GraphNode[] => {
    const tensor = readers.get(node.name);
    const moved = tensor === undefined ? node : { ...node, inputs: [scaled(tensor)] };
    const scale = inputs.has(node.name) ? (scales.get(node.name) ?? 1) : null;
    return scale === null
      ? [moved]
      : [moved, { op: "affine", scale: [1 / scale], shift: [0], name: scaled(node.name), inputs: [node.name] }];
  });
  return createGraph(graph.name, nodes);
}
