/** A network as it is drawn: its one line cut into rows, so that as much of it as possible can be read in the room there is. */
import { cutsOf, type Cut } from "./cuts";
import { endsOf, flowPath, wrappedPath } from "./line-path";
import type { NetworkLayout, PlacedBox, PlacedLine, Point } from "./layout";
import type { Size } from "./sizes";

export interface DrawnLine {
  readonly id: string;
  /** As the `d` of an SVG path. */
  readonly path: string;
}

/** In pixels, from 0 on. */
export interface NetworkDrawing extends Size {
  readonly boxes: readonly PlacedBox[];
  readonly lines: readonly DrawnLine[];
}

/** More rows than these would be too small to read in any window. */
const MOST_ROWS = 24;
/** Pixels between rows, and before all rows but the first: lines come back there. */
const [ROW_GAP, LEAD] = [32, 20];

/** Draws a layout for a place of this size. */
export function drawNetwork(layout: NetworkLayout, size: Size): NetworkDrawing {
  const cuts = cutsOf(layout);
  const tries = Array.from({ length: MOST_ROWS }, (_, i) => rowsOf(layout, cuts, layout.width / (i + 1)));
  const zooms = tries.map((rows) => fittingZoom(sizeOfRows(rows), size));
  const rows = tries[zooms.indexOf(Math.max(...zooms))] ?? [];
  const byId = new Map(layout.boxes.map((place) => [place.box.id, place]));
  return {
    ...sizeOfRows(rows),
    boxes: layout.boxes.map((place) => ({ ...place, ...moved(place, rowAt(rows, place.x)) })),
    lines: layout.lines.flatMap((line) => {
      const [from, to] = [byId.get(line.from), byId.get(line.to)];
      return from && to ? [{ id: line.id, path: pathOf(line, { from, to, rows }) }] : [];
    }),
  };
}

/** The zoom at which something is just seen whole; not larger than it is. */
export const fittingZoom = (drawn: Size, room: Size): number => Math.min(room.width / drawn.width, room.height / drawn.height, 1);

interface Row {
  /** Part of the layout, from left to right and from top to bottom. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** What its points move by. */
  readonly move: Point;
}

/** Cuts wherever a row would become wider than `width`, as far as it can be cut. */
function rowsOf(layout: NetworkLayout, cuts: readonly Cut[], width: number): readonly Row[] {
  const starts = [0];
  const ends: number[] = [];
  cuts.forEach(({ end, next }, i) => {
    const nextEnd = cuts[i + 1]?.end ?? layout.width;
    if (nextEnd - (starts.at(-1) ?? 0) <= width) return;
    ends.push(end);
    starts.push(next);
  });
  ends.push(layout.width);
  const rows: Row[] = [];
  starts.forEach((left, i) => {
    const right = ends[i] ?? layout.width;
    const isIn = ({ x }: Point): boolean => x >= left && x <= right;
    const boxes = layout.boxes.filter(isIn);
    const bends = layout.lines.flatMap((line) => line.bends.filter(isIn));
    const top = Math.min(...boxes.map(({ y }) => y), ...bends.map(({ y }) => y));
    const bottom = Math.max(...boxes.map(({ y, height }) => y + height), ...bends.map(({ y }) => y));
    const above = rows.at(-1);
    const y = above ? above.bottom + above.move.y + ROW_GAP : 0;
    rows.push({ left, right, top, bottom, move: { x: (i === 0 ? 0 : LEAD) - left, y: y - top } });
  });
  return rows;
}

function sizeOfRows(rows: readonly Row[]): Size {
  const last = rows.at(-1);
  return {
    width: Math.max(1, ...rows.map(({ right, move }) => right + move.x)),
    height: last ? last.bottom + last.move.y : 1,
  };
}

/** The row that a place of the layout is in. */
const rowAt = (rows: readonly Row[], x: number): Row | undefined => rows.findLast(({ left }) => x >= left) ?? rows[0];

const moved = ({ x, y }: Point, row: Row | undefined): Point => ({ x: x + (row?.move.x ?? 0), y: y + (row?.move.y ?? 0) });

interface Drawn {
  readonly from: PlacedBox;
  readonly to: PlacedBox;
  readonly rows: readonly Row[];
}

function pathOf({ bends }: PlacedLine, { from, to, rows }: Drawn): string {
  const [start, end] = endsOf(from, to);
  const [first, last] = [rowAt(rows, from.x), rowAt(rows, to.x)];
  const way = bends.filter(({ x }) => x > start.x && x < end.x);
  if (first === last || !last)
    return flowPath([moved(start, first), ...way.map((bend) => moved(bend, first)), moved(end, first)]);
  const rest = [...way.filter(({ x }) => x >= last.left), end].map((point) => moved(point, last));
  return wrappedPath(moved(start, first), { between: last.top + last.move.y - ROW_GAP / 2, left: 0 }, rest);
}
