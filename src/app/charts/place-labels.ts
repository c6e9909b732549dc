/** Labels beside points that neither overlap one another nor cover a point. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Distance between a point and its label, in pixels. */
const GAP = 7;

/**
 * Greedy: each label takes the first free place around its point, then farther ones; null where none is free (the value can still be
 * read by pointing). Earlier anchors are more important.
 */
export function placeLabels(anchors: readonly Anchor[], area: Box): readonly (Box | null)[] {
  const points = anchors.map(({ x, y }) => ({ left: x - GAP / 2, top: y - GAP / 2, width: GAP, height: GAP }));
  const taken: Box[] = [];
  return anchors.map((anchor, own) => {
    const others = points.filter((_, i) => i !== own);
    const free = places(anchor).find(
      (box) => inside(box, area) && !taken.some((other) => overlap(box, other)) && !others.some((other) => overlap(box, other)),
    );
    if (!free) return null;
    taken.push(free);
    return free;
  });
}

/** Right, left, above, below, then the corners, near and far. */
function places({ x, y, width, height }: Anchor): readonly Box[] {
  return [1, 2, 3].flatMap((ring) => {
    const gap = GAP * ring;
    const [right, left, middle] = [x + gap, x - gap - width, x - width / 2];
    const [above, below, level] = [y - gap - height, y + gap, y - height / 2];
    const spots: readonly (readonly [number, number])[] = [
      [right, level],
      [left, level],
      [middle, above],
      [middle, below],
      [right, above + height / 2],
      [right, below - height / 2],
      [left, above + height / 2],
      [left, below - height / 2],
    ];
    return spots.map(([at, top]) => ({ left: at, top, width, height }));
  });
}

export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

const inside = (box: Box, area: Box): boolean =>
  box.left >= area.left &&
  box.top >= area.top &&
  box.left + box.width <= area.left + area.width &&
  box.top + box.height <= area.top + area.height;
