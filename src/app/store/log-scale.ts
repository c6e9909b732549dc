/** A slider whose equal distances are equal ratios. */
import { clamp, type Limits } from "./validate";

/** One arrow key: fourteen of them double the value, so that an arrow is 5.1 % and a Page key lands on the same grid. */
const FINE_RATIO = 2 ** (1 / 14);
/** One Page key. */
const COARSE_RATIO = 2;

/** Position 0..1 of a value. */
export function toPosition(value: number, { min, max }: Limits): number {
  return Math.log(clamp(value, { min, max }) / min) / Math.log(max / min);
}

/** Value at a position 0..1, with three significant digits: what the field beside the slider can show. */
export function fromPosition(position: number, { min, max }: Limits): number {
  return rounded(min * (max / min) ** clamp(position, { min: 0, max: 1 }), { min, max });
}

/** The value times a ratio, inside the limits; always another value unless it stands at a limit. */
function scaled(value: number, ratio: number, limits: Limits): number {
  return rounded(value * ratio, limits);
}

/** The value that a key gives, null for a key that does not move the slider. */
export function keyed(value: number, key: string, limits: Limits): number | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return scaled(value, FINE_RATIO, limits);
    case "ArrowLeft":
    case "ArrowDown":
      return scaled(value, 1 / FINE_RATIO, limits);
    case "PageUp":
      return scaled(value, COARSE_RATIO, limits);
    case "PageDown":
      return scaled(value, 1 / COARSE_RATIO, limits);
    case "Home":
      return limits.min;
    case "End":
      return limits.max;
    default:
      return null;
  }
}

const rounded = (value: number, limits: Limits): number => clamp(Number(value.toPrecision(3)), limits);
