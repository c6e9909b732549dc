/** Lines between boxes as the `d` of SVG paths. */
import type { PlacedBox, Point } from "./layout";

/** Radius of the corners of a line that goes on in the next row. */
const CORNER = 8;

/** Where a line leaves a box and where it enters the next one: at the right and at the left, with weights from above. */
export function endsOf(from: PlacedBox, to: PlacedBox): readonly [Point, Point] {
  if (isFromAbove(from, to)) {
    const x = from.x + from.width / 2;
    // Straight down into its own layer, and to the middle of another one that uses the weight.
    const isOwn = x >= to.x && x <= to.x + to.width;
    return [
      { x, y: from.y + from.height },
      { x: isOwn ? x : to.x + to.width / 2, y: to.y },
    ];
  }
  return [
    { x: from.x + from.width, y: from.y + from.height / 2 },
    { x: to.x, y: to.y + to.height / 2 },
  ];
}

const isFromAbove = ({ box }: PlacedBox, to: PlacedBox): boolean =>
  to.box.kind === "operation" && (box.kind === "weight" || (box.kind === "quantizer" && box.beside !== null));

/** Through points from left to right, level at each. */
export const flowPath = ([first, ...rest]: readonly [Point, ...Point[]]): string =>
  `M${at(first)}${rest.map((point, i) => curve(rest[i - 1] ?? first, point)).join("")}`;

/** Down from the end of a row and back to the beginning of the next one, then on through some points. */
export function wrappedPath(
  start: Point,
  { between, left }: { readonly between: number; readonly left: number },
  rest: readonly Point[],
): string {
  const [next] = rest;
  if (!next) return "";
  const corners = [
    { x: start.x + CORNER, y: start.y },
    { x: start.x + CORNER, y: between },
    { x: left, y: between },
    { x: left, y: next.y },
  ];
  const begin = { x: left + CORNER, y: next.y };
  const turns = corners.map((corner, i) => {
    const [before, after] = [corners[i - 1] ?? start, corners[i + 1] ?? begin];
    return `L${at(towards(corner, before))}Q${at(corner)} ${at(towards(corner, after))}`;
  });
  return `M${at(start)}${turns.join("")}${rest.map((point, i) => curve(rest[i - 1] ?? begin, point)).join("")}`;
}

/** The point a corner's radius away from it, in the direction of another one. */
function towards(corner: Point, other: Point): Point {
  const distance = Math.max(1e-6, Math.hypot(other.x - corner.x, other.y - corner.y));
  const share = Math.min(CORNER, distance / 2) / distance;
  return { x: corner.x + share * (other.x - corner.x), y: corner.y + share * (other.y - corner.y) };
}

function curve(from: Point, to: Point): string {
  if (from.y === to.y || from.x === to.x) return `L${at(to)}`;
  const middle = (from.x + to.x) / 2;
  return `C${at({ x: middle, y: from.y })} ${at({ x: middle, y: to.y })} ${at(to)}`;
}

/** Tenths of a pixel are enough. */
const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
