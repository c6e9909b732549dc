/** Whether a layer is searched, as the settings of the next run have it. */
import type { RunConfig } from "../../core/config";
import type { Layer } from "../../core/layers";
import type { Described } from "../../core/protocol";
import { nodeOf, searchedTogether } from "../../core/qag";
import { isBusy, shownDescription, useRun } from "../store/run";
import { useSettings } from "../store/settings";

export interface LayerSwitch {
  readonly isOn: boolean;
  /** Why it cannot be switched here, in a sentence; null if it can. */
  readonly refusal: string | null;
  readonly change: (isOn: boolean) => void;
}

/** Layers that share a weight, and the gates of an LSTM, are switched together. */
export function useLayerSwitch(layer: Layer): LayerSwitch {
  const config = useSettings((state) => state.config);
  const change = useSettings((state) => state.change);
  const described = useRun(shownDescription);
  const busy = useRun((state) => isBusy(state.status));
  const ran = useRun((state) => state.ran?.config ?? null);
  const together = described ? searchedTogether(described.graph, described.space.layers, layer) : [];
  const others = config.excluded.filter((name) => !together.includes(name));
  const elsewhere = described && placeRefusal(described, config, together);
  const isOn = described !== null && elsewhere === null && others.length === config.excluded.length;
  return {
    isOn,
    refusal: busy
      ? "Stop the run to change what is searched."
      : ran && (ran.model !== config.model || ran.data !== config.data)
        ? "The table shows the last run, of another network than the one that is set."
        : (elsewhere ?? (isOn && described.space.searched.every(({ name }) => together.includes(name)) ? LAST : null)),
    change: (next) => change({ excluded: next ? others : [...others, layer.name] }),
  };
}

const LAST = "A search needs one layer at least.";

/** Why the other settings leave a layer float. */
function placeRefusal({ graph, space }: Described, config: RunConfig, together: readonly string[]): string | null {
  const layers = space.layers.filter(({ name }) => together.includes(name));
  if (!config.includeEnds && layers.some(({ end }) => end !== null)) {
    return "The first and the last layer stay float unless Advanced has them searched.";
  }
  const nodes = new Set(layers.map(({ name }) => nodeOf(graph, name)));
  const types: readonly string[] = config.expensive;
  return graph.nodes.some(({ name, op }) => nodes.has(name) && !types.includes(op))
    ? "Advanced leaves layers of this type float."
    : null;
}
