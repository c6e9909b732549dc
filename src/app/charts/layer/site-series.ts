/** One tensor of the chosen layer over the search. */
import type { History } from "../../../core/history";
import { competingSchemes, type Candidate, type Role, type SearchSpace, type Site } from "../../../core/search";
import type { ChartTable } from "../frame/chart-table";
import { pointAt, relaxedPoints, searchExtent, type Extent } from "../time-axis";

export interface SitePoint {
  readonly time: number;
  /** One for each candidate; for real-valued widths how much of each they are made of, kernels averaged. */
  readonly probabilities: readonly number[];
  /** Expected width, kernels averaged. */
  readonly bits: number;
}

export interface SiteSeries {
  readonly role: Role;
  readonly candidates: readonly Candidate[];
  readonly points: readonly SitePoint[];
  readonly extent: Extent | null;
  /** The point at a time (null: now); null before a search has begun. */
  readonly at: (time: number | null) => SitePoint | null;
}

/** A site of a searched layer over the search. */
export function siteSeries(history: History, space: SearchSpace, site: Site): SiteSeries {
  const { role, candidates } = site;
  const total = space.sites.reduce((sum, other) => sum + other.candidates.length, 0);
  const known = relaxedPoints(history).filter(({ snapshot }) => snapshot.relaxed?.probabilities.length === total);
  const index = space.sites.indexOf(site);
  const offset = space.sites.slice(0, index).reduce((sum, other) => sum + other.candidates.length, 0);
  const point = ({ time, snapshot: { relaxed } }: (typeof known)[number]): SitePoint => ({
    time,
    probabilities: Array.from(relaxed?.probabilities.subarray(offset, offset + candidates.length) ?? []),
    bits: relaxed?.bits[index] ?? NaN,
  });
  const at = (time: number | null): SitePoint | null => {
    const found = pointAt(known, time);
    return found && point(found);
  };
  return { role, candidates, points: known.map(point), extent: searchExtent(history), at };
}

/** What the charts of both sites draw. */
export function siteTable(series: readonly SiteSeries[]): ChartTable {
  return {
    columns: [
      "step",
      ...series.flatMap(({ role, candidates }) => [
        `${role} bits`,
        ...candidates.map(({ bits, scheme }) => (competingSchemes(candidates) ? `${role} ${scheme}` : `${role} ${bits} bits`)),
      ]),
    ],
    rows: (series[0]?.points ?? []).map(({ time }, i) => [
      time,
      ...series.flatMap(({ points }) => [points[i]?.bits ?? null, ...(points[i]?.probabilities ?? [])]),
    ]),
  };
}
