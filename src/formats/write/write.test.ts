import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG } from "../../core/config";
import { emptyHistory, recordEvent, type History } from "../../core/history";
import { layersOf } from "../../core/layers";
import { findModel } from "../../core/models";
import { parsePolicy, type Policy, type PolicyLayer } from "../../core/policy";
import type { MeterSpec } from "../../core/catalog";
import type { RelaxedState, RunEvent, Snapshot } from "../../core/protocol";
import { sameCandidates, searchSpace, type SearchSpace } from "../../core/search";
import { formatCsv, type Cell } from "./csv";
import { EXPORTERS, type ExportContext, type Exporter } from "./index";

const LAYERS = layersOf(findModel("resnet8").build({ width: 4, input: [20, 20, 1], classes: 10 }));
const SPACE = searchSpace(LAYERS, {
  includeEnds: false,
  site: sameCandidates((role) => (role === "weight" ? [1, 2] : [2, 3, 4]).map((bits) => ({ bits, scheme: "hwgq" }))),
});

const tensor = (bits: number): PolicyLayer["weight"] => ({
  tensor: "t",
  bits,
  scheme: bits === 32 ? "float" : "hwgq",
  signed: true,
  scale: bits === 32 ? [] : [0.1, 0.30000000000000004],
  zeroPoint: 0,
  axis: bits === 32 ? null : 0,
  rounding: "ROUND",
});

const POLICY: Policy = {
  format: "bitloom.policy",
  version: 1,
  model: { name: "resnet8", source: "built-in" },
  method: { id: "edmips" },
  layers: LAYERS.map((layer) => {
    const searched = SPACE.searched.includes(layer);
    const { name, op, macs, weights } = layer;
    return { name, op, macs, weights, searched, weight: tensor(searched ? 2 : 32), activation: tensor(searched ? 3 : 32) };
  }),
  totals: { bitOps: 1, bitOpsFloat: 1, averageWeightBits: 2, averageActivationBits: 3, includes: ["searched layers"] },
};

const RELAXED: RelaxedState = {
  probabilities: Float32Array.from({ length: SPACE.searched.length * 5 }, (_, i) => i / 100),
  bits: Float32Array.from({ length: SPACE.searched.length * 2 }, (_, i) => i / 7),
  totals: {
    bitOps: 123456789.125,
    bitOpsFloat: 1e12,
    averageWeightBits: 1.5,
    averageActivationBits: 3,
    averageBits: 2.1,
    weightBytes: 1000,
  },
  kernels: null,
  meters: [Float32Array.of(0.75), Float32Array.from(SPACE.searched, (_, i) => i + 0.5)],
};

const METERS: readonly MeterSpec[] = (["network", "layer"] as const).map((per) => {
  const shared = { unit: "bit", help: "Of the test.", scale: "linear", group: "test" } as const;
  return { ...shared, id: per === "network" ? "resource" : "clip", label: per, per };
});

function recorded(): History {
  const history = emptyHistory();
  const snapshot = (step: number, relaxed: RelaxedState | null, taskLoss: number): RunEvent => {
    const common = {
      epoch: step / 3,
      knobs: { lambda: 5e-4, target: 3, activationTarget: 4, kappa: 1 },
      penalty: 0.25,
      accuracy: 0.5,
      rate: 0.1,
      speed: 1,
      secondsLeft: 2,
    };
    return { type: "snapshot", snapshot: { ...common, step, relaxed, taskLoss } satisfies Snapshot };
  };
  const stage = (kind: "search" | "train", label: string): RunEvent => ({
    type: "stage",
    stage: { kind, label, steps: 9, epochs: 3, meters: kind === "search" ? METERS : [] },
  });
  [
    stage("search", 'Search, "first"'),
    snapshot(1, RELAXED, 1 / 3),
    snapshot(2, RELAXED, NaN),
    stage("train", "Retrain"),
    snapshot(1, null, 2),
  ].forEach((event) => recordEvent(history, event));
  return history;
}

const CONTEXT: ExportContext = { config: DEFAULT_CONFIG, space: SPACE, policy: POLICY, history: recorded() };
const EMPTY: ExportContext = { ...CONTEXT, policy: null, history: emptyHistory() };

const exporter = (id: string): Exporter => EXPORTERS.find((known) => known.id === id)!;

/** The rows of RFC 4180 text, read by the letter of that standard. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/gy;
  for (let match = field.exec(text); match; match = field.exec(text)) {
    const [, cell, end] = match as unknown as [string, string, string];
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** Rows of CSV text as objects by column name. */
function table(text: string): Record<string, string>[] {
  const [header, ...rows] = parseCsv(text) as [string[], ...string[][]];
  expect(new Set(header).size, "column names are unique").toBe(header.length);
  for (const row of rows) expect(row).toHaveLength(header.length);
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [header[i]!, cell])));
}

test("any cells survive being written and read", () => {
  const cell: fc.Arbitrary<Cell> = fc.oneof(
    fc.string(),
    fc.constantFrom('"', ",", "\r\n", "\n", "\r", 'a"",\r\n"', ""),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const rows = fc.integer({ min: 1, max: 5 }).chain((n) => fc.array(fc.array(cell, { minLength: n, maxLength: n })));
  fc.assert(
    fc.property(rows, (cells) => {
      expect(parseCsv(formatCsv(cells))).toEqual(cells.map((row) => row.map((value) => (value === null ? "" : String(value)))));
    }),
    { seed: 1, numRuns: 500 },
  );
});

describe("every exporter", () => {
  test("has an id and a file name of its own", () => {
    expect(new Set(EXPORTERS.map(({ id }) => id)).size).toBe(EXPORTERS.length);
    expect(new Set(EXPORTERS.map(({ fileName }) => fileName(CONTEXT))).size).toBe(EXPORTERS.length);
  });

  test.each(EXPORTERS.map((item) => [item.id, item] as const))(
    "%s writes when it is available, and says why not",
    (_id, item) => {
      expect(item.available(CONTEXT)).toBe(true);
      expect(item.write(CONTEXT).endsWith("\n")).toBe(true);
      if (item.available(EMPTY)) expect(item.write(EMPTY)).not.toBe("");
      else expect(() => item.write(EMPTY)).toThrow(/There is no (policy|history) yet/);
    },
  );

  test.each(EXPORTERS.map((item) => [item.id, item] as const))(
    "%s gives a name without folders, whatever the ids are",
    (_id, item) => {
      const config = { ...DEFAULT_CONFIG, model: "../../etc", data: "a/b\\c:d", method: "" };
      expect(item.fileName({ ...CONTEXT, config })).toMatch(/^[\w.-]+$/);
      expect(item.fileName({ ...CONTEXT, config })).not.toContain("..");
    },
  );
});

test("the policy's JSON is what parsePolicy reads", () => {
  expect(exporter("policy-json").fileName(CONTEXT)).toBe("resnet8-glyphs-edmips-policy.json");
  expect(parsePolicy(exporter("policy-json").write(CONTEXT))).toEqual({ ok: true, policy: POLICY });
});

test("the schema is JSON", () => {
  expect(JSON.parse(exporter("policy-schema").write(EMPTY))).toMatchObject({ type: "object" });
});

test("the policy table has a row per layer, and the searched shares sum to one", () => {
  const rows = table(exporter("policy-csv").write(CONTEXT));
  expect(rows.map(({ layer }) => layer)).toEqual(LAYERS.map(({ name }) => name));
  const [first, second] = rows as [Record<string, string>, Record<string, string>];
  expect(first).toMatchObject({
    op: "conv",
    weight_bits: "32",
    weight_scheme: "float",
    weight_scale: "",
    share_of_searched_bitops: "",
    searched: "false",
  });
  expect(second).toMatchObject({ weight_bits: "2", act_bits: "3", act_scale: "0.1 0.30000000000000004", searched: "true" });
  expect(Number(second["bitops"])).toBe(LAYERS[1]!.macs * 6);
  const shares = rows.map((row) => Number(row["share_of_searched_bitops"]));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
});

describe("the history table", () => {
  const rows = table(exporter("history-csv").write(CONTEXT));

  test("has a row per point, with the stage's label and full precision", () => {
    expect(rows.map(({ time, stage, step }) => [time, stage, step])).toEqual([
      ["1", 'Search, "first"', "1"],
      ["2", 'Search, "first"', "2"],
      ["3", "Retrain", "1"],
    ]);
    expect(rows[0]).toMatchObject({
      epoch: String(1 / 3),
      lambda: "0.0005",
      target: "3",
      activation_target: "4",
      kappa: "1",
      "meter:resource": "0.75",
      task_loss: String(1 / 3),
      penalty: "0.25",
      accuracy: "0.5",
      rate: "0.1",
      expected_bitops: "123456789.125",
      average_bits: "2.1",
    });
    expect(rows[1]?.["task_loss"]).toBe("NaN");
  });

  test("gives each searched layer its bits and probabilities, and none to the others", () => {
    SPACE.searched.forEach(({ name }, i) => {
      const at = (column: string): number => Number(rows[0]?.[`${name}:${column}`]);
      expect(at("w_bits")).toBe(RELAXED.bits[2 * i]);
      expect(at("a_bits")).toBe(RELAXED.bits[2 * i + 1]);
      const probabilities = ["w:1b", "w:2b", "a:2b", "a:3b", "a:4b"].map(at);
      expect(at("clip")).toBe(i + 0.5);
      expect(probabilities).toEqual([...RELAXED.probabilities.subarray(5 * i, 5 * i + 5)]);
    });
    expect(Object.keys(rows[0]!)).toHaveLength(15 + 8 * SPACE.searched.length);
  });

  test("has columns of every search of a run, empty in the others", () => {
    const bits = (widths: readonly number[]): SearchSpace => {
      const [layer] = SPACE.searched as [SearchSpace["searched"][0]];
      const candidates = widths.map((width) => ({ bits: width, scheme: "clipq" }));
      const site = { id: `${layer.name}/weight`, layer, role: "weight" as const, candidates, kernels: 1, pinned: false };
      return { layers: SPACE.layers, searched: [layer], sites: [site] };
    };
    const history = emptyHistory();
    const [first] = CONTEXT.history.points as [(typeof history.points)[0]];
    for (const [label, widths] of [
      ["A", [2, 3]],
      ["B", [3, 4]],
    ] as const) {
      recordEvent(history, {
        type: "stage",
        stage: { kind: "search", label, steps: 9, epochs: 1, meters: [], space: bits(widths) },
      });
      const relaxed = { ...RELAXED, probabilities: Float32Array.of(0.25, 0.75) };
      recordEvent(history, { type: "snapshot", snapshot: { ...first.snapshot, relaxed } });
    }
    const both = table(exporter("history-csv").write({ ...CONTEXT, history }));
    const { name } = SPACE.searched[0]!;
    expect(both.map((row) => [2, 3, 4].map((width) => row[`${name}:w:${width}b`]))).toEqual([
      ["0.25", "0.75", ""],
      ["", "0.25", "0.75"],
    ]);
  });

  test("is empty where no search runs", () => {
    const filled = Object.entries(rows[2]!).filter(([, cell]) => cell !== "");
    expect(filled.map(([column]) => column)).toEqual([
      "time",
      "stage",
      "step",
      "epoch",
      "lambda",
      "target",
      "activation_target",
      "kappa",
      "task_loss",
      "penalty",
      "accuracy",
      "rate",
    ]);
  });
});
