import { describe, expect, it } from "vitest";
import { emptyHistory, recordEvent } from "../../../core/history";
import { DEFAULT_KNOBS } from "../../../core/config";
import { testSpace } from "../../testing";
import { gaugePosition, gaugeState, timesSmaller, uniformTotals } from "./gauge-state";

const space = testSpace();
const plain = { space, resource: null, target: 3 } as const;

it("shows the mean of the candidates before a search", () => {
  const { now, begun, decided } = gaugeState(emptyHistory(), plain, null);
  expect([now.averageWeightBits, now.averageActivationBits, begun, decided]).toEqual([2.5, 3, false, null]);
});

it("shows the totals of the snapshot at a time", () => {
  const history = emptyHistory();
  recordEvent(history, { type: "stage", stage: { kind: "search", label: "Search", steps: 20, epochs: 1, meters: [] } });
  for (const [step, bits] of [
    [10, 4],
    [20, 2],
  ] as const) {
    const values = { probabilities: new Float32Array(), bits: new Float32Array(), kernels: null, meters: [] };
    const relaxed = { ...values, totals: uniformTotals(space, bits) };
    const rest = { epoch: 1, knobs: DEFAULT_KNOBS, taskLoss: 1, penalty: 1, accuracy: 1, rate: 1, speed: 1, secondsLeft: 1 };
    recordEvent(history, { type: "snapshot", snapshot: { step, relaxed, ...rest } });
  }
  expect(gaugeState(history, plain, 12).now.averageBits).toBeCloseTo(4);
  expect(gaugeState(history, plain, null).now.averageBits).toBeCloseTo(2);
});

it("shows what the target stands for before a search to a budget", () => {
  const { now, budget } = gaugeState(emptyHistory(), { space, resource: "bitops", target: 2.5 }, null);
  expect(now.averageBits).toBeCloseTo(2.5);
  expect(now.bitOps).toBeCloseTo(budget!);
});

describe("the log bar", () => {
  it("has 1/1 at its start, float at its end and equal ratios at equal distances", () => {
    const places = [1, 2, 4, 8, 32].map((bits) => gaugePosition(uniformTotals(space, bits)));
    [0, 0.2, 0.4, 0.6, 1].forEach((place, i) => expect(places[i]).toBeCloseTo(place));
  });
  it("counts 8/8 as sixteen times smaller than float", () => {
    expect(timesSmaller(uniformTotals(space, 8))).toBeCloseTo(16);
  });
});
