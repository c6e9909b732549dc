/** Bounded series: they thin themselves as they grow, so that a long run costs no more memory or drawing than a short one. */

/**
 * Appends in place. When more than `limit` elements stand at `from` and after, the one of them whose neighbours are closest goes, so that the points stay spread evenly over
 * `position`, which must not decrease; the first one and the newest stay. (Dropping every second one at the limit would not do: the
 * past would be halved again and again, until a long run showed nothing but its end.)
 */
export function appendThinned<T>(series: T[], value: T, limit: number, position: (value: T) => number, from = 0): void {
  series.push(value);
  if (series.length - from <= Math.max(limit, 2)) return;
  let [leastGap, dropped] = [Infinity, from + 1];
  for (let i = from + 1; i < series.length - 1; i++) {
    const gap = position(series[i + 1] as T) - position(series[i - 1] as T);
    if (gap < leastGap) [leastGap, dropped] = [gap, i];
  }
  series.splice(dropped, 1);
}
