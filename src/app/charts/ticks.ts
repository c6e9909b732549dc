/** Where axes get their ticks. */

/** Round numbers inside [min, max], at most `most` of them: steps of 1, 2 or 5 times a power of ten. */
export function linearTicks(min: number, max: number, most: number): readonly number[] {
  const span = max - min;
  if (!(span > 0) || most < 1) return [];
  const step = roundStep(span / most);
  const first = Math.ceil(min / step - EDGE);
  const last = Math.floor(max / step + EDGE);
  // Multiplying whole numbers keeps 0.3 from printing as 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Round numbers around [min, max], the first and the last of which hold it: the ticks of an axis that need not start at 0. */
export function rangeTicks(min: number, max: number, most: number): readonly number[] {
  if (!Number.isFinite(max - min)) return [0, 1];
  // A line that stands still gets an axis around it.
  const air = max > min ? 0 : Math.max(Math.abs(max) * 0.05, EDGE);
  const step = roundStep((max - min + 2 * air) / most);
  const [first, last] = [Math.floor((min - air) / step + EDGE), Math.ceil((max + air) / step - EDGE)];
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The end of an axis that starts at 0 and holds `max`: a round number, so that a growing line moves the axis rarely. */
export function axisEnd(max: number, most: number): number {
  if (!(max > 0)) return 1;
  const step = roundStep(max / most);
  return Number((Math.ceil(max / step - EDGE) * step).toPrecision(12));
}

/** Powers of ten, and their doubles and fives while few, inside [min, max]. */
export function logTicks(min: number, max: number, most: number): readonly number[] {
  if (!(min > 0) || !(max > min)) return [];
  for (const mantissas of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
      for (const mantissa of mantissas) {
        const tick = Number((mantissa * 10 ** power).toPrecision(12));
        if (tick >= min && tick <= max) ticks.push(tick);
      }
    }
    if (ticks.length <= most) return ticks;
  }
  return [];
}

/** Ticks with a label each, the labels at least `gap` apart: what comes last wins, since it is what holds now. */
export function spacedLabels<T>(ticks: readonly T[], position: (tick: T) => number, gap: number): readonly T[] {
  const kept: T[] = [];
  let next = Infinity;
  for (const tick of ticks.toReversed()) {
    const at = position(tick);
    if (next - at < gap) continue;
    kept.push(tick);
    next = at;
  }
  return kept.reverse();
}

/** Rounding in a division must not lose the tick at an end of the axis. */
const EDGE = 1e-9;

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const mantissa = rough / power;
  const round = mantissa <= 1 + EDGE ? 1 : mantissa <= 2 + EDGE ? 2 : mantissa <= 5 + EDGE ? 5 : 10;
  return round * power;
}
