import { expect, it } from "vitest";
import { emptyHistory, recordEvent, type History } from "../../../core/history";
import { testPoints } from "./accuracy-series";

function history(reportsTraining: boolean): History {
  const run = emptyHistory();
  recordEvent(run, { type: "stage", stage: { kind: "search", label: "Search", steps: 20, epochs: 1, meters: [] } });
  recordEvent(run, { type: "evaluated", label: "relaxed", epoch: 1, accuracy: 0.5, perplexity: null });
  recordEvent(run, { type: "stage", stage: { kind: "train", label: "W2A2", steps: 40, epochs: 2, meters: [] } });
  if (reportsTraining) recordEvent(run, { type: "evaluated", label: "W2A2", epoch: 1, accuracy: 0.7, perplexity: null });
  run.results.push({ label: "W2A2", accuracies: [0.7, 0.8] } as unknown as History["results"][number]);
  return run;
}

it("places the epochs of a result inside its stage", () => {
  expect(testPoints(history(false))).toEqual([
    { time: 0, label: "relaxed", accuracy: 0.5, isRelaxed: true },
    { time: 20, label: "W2A2", accuracy: 0.7, isRelaxed: false },
    { time: 40, label: "W2A2", accuracy: 0.8, isRelaxed: false },
  ]);
});

it("does not show an epoch twice that was reported already", () => {
  expect(testPoints(history(true)).filter(({ label }) => label === "W2A2")).toHaveLength(1);
});
