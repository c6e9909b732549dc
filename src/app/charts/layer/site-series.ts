/** Probabilities of one layer's candidates over the search. */
import type { History } from "../../../core/history";
import type { Candidate, Role, SearchSpace, Site } from "../../../core/search";
import type { ChartTable } from "../frame/chart-table";
import { pointAt, relaxedPoints, searchExtent, type Extent } from "../time-axis";

export interface SitePoint {
  readonly time: number;
  /** One for each candidate. */
  readonly probabilities: readonly number[];
}

export interface SiteSeries {
  readonly role: Role;
  readonly candidates: readonly Candidate[];
  readonly points: readonly SitePoint[];
  readonly extent: Extent | null;
  /** Probabilities at a time (null: now); what a search starts from before it has begun. */
  readonly at: (time: number | null) => SitePoint;
}

/** A site of a searched layer over the search. */
export function siteSeries(history: History, space: SearchSpace, site: Site): SiteSeries {
  const total = space.sites.reduce((sum, { candidates }) => sum + candidates.length, 0);
  const known = relaxedPoints(history).filter(({ snapshot }) => snapshot.relaxed?.probabilities.length === total);
  const extent = searchExtent(history);
  const { role, candidates } = site;
  const before = space.sites.slice(0, space.sites.indexOf(site));
  const offset = before.reduce((sum, other) => sum + other.candidates.length, 0);
  const point = (from: (typeof known)[number]): SitePoint => ({
    time: from.time,
    probabilities: Array.from(from.snapshot.relaxed?.probabilities.subarray(offset, offset + candidates.length) ?? []),
  });
  const initial = { time: extent?.start ?? 0, probabilities: candidates.map(() => 1 / candidates.length) };
  const at = (time: number | null): SitePoint => {
    const found = pointAt(known, time);
    return found ? point(found) : initial;
  };
  return { role, candidates, points: known.map(point), extent, at };
}

/** `sum_k p_k b_k` */
export const expectedBits = (candidates: readonly Candidate[], { probabilities }: SitePoint): number =>
  candidates.reduce((sum, { bits }, k) => sum + bits * (probabilities[k] ?? 0), 0);

/** What both charts draw. */
export function siteTable(series: readonly SiteSeries[]): ChartTable {
  return {
    columns: ["step", ...series.flatMap(({ role, candidates }) => candidates.map(({ bits }) => `${role} ${bits} bits`))],
    rows: (series[0]?.points ?? []).map(({ time }, i) => [
      time,
      ...series.flatMap(({ points }) => points[i]?.probabilities ?? []),
    ]),
  };
}
