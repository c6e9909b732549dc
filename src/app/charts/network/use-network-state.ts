import { useMemo } from "react";
import { standingPolicy } from "../../../core/history";
import type { SearchSpace } from "../../../core/search";
import { useSchemes } from "../candidate-looks";
import { useLiveHistory } from "../use-live-history";
import { networkState, type NetworkState } from "./state";

/** The state, anew whenever it is this chart's turn and the bits have moved. */
export function useNetworkState(space: SearchSpace): NetworkState {
  const { history } = useLiveHistory("network");
  const schemes = useSchemes();
  // A policy stays through the trainings that follow it, and so does the drawing.
  const latest = standingPolicy(history) ?? history.points.at(-1);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the history changes in place; what is latest in it says when.
  return useMemo(() => networkState(space, history, schemes), [space, history, schemes, latest]);
}
