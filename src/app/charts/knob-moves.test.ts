import { expect, it } from "vitest";
import { DEFAULT_KNOBS, type Knobs } from "../../core/config";
import { emptyHistory, recordEvent } from "../../core/history";
import { knobMoves } from "./knob-moves";

it("names the knobs that moved, each with its new value", () => {
  const history = emptyHistory();
  const stage = { kind: "search", label: "Search", steps: 50, epochs: 1, meters: [] } as const;
  const at = (step: number, knobs: Partial<Knobs>): void =>
    recordEvent(history, {
      type: "snapshot",
      snapshot: {
        step,
        epoch: 0,
        knobs: { ...DEFAULT_KNOBS, ...knobs },
        taskLoss: 1,
        penalty: 0,
        accuracy: 0,
        rate: 0.1,
        speed: 1,
        secondsLeft: 1,
        relaxed: null,
      },
    });
  recordEvent(history, { type: "stage", stage });
  at(10, {});
  at(20, { target: 2.5 });
  at(30, { target: 2.5, lambda: 5e-4, kappa: 10 });
  recordEvent(history, { type: "stage", stage });
  at(10, { kappa: 10 });
  at(20, { kappa: 1 });
  const all = { start: 0, end: 100 };
  expect(knobMoves(history, all)).toEqual([
    { time: 20, label: "t\u00a02.5" },
    { time: 30, label: "λ\u00a05e-4, κ\u00a010" },
    { time: 50, label: "κ\u00a01" },
  ]);
  expect(knobMoves(history, { start: 25, end: 40 })).toHaveLength(1);
});
