/** A knob's slider: equal distances are equal ratios on a logarithmic one, equal differences on a linear one. */
import type { KnobSpec } from "../../core/config";
import { clamp } from "./validate";

type Scale = Pick<KnobSpec, "scale" | "min" | "max">;

/** One arrow key of a logarithmic knob: fourteen of them double the value, so that an arrow is 5.1 % and a Page key a factor of two. */
const FINE_RATIO = 2 ** (1 / 14);
const COARSE_RATIO = 2;
/** Arrow keys from one end of a linear knob to the other, and how many of them a Page key is. */
const ARROWS = 150;
const ARROWS_A_PAGE = 10;

/** Position 0..1 of a value. */
export function toPosition(value: number, { scale, min, max }: Scale): number {
  const inside = clamp(value, { min, max });
  return scale === "logarithmic" ? Math.log(inside / min) / Math.log(max / min) : (inside - min) / (max - min);
}

/** Value at a position 0..1, with three significant digits: what the field beside the slider can show. */
export function fromPosition(position: number, spec: Scale): number {
  const { scale, min, max } = spec;
  const share = clamp(position, { min: 0, max: 1 });
  return rounded(scale === "logarithmic" ? min * (max / min) ** share : min + share * (max - min), spec);
}

/** The value that a key gives, null for a key that does not move the slider. */
export function keyed(value: number, key: string, spec: Scale): number | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return moved(value, "fine", 1, spec);
    case "ArrowLeft":
    case "ArrowDown":
      return moved(value, "fine", -1, spec);
    case "PageUp":
      return moved(value, "coarse", 1, spec);
    case "PageDown":
      return moved(value, "coarse", -1, spec);
    case "Home":
      return spec.min;
    case "End":
      return spec.max;
    default:
      return null;
  }
}

/** Always another value unless it stands at a limit. */
function moved(value: number, step: "fine" | "coarse", direction: 1 | -1, spec: Scale): number {
  const { scale, min, max } = spec;
  if (scale === "logarithmic") return rounded(value * (step === "fine" ? FINE_RATIO : COARSE_RATIO) ** direction, spec);
  return rounded(value + direction * ((max - min) / ARROWS) * (step === "fine" ? 1 : ARROWS_A_PAGE), spec);
}

const rounded = (value: number, limits: Scale): number => clamp(Number(value.toPrecision(3)), limits);
