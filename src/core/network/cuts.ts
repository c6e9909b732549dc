/** Where a network that is laid out in one line can be cut into rows: where a single tensor goes on. */
import type { NetworkLayout, PlacedBox } from "./layout";

/** A gap between two columns of boxes. */
export interface Cut {
  /** Right edge of what comes before it. */
  readonly end: number;
  /** Left edge of what comes after it. */
  readonly next: number;
}

/** All of them, from left to right. */
export function cutsOf({ boxes, lines }: NetworkLayout): readonly Cut[] {
  const byId = new Map(boxes.map((place) => [place.box.id, place]));
  const [leaving, arriving] = [new Map<PlacedBox, number>(), new Map<PlacedBox, PlacedBox[]>()];
  for (const line of lines) {
    const [from, to] = [byId.get(line.from), byId.get(line.to)];
    // Lines from weights down to their own layer go nowhere.
    if (!from || !to || rightOf(from) > to.x) continue;
    leaving.set(from, (leaving.get(from) ?? 0) + 1);
    arriving.set(to, [...(arriving.get(to) ?? []), from]);
  }
  const edges = boxes.flatMap((place) => [
    { x: place.x, place, isLeft: true },
    { x: rightOf(place), place, isLeft: false },
  ]);
  edges.sort((a, b) => a.x - b.x);
  /** Boxes whose lines are on their way, with the number of those. */
  const under = new Map<PlacedBox, number>();
  const add = (place: PlacedBox, count: number): void => {
    const rest = (under.get(place) ?? 0) + count;
    if (rest > 0) under.set(place, rest);
    else under.delete(place);
  };
  let inside = 0;
  return edges.flatMap(({ x, place, isLeft }, i): readonly Cut[] => {
    inside += isLeft ? 1 : -1;
    if (isLeft) for (const from of arriving.get(place) ?? []) add(from, -1);
    else add(place, leaving.get(place) ?? 0);
    const next = edges[i + 1];
    return !isLeft && inside === 0 && under.size === 1 && next && next.x > x ? [{ end: x, next: next.x }] : [];
  });
}

const rightOf = ({ x, width }: PlacedBox): number => x + width;
