/** A network as boxes and lines: as it is, or with the quantizing vertices that QAG inserts. O(V + E). */
import type { Graph } from "../graph";
import { layersOf } from "../layers";
import type { QuantizingVertex } from "../qag";
import type { Box, Line, NetworkView, QuantizerBox } from "./boxes";
import { operationBoxes } from "./operations";
import { activationQuantizers, weightBoxes } from "./quantizers";

/** The network as it is. */
export const plainView = (graph: Graph): NetworkView => viewOf(graph, null);

/** The quantized network: what goes into a searched layer passes its quantizing vertex, and so do weights, which are drawn here. */
export const quantizedView = (graph: Graph, vertices: readonly QuantizingVertex[]): NetworkView => viewOf(graph, vertices);

function viewOf(graph: Graph, vertices: readonly QuantizingVertex[] | null): NetworkView {
  const layers = layersOf(graph);
  const { operations, boxOf } = operationBoxes(graph, layers);
  const inputs = new Map(graph.nodes.map((node) => [node.name, node.inputs]));
  const quantizers = activationQuantizers(graph, vertices ?? []);
  const weights = vertices && weightBoxes(graph, { layers, vertices, boxOf });
  const boxes: Box[] = [];
  const lines: Omit<Line, "id">[] = [];
  const placed = new Set<QuantizerBox>();
  for (const operation of operations) {
    const [node = ""] = operation.nodes;
    const quantizer = quantizers.get(node);
    for (const input of inputs.get(node) ?? []) {
      const from = boxOf.get(input) ?? "";
      if (quantizer && !placed.has(quantizer)) {
        placed.add(quantizer);
        boxes.push(quantizer);
        lines.push({ from, to: quantizer.id });
      }
      lines.push({ from: quantizer?.id ?? from, to: operation.id });
    }
    const own = weights?.get(operation.id);
    boxes.push(...(own?.boxes ?? []), operation);
    lines.push(...(own?.lines ?? []));
  }
  return { boxes, lines: lines.map((line, i) => ({ ...line, id: `${i}:${line.from}` })) };
}
