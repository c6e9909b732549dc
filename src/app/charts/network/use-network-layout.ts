import { useEffect, useState } from "react";
import type { Graph } from "../../../core/graph";
import type { NetworkLayout } from "../../../core/network/layout";
import { plainView, quantizedView } from "../../../core/network/view";
import type { Described } from "../../../core/protocol";
import { layOutNetwork } from "../../bridge/layout";
import type { NetworkViewId } from "../../store/network";

export interface ShownLayout {
  readonly view: NetworkViewId;
  readonly layout: NetworkLayout;
}

/** What has been laid out, so that the other view and the tab come back at once. */
const known = new WeakMap<Graph, Map<NetworkViewId, ShownLayout>>();

/** The layout of a network; the former one, or null, until it is there. `problem` says in a sentence why it cannot be. */
export function useNetworkLayout(
  described: Described | null,
  view: NetworkViewId,
): { readonly shown: ShownLayout | null; readonly problem: string | null } {
  const [latest, setLatest] = useState<ShownLayout | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const found = described ? known.get(described.graph)?.get(view) : undefined;
  const isMissing = described !== null && found === undefined;
  useEffect(() => {
    if (!isMissing || !described) return;
    const { graph, vertices } = described;
    const job = layOutNetwork(view === "plain" ? plainView(graph) : quantizedView(graph, vertices));
    let wanted = true;
    job.layout.then(
      (layout) => {
        if (!wanted) return;
        known.set(graph, (known.get(graph) ?? new Map<NetworkViewId, ShownLayout>()).set(view, { view, layout }));
        setLatest({ view, layout });
        setProblem(null);
      },
      (error: Error) => {
        if (wanted) setProblem(error.message);
      },
    );
    return () => {
      wanted = false;
      job.cancel();
    };
  }, [described, view, isMissing]);
  return { shown: found ?? latest, problem: isMissing ? problem : null };
}
