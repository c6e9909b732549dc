/** Lines between boxes as SVG paths. */
import type { PlacedBox } from "./layout";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** From a box to another one by way of some points. Lines leave at the right and enter at the left; weights come in from above. */
export function linePath(from: PlacedBox, to: PlacedBox, between: readonly Point[]): string {
  if (from.box.kind !== "operation" && to.box.kind === "operation" && from.box.beside !== null) {
    // Straight down into its own layer, in a bow to another one that uses the weight.
    const start = { x: from.x + from.width / 2, y: from.y + from.height };
    const end = from.box.beside === to.box.id ? { x: start.x, y: to.y } : { x: to.x + to.width / 2, y: to.y };
    return from.box.beside === to.box.id ? `M${at(start)}L${at(end)}` : `M${at(start)}${curve(start, end)}`;
  }
  const start = { x: from.x + from.width, y: from.y + from.height / 2 };
  const end = { x: to.x, y: to.y + to.height / 2 };
  const points = [...between.filter(({ x }) => x > start.x && x < end.x), end];
  return `M${at(start)}${points.map((point, i) => curve(points[i - 1] ?? start, point)).join("")}`;
}

/** Level at both ends. */
function curve(from: Point, to: Point): string {
  if (from.y === to.y) return `L${at(to)}`;
  const middle = (from.x + to.x) / 2;
  return `C${at({ x: middle, y: from.y })} ${at({ x: middle, y: to.y })} ${at(to)}`;
}

/** Tenths of a pixel are enough. */
const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
