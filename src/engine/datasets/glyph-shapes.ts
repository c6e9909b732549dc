/** The ten signs of the built-in data set, as strokes in a unit square (x to the right, y down). */

interface GlyphShape {
  readonly name: string;
  /** Each stroke is a polyline: x0, y0, x1, y1, ... */
  readonly strokes: readonly Float32Array[];
}

/** Pieces that a straight stroke is made of: enough for a warp to bend it. */
const LINE_PIECES = 4;

/** Length of an arc's pieces, as an angle: no corner shows at twenty pixels. */
const ARC_PIECE = Math.PI / 8;

/**
 * Five pairs that differ in one detail only (a gap, a second hook, where a bar sits, corners or curves), so that blurred features
 * confuse the two.
 */
export const GLYPH_SHAPES: readonly GlyphShape[] = [
  { name: "ring", strokes: [arc(0.5, 0.5, 0.4, 0, 360)] },
  { name: "horseshoe", strokes: [arc(0.5, 0.5, 0.4, 125, 415)] },
  { name: "hook", strokes: [line(0.6, 0.05, 0.6, 0.68), arc(0.37, 0.68, 0.23, 0, 180)] },
  { name: "anchor", strokes: [line(0.5, 0.05, 0.5, 0.9), arc(0.5, 0.53, 0.37, 10, 170)] },
  { name: "fork", strokes: [line(0.5, 0.95, 0.5, 0.5), line(0.5, 0.5, 0.12, 0.08), line(0.5, 0.5, 0.88, 0.08)] },
  { name: "arrow", strokes: [line(0.5, 0.95, 0.5, 0.05), line(0.5, 0.05, 0.15, 0.42), line(0.5, 0.05, 0.85, 0.42)] },
  { name: "tee", strokes: [line(0.5, 0.08, 0.5, 0.95), line(0.1, 0.08, 0.9, 0.08)] },
  { name: "dagger", strokes: [line(0.5, 0.05, 0.5, 0.95), line(0.1, 0.36, 0.9, 0.36)] },
  { name: "zigzag", strokes: [line(0.15, 0.1, 0.85, 0.1), line(0.85, 0.1, 0.15, 0.9), line(0.15, 0.9, 0.85, 0.9)] },
  { name: "wave", strokes: [arc(0.5, 0.29, 0.23, 0, -270), arc(0.5, 0.75, 0.23, -90, 180)] },
];

function line(fromX: number, fromY: number, toX: number, toY: number): Float32Array {
  return polyline(LINE_PIECES, (t) => [fromX + t * (toX - fromX), fromY + t * (toY - fromY)]);
}

/** Angles in degrees, clockwise from the right. */
function arc(centerX: number, centerY: number, radius: number, fromDegrees: number, toDegrees: number): Float32Array {
  const from = (fromDegrees * Math.PI) / 180;
  const sweep = ((toDegrees - fromDegrees) * Math.PI) / 180;
  return polyline(Math.ceil(Math.abs(sweep) / ARC_PIECE), (t) => [
    centerX + radius * Math.cos(from + t * sweep),
    centerY + radius * Math.sin(from + t * sweep),
  ]);
}

function polyline(pieces: number, at: (t: number) => readonly [x: number, y: number]): Float32Array {
  return Float32Array.from(Array.from({ length: pieces + 1 }, (_, i) => at(i / pieces)).flat());
}
