/** Resizing without a canvas, so that the page and Node make the same bytes of the same pixels. */
import type { Resizing } from "../../../core/config";
import type { Pixels } from "../reader";

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A side's part: from where, and how long, in pixels, maybe fractions of them. */
interface Span {
  readonly from: number;
  readonly length: number;
}

/**
 * Draws `pixels` into `target`, [height, width, 3] of `size` and black before. Transparent pixels lie on black. The filter is a triangle
 * as wide as a pixel of the smaller of both pictures: linear interpolation enlarges, weighted areas reduce.
 */
export function drawResized(pixels: Pixels, size: Size, fit: Resizing["fit"], target: Uint8Array): void {
  const scale = scaleOf(pixels, size, fit);
  const [rowsFrom, rowsTo] = spans(pixels.height, size.height, scale.vertical);
  const [columnsFrom, columnsTo] = spans(pixels.width, size.width, scale.horizontal);
  const columns = weights(pixels.width, columnsFrom, columnsTo.length);
  const rows = weights(pixels.height, rowsFrom, rowsTo.length);
  const narrow = resizeRows(pixels, columns, rows);
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y] as Weights;
    for (let x = 0; x < columns.length; x++) {
      const to = ((y + rowsTo.from) * size.width + x + columnsTo.from) * 3;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let i = 0; i < row.values.length; i++) {
          sum += (row.values[i] as number) * (narrow[((row.first + i) * columns.length + x) * 3 + c] as number);
        }
        target[to + c] = Math.min(255, Math.max(0, Math.round(sum)));
      }
    }
  }
}

interface Scale {
  readonly vertical: number;
  readonly horizontal: number;
}

/** Pixels of the target for one of the source; one number for both sides keeps the proportions. */
function scaleOf(pixels: Pixels, size: Size, fit: Resizing["fit"]): Scale {
  const [vertical, horizontal] = [size.height / pixels.height, size.width / pixels.width];
  switch (fit) {
    case "stretch":
      return { vertical, horizontal };
    case "crop": {
      const scale = Math.max(vertical, horizontal);
      return { vertical: scale, horizontal: scale };
    }
    case "pad": {
      const scale = Math.min(vertical, horizontal);
      return { vertical: scale, horizontal: scale };
    }
  }
}

/** What of the source goes where in the target, both from their middle. Target pixels are whole. */
function spans(source: number, target: number, scale: number): readonly [from: Span, to: Span] {
  const drawn = Math.max(1, Math.min(target, Math.round(source * scale)));
  const used = Math.min(source, drawn / scale);
  return [
    { from: (source - used) / 2, length: used },
    { from: Math.floor((target - drawn) / 2), length: drawn },
  ];
}

/** What a target pixel takes of the source pixels from `first` on. */
interface Weights {
  readonly first: number;
  readonly values: Float64Array;
}

function weights(source: number, { from, length }: Span, count: number): readonly Weights[] {
  const scale = length / count;
  const reach = Math.max(1, scale);
  return Array.from({ length: count }, (_, i) => {
    const centre = from + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach));
    const end = Math.min(source, Math.ceil(centre + reach));
    const values = Float64Array.from({ length: Math.max(1, end - first) }, (_, j) =>
      Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / reach),
    );
    const sum = values.reduce((a, b) => a + b, 0);
    return { first, values: sum > 0 ? values.map((value) => value / sum) : values.fill(1 / values.length) };
  });
}

/** All source rows that count in the target's width, on black: [height, columns, 3]. */
function resizeRows({ height, width, rgba }: Pixels, columns: readonly Weights[], rows: readonly Weights[]): Float32Array {
  const narrow = new Float32Array(height * columns.length * 3);
  const firstRow = Math.min(...rows.map(({ first }) => first));
  const lastRow = Math.max(...rows.map(({ first, values }) => first + values.length));
  for (let y = firstRow; y < lastRow; y++) {
    columns.forEach(({ first, values }, x) => {
      let [red, green, blue] = [0, 0, 0];
      for (let i = 0; i < values.length; i++) {
        const at = (y * width + first + i) * 4;
        const weight = ((values[i] as number) * (rgba[at + 3] as number)) / 255;
        red += weight * (rgba[at] as number);
        green += weight * (rgba[at + 1] as number);
        blue += weight * (rgba[at + 2] as number);
      }
      const to = (y * columns.length + x) * 3;
      narrow[to] = red;
      narrow[to + 1] = green;
      narrow[to + 2] = blue;
    });
  }
  return narrow;
}
