/** Where quantizers go in a graph: AutoQNN's quantized architecture generation (QAG, section 3.2 and algorithm 1). O(V + E). */
import type { Expensive } from "./expensive";
import { GATES, type Graph, type GraphNode } from "./graph";
import { gateName, layersOf, ownerOf, type Layer } from "./layers";
import { ROLES, siteId, type Role } from "./search";

/** Which layers get quantizers. */
export interface QagRule {
  /** Types of nodes whose inputs and weights are quantized. */
  readonly expensive: readonly Expensive[];
  /** Names of layers that stay float. */
  readonly excluded: readonly string[];
  /** Whether the first and the last layer are quantized, too. */
  readonly includeEnds: boolean;
  /** "tensor": a tensor that several layers read is quantized once, as QAG has it. "layer": once for each of them (EdMIPS, FracBits). */
  readonly activations: "tensor" | "layer";
}

/** A quantizing vertex. */
export interface QuantizingVertex {
  /** The site at which it is searched. */
  readonly site: string;
  readonly role: Role;
  /** The node whose output it quantizes; for a weight the node that owns it. */
  readonly source: string;
  /** The expensive nodes that read it. */
  readonly readers: readonly string[];
}

export interface QuantizedGraph {
  /** The same nodes; those that share a quantized input say so. */
  readonly graph: Graph;
  /** All costly layers of the graph. */
  readonly layers: readonly Layer[];
  /** Those that are quantized, in network order. */
  readonly searched: readonly Layer[];
  readonly vertices: readonly QuantizingVertex[];
}

/** Inserts a quantizing vertex on every edge into an expensive vertex, one for each tensor. Every edge is looked at once. */
export function quantizeGraph(float: Graph, rule: QagRule): QuantizedGraph {
  const own = layersOf(float);
  const quantized = quantizedNodes(float, own, rule);
  const graph = rule.activations === "tensor" ? withSharedInputs(float, quantized) : float;
  const layers = graph === float ? own : layersOf(graph);
  const searched = layers.filter(({ name }) => quantized.has(nodeOf(graph, name)));
  return { graph, layers, searched, vertices: verticesOf(graph, searched) };
}

/** Names of the expensive nodes that get quantizers; layers that use one weight are quantized together or not at all. */
function quantizedNodes(
  graph: Graph,
  layers: readonly Layer[],
  { expensive, excluded, includeEnds }: QagRule,
): ReadonlySet<string> {
  const types = new Map(graph.nodes.map((node) => [node.name, node.op]));
  const left = new Set(excluded);
  const floats = new Set<string>();
  const nodes = new Set<string>();
  for (const layer of layers) {
    const node = nodeOf(graph, layer.name);
    nodes.add(node);
    const isExpensive = (expensive as readonly (string | undefined)[]).includes(types.get(node));
    if (!isExpensive || left.has(layer.name) || left.has(node) || (layer.end !== null && !includeEnds)) floats.add(node);
  }
  const owners = new Set(graph.nodes.flatMap(({ name, weightOf }) => (floats.has(name) ? [weightOf ?? name] : [])));
  const kept = graph.nodes.filter(({ name, weightOf }) => nodes.has(name) && !owners.has(weightOf ?? name));
  return new Set(kept.map(({ name }) => name));
}

/** Marks each expensive node that reads a tensor which one before it quantizes. */
function withSharedInputs(graph: Graph, quantized: ReadonlySet<string>): Graph {
  const first = new Map<string, string>();
  const nodes = graph.nodes.map((node): GraphNode => {
    const [tensor] = node.inputs;
    // A recurrent layer quantizes its input together with its state, anew at every step: nobody can share that.
    if (tensor === undefined || node.op === "lstm" || !quantized.has(node.name)) return node;
    const owner = first.get(tensor);
    if (owner === undefined) first.set(tensor, node.name);
    return owner === undefined ? node : { ...node, inputOf: owner };
  });
  // Operations and shapes stay as they were checked.
  return { ...graph, nodes };
}

/** Names of the layers that are searched together with a layer or not at all: the gates of one LSTM, the uses of one weight. */
export function searchedTogether(
  graph: Graph,
  layers: readonly Layer[],
  { weightOf }: Pick<Layer, "weightOf">,
): readonly string[] {
  const owner = nodeOf(graph, weightOf);
  return layers.filter((layer) => nodeOf(graph, layer.weightOf) === owner).map(({ name }) => name);
}

function verticesOf(graph: Graph, searched: readonly Layer[]): readonly QuantizingVertex[] {
  const inputs = new Map(graph.nodes.map(({ name, inputs: [input] }) => [name, input ?? name]));
  const readers = new Map<string, string[]>();
  const vertices: Omit<QuantizingVertex, "readers">[] = [];
  for (const layer of searched) {
    for (const role of ROLES) {
      const owner = ownerOf(layer, role);
      const site = siteId(owner, role);
      const known = readers.get(site);
      if (known) known.push(layer.name);
      else {
        readers.set(site, [layer.name]);
        const source = role === "weight" ? owner : (inputs.get(nodeOf(graph, owner)) as string);
        vertices.push({ site, role, source });
      }
    }
  }
  return vertices.map((vertex) => ({ ...vertex, readers: readers.get(vertex.site) ?? [] }));
}

const gateOwners = new WeakMap<Graph, ReadonlyMap<string, string>>();

/** The node that a layer belongs to: itself, or the LSTM whose gate it is. */
export function nodeOf(graph: Graph, layer: string): string {
  let owners = gateOwners.get(graph);
  if (!owners) {
    const lstms = graph.nodes.filter(({ op }) => op === "lstm");
    owners = new Map(lstms.flatMap(({ name }) => GATES.map((gate) => [gateName(name, gate), name] as const)));
    gateOwners.set(graph, owners);
  }
  return owners.get(layer) ?? layer;
}
