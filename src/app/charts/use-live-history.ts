import { useMemo, useSyncExternalStore } from "react";
import type { History } from "../../core/history";
import { useRun } from "../store/run";
import { createTurn, type Turn } from "./turns";

/** The run so far. The history inside changes in place; this object is a new one whenever it has. */
export interface LiveHistory {
  readonly history: History;
  readonly version: number;
}

/** What draws in one go: the loom with the cost beside it, the sites of the chosen layer, the small charts, the meters, the network. */
type Drawing = "loom" | "weight" | "activation" | "loss" | "accuracy" | "meters" | "network";

const TURNS: { readonly [D in Drawing]: Turn } = {
  loom: createTurn("first"),
  weight: createTurn("last"),
  activation: createTurn("last"),
  loss: createTurn("last"),
  accuracy: createTurn("last"),
  meters: createTurn("last"),
  network: createTurn("last"),
};

/** What charts draw from and are memoized by; new when it is the drawing's turn, and at once when another run begins. */
export function useLiveHistory(drawing: Drawing): LiveHistory {
  const history = useRun((state) => state.history);
  const { subscribe, version: current } = TURNS[drawing];
  const version = useSyncExternalStore(subscribe, current);
  return useMemo(() => ({ history, version }), [history, version]);
}

/** The history now, for what is saved from a menu. */
export const historyNow = (): History => useRun.getState().history;
