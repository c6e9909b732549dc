/** What the buttons of the header and the keys do, and when they can. */
import { derive, pause, restart, resume, start, step } from "../bridge/client";
import { useTargetProblem } from "../store/budget";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";

export interface RunActions {
  readonly busy: boolean;
  readonly paused: boolean;
  /** Why nothing can run now, null if something can. */
  readonly blocked: string | null;
  /** Why no search can start now: nothing can run, or its target cannot be met. */
  readonly refused: string | null;
  /** Whether Derive does something: a search runs, or one was made. */
  readonly canDerive: boolean;
}

export function useRunActions(): RunActions {
  const status = useRun((state) => state.status);
  const hasData = useRun((state) => state.data !== null);
  const problem = useRun((state) => state.problem);
  const target = useTargetProblem();
  const stage = useRun((state) => state.stage);
  const searched = useRun((state) => state.ran !== null && state.history.stages.some((entry) => entry.stage.kind === "search"));
  const busy = isBusy(status);
  const searching = busy && stage?.kind === "search";
  const blocked =
    status.type === "preparing"
      ? "The backend and the data are being prepared."
      : (problem ?? (hasData ? null : "There is no data yet: choose a data set."));
  const refused = blocked ?? target;
  return {
    busy,
    paused: status.type === "paused",
    blocked,
    refused,
    canDerive: searching || (!busy && searched && blocked === null),
  };
}

/** The big button: start, pause, go on. */
export function startOrPause({ busy, paused, refused }: RunActions): void {
  if (paused) resume();
  else if (busy) pause();
  else if (refused === null) void start();
}

export function stepIfPossible({ busy, paused, refused }: RunActions): void {
  if (paused || (!busy && refused === null)) step();
  else if (busy) pause();
}

export function deriveIfPossible({ canDerive }: RunActions): void {
  if (canDerive) void derive();
}

/** Draws another seed, short enough to be read out, and starts again with it. */
export function newSeed(): void {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  useSettings.getState().change({ seed: 1 + (drawn % 9999) });
  void restart();
}
