import { describe, expect, it } from "vitest";
import { DEFAULT_KNOBS } from "../../../core/config";
import { emptyHistory, recordEvent, type History } from "../../../core/history";
import type { MeterSpec } from "../../../core/catalog";
import { testSpace } from "../../testing";
import { uniformTotals } from "../cost/gauge-state";
import { meterGroups, meterLines, meterPoints, metersOf, meterTable, meterTicks } from "./meter-series";

const network = { unit: "kB", help: "", per: "network", scale: "linear", group: "budget" } as const;
const SPECS: readonly MeterSpec[] = [
  { ...network, id: "resource", label: "size" },
  { ...network, id: "clip", label: "clip", unit: "", per: "layer", group: "clip" },
  { ...network, id: "budget", label: "budget" },
];
const LAYERS = ["first", "second", "third"];

function searched(): History {
  const history = emptyHistory();
  recordEvent(history, { type: "stage", stage: { kind: "search", label: "Search", steps: 9, epochs: 1, meters: SPECS } });
  for (const step of [1, 2, 3]) {
    const meters = [[10 - step], [0, step, 5], [6]].map((values) => Float32Array.from(values));
    const values = { probabilities: new Float32Array(), bits: new Float32Array(), totals: uniformTotals(testSpace(), 2) };
    const relaxed = { ...values, kernels: null, meters };
    const rest = { epoch: 1, knobs: DEFAULT_KNOBS, taskLoss: 1, penalty: 1, accuracy: 1, rate: 1, speed: 1, secondsLeft: 1 };
    recordEvent(history, { type: "snapshot", snapshot: { step, relaxed, ...rest } });
  }
  return history;
}

describe("the meters of a search", () => {
  const history = searched();
  const [budget, clip] = meterGroups(metersOf(history)) as [ReturnType<typeof meterGroups>[0], ReturnType<typeof meterGroups>[0]];

  it("share a chart with those of their group, wherever they stand among the others", () => {
    expect(budget).toMatchObject({ id: "budget", title: "Budget" });
    expect(budget.meters.map(({ spec, index }) => [spec.id, index])).toEqual([
      ["resource", 0],
      ["budget", 2],
    ]);
    expect(metersOf(emptyHistory())).toEqual([]);
  });

  it("are one line of the network, or one of each layer that has the quantity", () => {
    const points = meterPoints(history);
    expect(meterLines(budget, LAYERS, points).map(({ value }) => value(points[1]!))).toEqual([8, 6]);
    const layers = meterLines(clip, LAYERS, points);
    expect(layers.map(({ layer }) => layer)).toEqual(["second", "third"]);
    expect(layers[0]!.value(points[2]!)).toBe(3);
  });

  it("lie inside their axis", () => {
    const points = meterPoints(history);
    const ticks = meterTicks(budget, meterLines(budget, LAYERS, points), points);
    expect([ticks[0], ticks.at(-1)]).toEqual([6, 9]);
    // Before the first point there is an axis too, which a logarithmic chart can draw.
    expect(meterTicks(budget, [], [])).toEqual([0, 1]);
    const logarithmic = budget.meters.map(({ spec, index }) => ({ spec: { ...spec, scale: "logarithmic" as const }, index }));
    expect(meterTicks({ ...budget, meters: logarithmic }, [], [])).toEqual([1, 10]);
  });

  it("make a table with the unit in the heading", () => {
    expect(meterTable(history, budget, LAYERS)).toMatchObject({
      columns: ["step", "size kB", "budget kB"],
      rows: [
        [1, 9, 6],
        [2, 8, 6],
        [3, 7, 6],
      ],
    });
  });
});
