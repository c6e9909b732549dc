import type { Graph } from "../../../core/graph";
import { operationLabel } from "../../../core/network/labels";
import { nodeOf } from "../../../core/qag";
import { siteId, type SearchSpace } from "../../../core/search";
import type { ChartTable } from "../frame/chart-table";
import type { NetworkState } from "./state";

/** One row a node of the graph; the gates of an LSTM have rows of their own. */
export function networkTable(graph: Graph, space: SearchSpace, { looks, shares }: NetworkState): ChartTable {
  return {
    columns: [
      "node",
      "layer",
      "operation",
      "inputs",
      "output shape",
      "weights",
      "activations",
      "MACs",
      "parameters",
      "share of BitOps",
    ],
    rows: graph.nodes.flatMap((node) => {
      const shape = graph.shapes.get(node.name)?.join("x") ?? "";
      const common = [operationLabel(node), node.inputs.join(" "), shape];
      const layers = space.layers.filter(({ name }) => nodeOf(graph, name) === node.name);
      if (layers.length === 0) return [[node.name, null, ...common, null, null, null, null, null]];
      return layers.map(({ name, macs, weights }) => {
        const [weight, activation] = [looks.get(siteId(name, "weight")), looks.get(siteId(name, "activation"))];
        return [
          node.name,
          name,
          ...common,
          weight?.words ?? null,
          activation?.words ?? null,
          macs,
          weights,
          shares.get(name) ?? null,
        ];
      });
    }),
  };
}
