/** Where things stand in the loom, in CSS pixels. */
import type { Size } from "../frame/use-size";

export interface LoomLayout {
  readonly plot: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly rowHeight: number;
  /** Between two rows. */
  readonly gap: number;
  /** Every n-th row has its name and its numbers. */
  readonly every: number;
  /** Characters of a name that fit. */
  readonly nameLength: number;
  /** Left ends of the columns at the right. */
  readonly decidedX: number;
  readonly weightX: number;
  readonly activationX: number;
  readonly barX: number;
  /** Width of a bar of 100 %; 0 if there is no room. */
  readonly barWidth: number;
}

const HEADER = 18;
const TIME_AXIS = 36;
/** Rows of small networks stay rows: taller ones would be a flag. */
const MAX_ROW = 60;
/** A row of this height takes a line of text. */
const TEXT_ROW = 15;
/** Room for a letter of 12 px. */
const LETTER = 6.7;
/** "w" and "a" between the names and the rows. */
const HALVES = 14;
const DECIDED = 38;
const NUMBER = 36;
const BAR = 100;
const SPACE = 8;
/** With less than this for the time axis the bars give way. */
const MIN_PLOT = 260;

/** Fits `names` rows into the size. */
export function loomLayout({ width, height }: Size, names: readonly string[]): LoomLayout {
  const longest = Math.max(0, ...names.map((name) => name.length));
  const nameLength = Math.max(6, Math.min(longest, Math.floor((width * 0.2) / LETTER)));
  const left = Math.round(nameLength * LETTER) + SPACE + HALVES;
  const numbers = SPACE + DECIDED + 2 * NUMBER;
  const barWidth = width - left - numbers - BAR >= MIN_PLOT ? BAR : 0;
  const plotWidth = Math.max(0, width - left - numbers - (barWidth > 0 ? SPACE + barWidth : 0));
  const available = Math.max(0, height - HEADER - TIME_AXIS);
  const rowHeight = names.length === 0 ? 0 : Math.min(MAX_ROW, available / names.length);
  // Whole pixels keep the rows sharp, as long as that loses little of the height.
  const sharp = rowHeight > 6 ? Math.floor(rowHeight) : rowHeight;
  const right = left + plotWidth;
  return {
    plot: { left, top: HEADER, width: plotWidth, height: sharp * names.length },
    rowHeight: sharp,
    gap: sharp >= 14 ? 2 : sharp >= 5 ? 1 : 0,
    every: sharp > 0 ? Math.max(1, Math.ceil(TEXT_ROW / sharp)) : 1,
    nameLength,
    decidedX: right + 4,
    weightX: right + SPACE + DECIDED,
    activationX: right + SPACE + DECIDED + NUMBER,
    barX: right + numbers + SPACE,
    barWidth,
  };
}

/** Row under a height in the plot, null outside. */
export function rowAt({ plot, rowHeight }: LoomLayout, y: number, rows: number): number | null {
  const row = Math.floor((y - plot.top) / rowHeight);
  return row >= 0 && row < rows ? row : null;
}

/** A name shortened in its middle: both its stage and its layer tell it apart. */
export function shortened(name: string, length: number): string {
  if (name.length <= length) return name;
  const end = Math.ceil((length - 1) / 2);
  return `${name.slice(0, length - 1 - end)}\u2026${name.slice(name.length - end)}`;
}
