/** Drawing that goes to a canvas and to SVG alike: one drawing function serves the screen and the exported file. */
import type { Rgb } from "../oklab";

interface TextStyle {
  readonly fill: string;
  readonly align?: "left" | "center" | "right";
  readonly bold?: boolean;
}

/** A picture of single-coloured cells, row by row. */
interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** 0xRRGGBB: thousands of cells are drawn several times a second. */
  readonly colour: (column: number, row: number) => number;
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Painter {
  readonly rect: (area: Area, fill: string) => void;
  /** A line, one pixel wide. */
  readonly line: (x1: number, y1: number, x2: number, y2: number, stroke: string) => void;
  /** `y` is the middle of the text. */
  readonly text: (x: number, y: number, text: string, style: TextStyle) => void;
  readonly cells: (cells: Cells, area: Area) => void;
}

/** Text size of drawn charts, in pixels. */
const TEXT_SIZE = 12;

/** Paints on a canvas whose context is scaled to CSS pixels. */
export function canvasPainter(context: CanvasRenderingContext2D, fontFamily: string): Painter {
  return {
    rect({ x, y, width, height }, fill) {
      context.fillStyle = fill;
      context.fillRect(x, y, width, height);
    },
    line(x1, y1, x2, y2, stroke) {
      context.strokeStyle = stroke;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
      context.stroke();
    },
    text(x, y, text, { fill, align = "left", bold = false }) {
      context.font = `${bold ? 600 : 400} ${TEXT_SIZE}px ${fontFamily}`;
      context.textAlign = align;
      context.textBaseline = "middle";
      context.fillStyle = fill;
      context.fillText(text, x, y);
    },
    cells(cells, { x, y, width, height }) {
      const { columns, rows, colour } = cells;
      if (columns === 0 || rows === 0) return;
      const pixels = new ImageData(columns, rows);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++, at += 4) {
          const rgb = colour(column, row);
          pixels.data[at] = rgb >> 16;
          pixels.data[at + 1] = (rgb >> 8) & 255;
          pixels.data[at + 2] = rgb & 255;
          pixels.data[at + 3] = 255;
        }
      }
      const picture = new OffscreenCanvas(columns, rows);
      picture.getContext("2d")?.putImageData(pixels, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(picture, x, y, width, height);
    },
  };
}

/** Collects SVG elements. */
export function svgPainter(fontFamily: string): { readonly painter: Painter; readonly elements: () => string } {
  const parts: string[] = [];
  const anchors = { left: "start", center: "middle", right: "end" } as const;
  const rect = ({ x, y, width, height }: Area, fill: string): void => {
    parts.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"/>`);
  };
  const painter: Painter = {
    rect,
    line(x1, y1, x2, y2, stroke) {
      parts.push(`<path d="M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}" stroke="${stroke}"/>`);
    },
    text(x, y, text, { fill, align = "left", bold = false }) {
      const weight = bold ? ' font-weight="600"' : "";
      parts.push(
        `<text x="${n(x)}" y="${n(y)}" dy="0.35em" fill="${fill}" text-anchor="${anchors[align]}" font-family="${escapeXml(fontFamily)}" font-size="${TEXT_SIZE}"${weight}>${escapeXml(text)}</text>`,
      );
    },
    cells({ columns, rows, colour }, { x, y, width, height }) {
      const [cellWidth, cellHeight] = [width / columns, height / rows];
      // Smoothed edges would show seams between cells.
      parts.push('<g shape-rendering="crispEdges">');
      for (let row = 0; row < rows; row++) {
        // Neighbours of one colour become one rectangle; the next one lies over its end, so that rounding leaves no gap.
        for (let from = 0; from < columns;) {
          const rgb = colour(from, row);
          let to = from + 1;
          while (to < columns && colour(to, row) === rgb) to++;
          const area = {
            x: x + from * cellWidth,
            y: y + row * cellHeight,
            width: Math.min(columns - from, to - from + 0.5) * cellWidth,
            height: cellHeight,
          };
          rect(area, `#${rgb.toString(16).padStart(6, "0")}`);
          from = to;
        }
      }
      parts.push("</g>");
    },
  };
  return { painter, elements: () => parts.join("\n") };
}

/** Pixels between two lines of a hatching. */
const HATCH = 5;

/** Slanted lines over an area: what has 0 bits is not there. */
export function hatch(painter: Painter, { x, y, width, height }: Area, stroke: string): void {
  const [right, bottom] = [x + width, y + height];
  for (let from = x - height + HATCH; from < right; from += HATCH) {
    const [left, end] = [Math.max(x, from), Math.min(right, from + height)];
    painter.line(left, bottom - (left - from), end, bottom - (end - from), stroke);
  }
}

export const rgbText = ([red, green, blue]: Rgb): string => `rgb(${red},${green},${blue})`;

export const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Hundredths of a pixel are enough. */
const n = (value: number): string => String(Math.round(value * 100) / 100);
