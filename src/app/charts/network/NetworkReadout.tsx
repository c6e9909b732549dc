import { use } from "react";
import type { Box } from "../../../core/network/boxes";
import type { Layer } from "../../../core/layers";
import { siteId, type SearchSpace } from "../../../core/search";
import { compact, percent } from "../../format";
import { nameOfBox } from "./layers-of-box";
import { NetworkContext, type NetworkState } from "./state";

interface Props {
  readonly space: SearchSpace;
  readonly box: Box;
}

/** Exact values of a box: what it is, its bits, what it costs. */
export function NetworkReadout({ space, box }: Props) {
  const state = use(NetworkContext);
  return (
    <span className="readout">
      <b>{box.kind === "operation" ? box.nodes.join(", ") : nameOfBox(box)}</b>
      {`  ${wordsOf(box, space, state).join("  ")}`}
    </span>
  );
}

function wordsOf(box: Box, { layers }: SearchSpace, { looks, shares }: NetworkState): readonly string[] {
  const wordsAt = (site: string): string => looks.get(site)?.words ?? "";
  switch (box.kind) {
    case "weight":
      return [compact(layers.find(({ name }) => name === box.layer)?.weights ?? 0, "weights")];
    case "quantizer":
      return [wordsAt(box.site)];
    case "operation": {
      const own = layers.filter(({ name }) => box.layers.includes(name));
      const [only] = own;
      const sum = (of: (layer: Layer) => number): number => own.reduce((total, layer) => total + of(layer), 0);
      if (!only) return [box.type, box.output.join("\u00d7")];
      const bits =
        own.length === 1 ? [`w ${wordsAt(siteId(only.name, "weight"))}`, `a ${wordsAt(siteId(only.name, "activation"))}`] : [];
      const share = own.every(({ name }) => shares.has(name))
        ? [`${percent(sum(({ name }) => shares.get(name) ?? 0))} of BitOps`]
        : [];
      return [
        ...bits,
        compact(
          sum(({ macs }) => macs),
          "MACs",
        ),
        compact(
          sum(({ weights }) => weights),
          "weights",
        ),
        ...share,
      ];
    }
  }
}
