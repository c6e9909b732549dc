/** Bounded series: they thin themselves as they grow, so that a long run costs no more memory or drawing than a short one. */

/** Appends in place. At `limit` every second element is dropped; the first one and the newest stay. */
export function appendThinned<T>(series: T[], value: T, limit: number): void {
  series.push(value);
  if (series.length <= limit) return;
  const newest = series.length - 1;
  const kept = series.filter((_, i) => i % 2 === 0 || i === newest);
  series.splice(0, series.length, ...kept);
}
