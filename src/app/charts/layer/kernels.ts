/** The widths of a tensor's kernels: the policy's once there is one, else those of the newest snapshot. */
import type { History } from "../../../core/history";
import type { SearchSpace, Site } from "../../../core/search";

export interface Kernels {
  readonly of: "policy" | "search";
  /** Widths in the order of the channels; 0 is pruned. */
  readonly bits: readonly number[];
}

/** Null for a tensor with one width. */
export function kernelsNow(history: History, space: SearchSpace, site: Site): Kernels | null {
  const decided = history.policy?.layers.find(({ name }) => name === site.layer.name)?.[site.role].bits;
  if (decided !== undefined && typeof decided !== "number") return { of: "policy", bits: decided };
  if (site.kernels === 1) return null;
  const all = history.points.findLast(({ snapshot }) => snapshot.relaxed)?.snapshot.relaxed?.kernels;
  const total = space.sites.reduce((sum, { kernels }) => sum + kernels, 0);
  // A run of another space may still be shown while the answer about this one is on its way.
  if (all?.length !== total) return { of: "search", bits: [] };
  const from = space.sites.slice(0, space.sites.indexOf(site)).reduce((sum, { kernels }) => sum + kernels, 0);
  return { of: "search", bits: Array.from(all.subarray(from, from + site.kernels)) };
}

/** How many kernels stand at each width of `widths`, real ones at the whole width nearest to them. */
export function countKernels(bits: readonly number[], widths: readonly number[]): readonly number[] {
  const counts = new Map(widths.map((width) => [width, 0]));
  for (const width of bits) {
    const whole = Math.round(width);
    counts.set(whole, (counts.get(whole) ?? 0) + 1);
  }
  return widths.map((width) => counts.get(width) ?? 0);
}
