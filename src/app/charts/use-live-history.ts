import { useMemo } from "react";
import type { History } from "../../core/history";
import { useHistory } from "../store/run";

/** The run so far. The history inside changes in place; this object is a new one whenever it has. */
export interface LiveHistory {
  readonly history: History;
  readonly version: number;
}

/** What charts draw from and are memoized by. */
export function useLiveHistory(): LiveHistory {
  const { history, version } = useHistory();
  return useMemo(() => ({ history, version }), [history, version]);
}
