import type { History, HistoryPoint } from "../../core/history";
import type { Layer } from "../../core/layers";
import type { MeterSpec } from "../../core/catalog";
import type { RelaxedState } from "../../core/protocol";
import { competingSchemes, type SearchSpace, type Site } from "../../core/search";
import { formatCsv, type Cell } from "./csv";
import { exportName, type Exporter } from "./exporter";

const COLUMNS: readonly (readonly [name: string, value: (point: HistoryPoint, history: History) => Cell])[] = [
  ["time", ({ time }) => time],
  ["stage", ({ stage }, { stages }) => stages[stage]?.stage.label ?? null],
  ["step", ({ snapshot }) => snapshot.step],
  ["epoch", ({ snapshot }) => snapshot.epoch],
  ["lambda", ({ snapshot }) => snapshot.knobs.lambda],
  ["target", ({ snapshot }) => snapshot.knobs.target],
  ["activation_target", ({ snapshot }) => snapshot.knobs.activationTarget],
  ["kappa", ({ snapshot }) => snapshot.knobs.kappa],
  ["task_loss", ({ snapshot }) => snapshot.taskLoss],
  ["penalty", ({ snapshot }) => snapshot.penalty],
  ["accuracy", ({ snapshot }) => snapshot.accuracy],
  ["rate", ({ snapshot }) => snapshot.rate],
  ["expected_bitops", ({ snapshot }) => snapshot.relaxed?.totals.bitOps ?? null],
  ["average_bits", ({ snapshot }) => snapshot.relaxed?.totals.averageBits ?? null],
];

/**
 * What happened in the run, one row per point of the charts (a long run is thinned; its first and last points stay). Columns:
 * - `time`: steps of the whole run; `stage`: its label; `step`, `epoch`: done in this stage
 * - `lambda`, `target` and `activation_target` (bits), `kappa`: the knobs that the step used
 * - `task_loss`: cross-entropy of the step's batch; `penalty`: what the method added to it
 * - `accuracy`: 0..1, on training images since the row before; `rate`: learning rate of the weights
 * - `expected_bitops`, `average_bits`: over the searched layers, at their expected bits
 * - `meter:ID`, or `NAME:ID` for each searched layer: what the search's stages measure, in its own unit
 * - for each searched layer `NAME:w_bits`, `NAME:a_bits`: expected bits of its weights and of its input activations
 * - and for each candidate `NAME:w:2b`, `NAME:a:2b`, or by scheme `NAME:w:clipq`: its probability, 0..1
 *
 * From `expected_bitops` on, cells are empty outside a search. Numbers have full precision; one that is not finite reads NaN or
 * Infinity.
 */
export const historyCsv: Exporter = {
  id: "history-csv",
  label: "Run history (CSV)",
  mediaType: "text/csv",
  available: ({ history }) => history.points.length > 0,
  fileName: ({ config }) => exportName(config, "history.csv"),
  write: ({ history, space }) => {
    if (history.points.length === 0) throw new RangeError("There is no history yet: start a run.");
    const meters = meterColumns(history, space.searched);
    const states = stateColumns(history, space);
    const rows = history.points.map((point) => {
      const { relaxed } = point.snapshot;
      return [
        ...COLUMNS.map(([, value]) => value(point, history)),
        ...meters.map(({ value }) => (relaxed ? value(relaxed, metersOf(history, point)) : null)),
        ...states.map(({ ofSpace }) => (relaxed && ofSpace.get(spaceOf(history, point) ?? space)?.(relaxed)) ?? null),
      ];
    });
    return formatCsv([
      [...COLUMNS, ...meters.map(({ name }) => [name]), ...states.map(({ name }) => [name])].map(([name]) => name),
      ...rows,
    ]);
  },
};

interface MeterColumn {
  readonly name: string;
  readonly value: (state: RelaxedState, meters: readonly MeterSpec[]) => Cell;
}

const metersOf = ({ stages }: History, { stage }: HistoryPoint): readonly MeterSpec[] => stages[stage]?.stage.meters ?? [];

/** Columns of what any stage measures, in the order of their first appearance. */
function meterColumns({ stages }: History, searched: readonly Layer[]): readonly MeterColumn[] {
  const specs = new Map(stages.flatMap(({ stage }) => stage.meters.map((spec) => [spec.id, spec] as const)));
  return [...specs.values()].flatMap(({ id, per }) => {
    const column = (name: string, position: number): MeterColumn => ({
      name,
      value: (state, meters) => state.meters[meters.findIndex((spec) => spec.id === id)]?.[position] ?? null,
    });
    return per === "network" ? [column(`meter:${id}`, 0)] : searched.map(({ name }, i) => column(`${name}:${id}`, i));
  });
}

const spaceOf = ({ stages }: History, { stage }: HistoryPoint): SearchSpace | undefined => stages[stage]?.stage.space;

interface Column {
  readonly name: string;
  readonly value: (state: RelaxedState) => Cell;
}

/** Columns of all searches of a run, the later ones' own after those of the first. */
function stateColumns(
  { stages }: History,
  space: SearchSpace,
): readonly { readonly name: string; readonly ofSpace: ReadonlyMap<SearchSpace, Column["value"]> }[] {
  const spaces = new Set(stages.flatMap(({ stage }) => (stage.kind === "search" ? [stage.space ?? space] : [])));
  const byName = new Map<string, Map<SearchSpace, Column["value"]>>();
  for (const own of spaces) {
    for (const { name, value } of columnsOf(own.sites)) {
      const ofSpace = byName.get(name) ?? new Map<SearchSpace, Column["value"]>();
      byName.set(name, ofSpace.set(own, value));
    }
  }
  return [...byName].map(([name, ofSpace]) => ({ name, ofSpace }));
}

/** Columns of the sites, layer after layer: both expected bits, then the probabilities of both. */
function columnsOf(sites: readonly Site[]): readonly Column[] {
  const byLayer = new Map<string, { readonly bits: Column[]; readonly probabilities: Column[] }>();
  let offset = 0;
  sites.forEach((site, index) => {
    const { name } = site.layer;
    const columns = byLayer.get(name) ?? { bits: [], probabilities: [] };
    byLayer.set(name, columns);
    const role = site.role === "weight" ? "w" : "a";
    columns.bits.push({ name: `${name}:${role}_bits`, value: ({ bits }) => bits[index] ?? null });
    for (const candidate of site.candidates) {
      const position = offset++;
      columns.probabilities.push({
        name: `${name}:${role}:${competingSchemes(site.candidates) ? candidate.scheme : `${candidate.bits}b`}`,
        value: ({ probabilities }) => probabilities[position] ?? null,
      });
    }
  });
  return [...byLayer.values()].flatMap(({ bits, probabilities }) => [...bits, ...probabilities]);
}
