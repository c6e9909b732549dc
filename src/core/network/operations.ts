/** The operations of a network as boxes. */
import { shapeOf, type Graph, type GraphNode } from "../graph";
import type { Layer } from "../layers";
import { nodeOf } from "../qag";
import type { OperationBox } from "./boxes";
import { operationLabel } from "./labels";

/** Operations that a drawing puts into the box before them: they work element by element, or only on the shape. */
const LIGHT: ReadonlySet<GraphNode["op"]> = new Set([
  "batchNorm",
  "relu",
  "relu6",
  "clip",
  "leakyRelu",
  "sigmoid",
  "tanh",
  "elu",
  "swish",
  "hardSigmoid",
  "affine",
  "dropout",
  "flatten",
  "reshape",
  "softmax",
]);

/** Whether a node belongs into the box of what it reads, if nobody else reads that. */
const joinsBoxBefore = (node: GraphNode): boolean => LIGHT.has(node.op) && node.inputs.length === 1;

const operationId = (node: string): string => `operation:${node}`;

/** Costly layers of each node that has some. */
function layersByNode(graph: Graph, layers: readonly Layer[]): ReadonlyMap<string, readonly Layer[]> {
  const byNode = new Map<string, Layer[]>();
  for (const layer of layers) {
    const node = nodeOf(graph, layer.name);
    const known = byNode.get(node);
    if (known) known.push(layer);
    else byNode.set(node, [layer]);
  }
  return byNode;
}

export interface Operations {
  readonly operations: readonly OperationBox[];
  /** Id of the box that a node is in. */
  readonly boxOf: ReadonlyMap<string, string>;
}

/** All of them, in network order. */
export function operationBoxes(graph: Graph, layers: readonly Layer[]): Operations {
  const byNode = layersByNode(graph, layers);
  const chains = new Map<string, GraphNode[]>();
  const boxOf = new Map<string, string>();
  const readers = new Map<string, number>();
  for (const input of graph.nodes.flatMap((node) => node.inputs)) readers.set(input, (readers.get(input) ?? 0) + 1);
  for (const node of graph.nodes) {
    const [input = ""] = node.inputs;
    const before = joinsBoxBefore(node) && readers.get(input) === 1 ? boxOf.get(input) : undefined;
    const id = before ?? operationId(node.name);
    boxOf.set(node.name, id);
    const chain = chains.get(id);
    if (chain) chain.push(node);
    else chains.set(id, [node]);
  }
  const operations = [...chains].map(([id, chain]): OperationBox => {
    const [first, ...rest] = chain as [GraphNode, ...GraphNode[]];
    const own = byNode.get(first.name) ?? [];
    return {
      kind: "operation",
      id,
      nodes: chain.map(({ name }) => name),
      type: own.length === 1 ? (own[0]?.kind ?? "") : operationLabel(first),
      then: rest.map(operationLabel),
      output: shapeOf(graph, (rest.at(-1) ?? first).name),
      layers: own.map(({ name }) => name),
    };
  });
  return { operations, boxOf };
}
