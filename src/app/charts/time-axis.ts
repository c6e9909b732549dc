/** Time in charts: steps of the whole run, its stages, what is visible of it. */
import type { History, HistoryPoint, HistoryStage } from "../../core/history";
import { searchPoints, shownSearch, timeNow } from "../../core/history";

/** Steps of the whole run, start and end. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

export interface Band extends Extent {
  readonly label: string;
}

/** Charts draw at most this many points a line. */
const MAX_DRAWN = 300;
/** Pixels that a point of a line takes: nearer ones cannot be told apart. */
const POINT_WIDTH = 2;

/** The search that is shown. */
export function searchExtent(history: History): Extent | null {
  const shown = shownSearch(history);
  return shown && { start: shown.start, end: stageEnd(history, shown) };
}

/** Everything that ran or is planned in the stage that runs. */
export function runExtent(history: History): Extent | null {
  const last = history.stages.at(-1);
  return last ? { start: 0, end: Math.max(stageEnd(history, last), 1) } : null;
}

/** Stages that took steps, cut to the extent. */
export function stageBands(history: History, extent: Extent): readonly Band[] {
  return history.stages
    .map((entry) => ({ label: entry.stage.label, start: entry.start, end: stageEnd(history, entry) }))
    .filter(({ start, end }) => end > start && start < extent.end && end > extent.start)
    .map((band) => ({ ...band, start: Math.max(band.start, extent.start), end: Math.min(band.end, extent.end) }));
}

/** Where the learning rate fell to half or less: 0.1 to 0.01 is a drop, a cosine is not. */
export function rateDrops(history: History): readonly { readonly time: number; readonly rate: number }[] {
  return history.points.flatMap((point, i) => {
    const before = history.points[i - 1];
    const fell =
      before !== undefined &&
      before.stage === point.stage &&
      point.snapshot.rate <= before.snapshot.rate / 2 &&
      point.snapshot.rate > 0;
    return fell ? [{ time: point.time, rate: point.snapshot.rate }] : [];
  });
}

/** Points of the search that is shown whose snapshot holds its state. */
export function relaxedPoints(history: History): readonly HistoryPoint[] {
  return searchPoints(history).filter(({ snapshot }) => snapshot.relaxed !== null);
}

/** The last point at or before `time`; the first one for an earlier time; null without points. Null `time` is now. */
export function pointAt(points: readonly HistoryPoint[], time: number | null): HistoryPoint | null {
  if (time === null) return points.at(-1) ?? null;
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.time ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return points[Math.max(0, low - 1)] ?? null;
}

/**
 * The points that a line of this width shows: the first one, and the last one of each column of equal time. Columns stand still while
 * the extent does, so that a growing line does not tremble.
 */
export function thinned<T extends { readonly time: number }>(points: readonly T[], extent: Extent, width: number): readonly T[] {
  const columns = Math.max(1, Math.min(MAX_DRAWN, Math.floor(width / POINT_WIDTH)));
  const column = ({ time }: T): number => Math.floor((columns * (time - extent.start)) / Math.max(1, extent.end - extent.start));
  return points.filter((point, i) => {
    const next = points[i + 1];
    return i === 0 || next === undefined || column(next) !== column(point);
  });
}

/** A stage lasts as long as planned while it runs, and as long as it took once another follows (it may have been ended early). */
function stageEnd(history: History, entry: HistoryStage): number {
  const next = history.stages[history.stages.indexOf(entry) + 1];
  return next ? next.start : Math.max(entry.start + entry.stage.steps, timeNow(history));
}
