/** The networks of a run as points of accuracy against cost. */
import type { CostTotals } from "../../../core/cost";
import type { History } from "../../../core/history";
import type { TrainResult } from "../../../core/protocol";
import { testPoints } from "../progress/accuracy-series";
import { shortened } from "../loom/layout";
import { pointAt, relaxedPoints } from "../time-axis";

export interface TradeOffPoint {
  readonly label: string;
  readonly kind: TrainResult["kind"] | "relaxed";
  /** Test accuracy 0..1. */
  readonly accuracy: number;
  readonly totals: CostTotals;
  /** Of another run of this session. */
  readonly isEarlier: boolean;
}

/** Characters of a point's label; names of policy files may be longer. */
const MAX_LABEL = 18;

/** Most important first: that is the order in which labels get their place. */
export function tradeOffPoints(history: History, earlier: readonly TrainResult[]): readonly TradeOffPoint[] {
  const of = (results: readonly TrainResult[], kind: TrainResult["kind"], isEarlier: boolean): readonly TradeOffPoint[] =>
    results
      .filter((result) => result.kind === kind)
      .map(({ label, accuracy, totals }) => ({
        label: shortened(label, MAX_LABEL),
        kind,
        accuracy,
        totals,
        isEarlier,
      }));
  const uniform = of(history.results, "uniform", false).toSorted((a, b) => a.totals.bitOps - b.totals.bitOps);
  return [
    ...of(history.results, "policy", false),
    ...of(history.results, "float", false),
    ...uniform,
    ...relaxed(history),
    ...of(earlier, "policy", true),
    ...of(earlier, "uniform", true),
  ];
}

/** The searched network at its last test, at the cost it had then. */
function relaxed(history: History): readonly TradeOffPoint[] {
  const test = testPoints(history).findLast(({ isRelaxed }) => isRelaxed);
  const totals = test && pointAt(relaxedPoints(history), test.time)?.snapshot.relaxed?.totals;
  return test && totals ? [{ label: "Relaxed", kind: "relaxed", accuracy: test.accuracy, totals, isEarlier: false }] : [];
}

export interface TradeOffScale {
  /** BitOps; float stands beyond. */
  readonly x: { readonly min: number; readonly max: number };
  /** 0..1 */
  readonly y: { readonly min: number; readonly max: number };
}

/** Shares of the extent, added on each side: points and their labels stay off the frame. */
const AIR = { x: 0.25, y: 0.16 } as const;
/** Networks nearer than this differ by chance. */
const LEAST_SPAN = 0.02;

/** Axes that hold all points: float would press the others into a corner of a common axis, and has a place of its own. */
export function tradeOffScale(points: readonly TradeOffPoint[]): TradeOffScale {
  const costs = points.filter(({ kind }) => kind !== "float").map(({ totals }) => totals.bitOps);
  const [least, most] = costs.length > 0 ? [Math.min(...costs), Math.max(...costs)] : [1e6, 1e7];
  const ratio = Math.max(2, most / least) ** AIR.x;
  const accuracies = points.map(({ accuracy }) => accuracy);
  const [low, high] = accuracies.length > 0 ? [Math.min(...accuracies), Math.max(...accuracies)] : [0, 1];
  const span = Math.max(LEAST_SPAN, high - low);
  const middle = (low + high) / 2;
  const half = span * (0.5 + AIR.y);
  return {
    x: { min: least / ratio, max: most * ratio },
    y: { min: Math.max(0, middle - half), max: Math.min(1, middle + half) },
  };
}
