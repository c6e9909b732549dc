/** Quantizing vertices as boxes, and the weights that some of them quantize. */
import type { Graph } from "../graph";
import type { Layer } from "../layers";
import { nodeOf, type QuantizingVertex } from "../qag";
import { siteId, siteParts } from "../search";
import type { Box, Line, QuantizerBox, WeightBox } from "./boxes";

const quantizerBox = ({ site, role, readers }: QuantizingVertex, beside: string | null): QuantizerBox => ({
  kind: "quantizer",
  id: `quantizer:${site}`,
  site,
  role,
  layer: siteParts(site).layer,
  readers,
  beside,
});

/** The quantizer of what each node reads, by the node's name. */
export function activationQuantizers(graph: Graph, vertices: readonly QuantizingVertex[]): ReadonlyMap<string, QuantizerBox> {
  return new Map(
    vertices
      .filter(({ role }) => role === "activation")
      .flatMap((vertex) => {
        const box = quantizerBox(vertex, null);
        return vertex.readers.map((reader) => [nodeOf(graph, reader), box] as const);
      }),
  );
}

export interface Weights {
  readonly boxes: readonly Box[];
  readonly lines: readonly Omit<Line, "id">[];
}

interface Quantized {
  readonly layers: readonly Layer[];
  readonly vertices: readonly QuantizingVertex[];
  /** Id of the box that each node is in. */
  readonly boxOf: ReadonlyMap<string, string>;
}

/** The weights that belong to each operation, by its id; float ones go into their layers as they are. */
export function weightBoxes(graph: Graph, { layers, vertices, boxOf }: Quantized): ReadonlyMap<string, Weights> {
  const bySite = new Map(vertices.map((vertex) => [vertex.site, vertex]));
  const users = new Map<string, Set<string>>();
  for (const { name, weightOf } of layers) {
    const user = boxOf.get(nodeOf(graph, name)) ?? "";
    users.set(weightOf, (users.get(weightOf) ?? new Set()).add(user));
  }
  const weights = new Map<string, Weights>();
  for (const [layer, readers] of users) {
    const beside = boxOf.get(nodeOf(graph, layer)) ?? "";
    const vertex = bySite.get(siteId(layer, "weight"));
    const weight: WeightBox = { kind: "weight", id: `weight:${layer}`, layer, beside };
    const quantizer = vertex && quantizerBox(vertex, beside);
    const last = quantizer ?? weight;
    const before = weights.get(beside) ?? { boxes: [], lines: [] };
    weights.set(beside, {
      boxes: [...before.boxes, weight, ...(quantizer ? [quantizer] : [])],
      lines: [
        ...before.lines,
        ...(quantizer ? [{ from: weight.id, to: quantizer.id }] : []),
        ...[...readers].map((to) => ({ from: last.id, to })),
      ],
    });
  }
  return weights;
}
