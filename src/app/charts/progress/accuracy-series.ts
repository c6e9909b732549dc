/** Accuracies over the time of the run. */
import type { History } from "../../../core/history";

export interface TestPoint {
  readonly time: number;
  readonly label: string;
  /** 0..1 on the test data. */
  readonly accuracy: number;
  /** Of the searching network, which mixes its candidates. */
  readonly isRelaxed: boolean;
}

/** Test accuracy after each epoch: as reported during a stage, else as its result tells afterwards. */
export function testPoints(history: History): readonly TestPoint[] {
  const trained = new Set(history.stages.filter(({ stage }) => stage.kind === "train").map(({ stage }) => stage.label));
  const reported = history.evaluations.map(({ time, label, accuracy }) => ({
    time,
    label,
    accuracy,
    isRelaxed: !trained.has(label),
  }));
  const told = new Set(reported.map(({ label }) => label));
  const later = history.results.flatMap(({ label, accuracies }) => {
    const entry = history.stages.findLast(({ stage }) => stage.label === label);
    if (!entry || told.has(label)) return [];
    return accuracies.map((accuracy, i) => ({
      time: entry.start + ((i + 1) / accuracies.length) * entry.stage.steps,
      label,
      accuracy,
      isRelaxed: false,
    }));
  });
  return [...reported, ...later].sort((a, b) => a.time - b.time);
}
