/** Quantities of the method's own over the search, grouped as their descriptions say. */
import { searchPoints, type History, type HistoryPoint } from "../../../core/history";
import type { MeterSpec } from "../../../core/catalog";
import type { ChartTable } from "../frame/chart-table";
import { logTicks, rangeTicks } from "../ticks";

/** A meter and its place among those of the stage. */
export interface Meter {
  readonly spec: MeterSpec;
  readonly index: number;
}

export interface MeterGroup {
  readonly id: string;
  /** "Budget" */
  readonly title: string;
  readonly meters: readonly Meter[];
}

const NO_METERS: readonly MeterSpec[] = [];

/** What the last search measures; none before one, and for a method without meters. */
export const metersOf = ({ stages }: History): readonly MeterSpec[] =>
  stages.findLast(({ stage }) => stage.kind === "search")?.stage.meters ?? NO_METERS;

export function meterGroups(specs: readonly MeterSpec[]): readonly MeterGroup[] {
  const groups = new Map<string, Meter[]>();
  specs.forEach((spec, index) => groups.set(spec.group, [...(groups.get(spec.group) ?? []), { spec, index }]));
  return [...groups].map(([id, meters]) => ({ id, title: `${id.charAt(0).toUpperCase()}${id.slice(1)}`, meters }));
}

/** One line of a group's chart. */
export interface MeterLine {
  readonly meter: Meter;
  /** The layer's name, null for the whole network. */
  readonly layer: string | null;
  readonly value: (point: HistoryPoint) => number | null;
}

/** One line for each meter, or for each layer where it has a value. */
export function meterLines(
  { meters }: MeterGroup,
  layers: readonly string[],
  points: readonly HistoryPoint[],
): readonly MeterLine[] {
  return meters.flatMap((meter): readonly MeterLine[] => {
    const at = (i: number) => (point: HistoryPoint) => point.snapshot.relaxed?.meters[meter.index]?.[i] ?? null;
    if (meter.spec.per === "network") return [{ meter, layer: null, value: at(0) }];
    // A layer that has no such quantity tells 0 all the time.
    return layers.flatMap((layer, i) => (points.some((point) => at(i)(point)) ? [{ meter, layer, value: at(i) }] : []));
  });
}

/** The points of the last search that tell the meters. */
export const meterPoints = (history: History): readonly HistoryPoint[] =>
  searchPoints(history).filter(({ snapshot }) => (snapshot.relaxed?.meters.length ?? 0) > 0);

/** Ticks of the value axis, the first and the last of which are its ends. */
export function meterTicks(
  { meters }: MeterGroup,
  lines: readonly MeterLine[],
  points: readonly HistoryPoint[],
): readonly number[] {
  let [least, most] = [Infinity, -Infinity];
  for (const point of points) {
    for (const { value } of lines) {
      const now = value(point) ?? NaN;
      if (now < least) least = now;
      if (now > most) most = now;
    }
  }
  if (least > most) return isLogarithmic(meters) ? [1, 10] : [0, 1];
  if (isLogarithmic(meters) && least > 0) {
    const [from, to] = [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most))];
    return logTicks(from, to === from ? 10 * from : to, AXIS_TICKS);
  }
  return rangeTicks(least, most, AXIS_TICKS);
}

export const isLogarithmic = (meters: readonly Meter[]): boolean => meters.every(({ spec }) => spec.scale === "logarithmic");

const AXIS_TICKS = 4;

export function meterTable(history: History, group: MeterGroup, layers: readonly string[]): ChartTable {
  const points = meterPoints(history);
  const lines = meterLines(group, layers, points);
  return {
    columns: ["step", ...lines.map(({ meter: { spec }, layer }) => [layer, spec.label, spec.unit].filter(Boolean).join(" "))],
    rows: points.map((point) => [point.time, ...lines.map(({ value }) => value(point))]),
  };
}
