/** What a person may do to a running job. Commands only set state; the loop reads it between two steps. */
import type { Knobs } from "../core/config";
import type { Command } from "../core/protocol";
import { yieldTask } from "./yield-task";

/** `finish` ends the stage, `stop` the job. */
export type Verdict = "go" | "finish" | "stop";

export interface Control {
  readonly knobs: () => Knobs;
  readonly command: (command: Command) => void;
  /** Between two steps: lets messages in, waits while paused (after `onHold`), and says how to go on. */
  readonly gate: (onHold?: () => Promise<void>) => Promise<Verdict>;
  /** Seconds spent paused so far. */
  readonly pausedSeconds: () => number;
  /** Forgets a pause and a request to end, for the next job. */
  readonly reset: (knobs: Knobs) => void;
}

type Pace = "running" | "paused" | "one step";

export function createControl(initial: Knobs): Control {
  let knobs = initial;
  let pace: Pace = "running";
  let verdict: Verdict = "go";
  let pausedMs = 0;
  let wake: (() => void) | null = null;
  return {
    knobs: () => knobs,
    pausedSeconds: () => pausedMs / 1000,
    reset: (next) => {
      knobs = next;
      pace = "running";
      verdict = "go";
      pausedMs = 0;
    },
    command: (command) => {
      switch (command.type) {
        case "knobs":
          knobs = command.knobs;
          return;
        case "pause":
          pace = "paused";
          return;
        case "resume":
          pace = "running";
          break;
        case "step":
          pace = "one step";
          break;
        case "finish":
        case "stop":
          verdict = command.type;
          pace = "running";
          break;
      }
      wake?.();
    },
    gate: async (onHold) => {
      await yieldTask();
      const holds = (): boolean => pace === "paused" && verdict === "go";
      if (holds()) {
        const since = performance.now();
        await onHold?.();
        if (holds()) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
        }
        pausedMs += performance.now() - since;
      }
      // The step that follows was asked for alone; the next gate waits.
      if (pace === "one step") pace = "paused";
      const result = verdict;
      // Finishing ends one stage; stopping holds until the job is over.
      if (verdict === "finish") verdict = "go";
      return result;
    },
  };
}
