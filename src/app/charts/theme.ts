/**
 * The one scale for bits. `--bit-1` .. `--bit-8` go from dark blue to light yellow; lightness gives the four
 * lowest widths two thirds of the way, because the choice between them matters most. The path between the ends is cividis's by way of
 * green, which tells the low widths apart in a projected picture and keeps the scale away from the neutral grey of float.
 */
import { FLOAT_BITS } from "../../core/cost";
import { mix, parseHex, toOklab, type Rgb } from "./oklab";

/** Widths that have a token of their own. */
const MAX_BITS = 8;
/** Colours for schemes: more schemes than these share them, and are told apart by their letters. */
const SCHEME_COLOURS = 8;

/** Of a scheme's colour where it does not lead at all: still to be recognised. */
const LEAST_STRENGTH = 0.25;

/** Above this OKLab lightness black text reads better than white, below it white (4.5:1 on the whole scale, tested). */
export const BLACK_TEXT_FROM = 0.558;

/** CSS colour of a bit-width, fractional ones between their neighbours; follows the theme by itself. */
export function bitColor(bits: number): string {
  if (bits >= FLOAT_BITS) return "var(--float)";
  const { low, high, share } = neighbours(bits);
  const [from, to] = [token(low), token(high)];
  return share === 0 ? from : `color-mix(in oklab, ${to} ${(share * 100).toFixed(1)}%, ${from})`;
}

/** CSS colour of text on a CSS colour: black or white, whichever reads. */
export const textColorOn = (colour: string): string => `oklch(from ${colour} clamp(0, (${BLACK_TEXT_FROM} - l) * 1000, 1) 0 0)`;

/** The same on `bitColor(bits)`. */
export const bitTextColor = (bits: number): string => textColorOn(bitColor(bits));

/** CSS colour of a scheme's own colour, fainter while it hardly leads; `lead` 0..1. */
export const leadColor = (colour: string, lead: number): string =>
  `color-mix(in oklab, ${colour} ${(100 * (LEAST_STRENGTH + (1 - LEAST_STRENGTH) * lead)).toFixed(0)}%, var(--surface-2))`;

/** CSS colour of the scheme at a place in the catalog. */
export const schemeColor = (place: number): string => `var(--scheme-${(place % SCHEME_COLOURS) + 1})`;

/** The same as numbers. */
export const schemeRgb = (palette: Palette, place: number): Rgb =>
  palette.schemes[place % SCHEME_COLOURS] ?? parseHex(palette.text2);

/** A scheme's colour, fainter while it hardly leads; `lead` 0..1. */
export const leadRgb = (palette: Palette, place: number, lead: number): Rgb =>
  mix(parseHex(palette.surface2), schemeRgb(palette, place), LEAST_STRENGTH + (1 - LEAST_STRENGTH) * lead);

/** The theme's colours as a canvas needs them. */
export interface Palette {
  readonly text: string;
  readonly text2: string;
  readonly surface: string;
  readonly surface2: string;
  readonly border: string;
  readonly accent: string;
  readonly float: string;
  /** Of 1..8 bits. */
  readonly bits: readonly Rgb[];
  /** Of schemes, in the order of the catalog. */
  readonly schemes: readonly Rgb[];
}

/** Reads the tokens that hold on `element`. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: value("--text"),
    text2: value("--text-2"),
    surface: value("--surface"),
    surface2: value("--surface-2"),
    border: value("--border"),
    accent: value("--accent"),
    float: value("--float"),
    bits: Array.from({ length: MAX_BITS }, (_, i) => parseHex(value(`--bit-${i + 1}`))),
    schemes: Array.from({ length: SCHEME_COLOURS }, (_, i) => parseHex(value(`--scheme-${i + 1}`))),
  };
}

/** The colour of `bitColor` as numbers. */
export function bitRgb(palette: Palette, bits: number): Rgb {
  if (bits >= FLOAT_BITS) return parseHex(palette.float);
  const { low, high, share } = neighbours(bits);
  const at = (width: number): Rgb => palette.bits[width - 1] ?? parseHex(palette.surface2);
  return share === 0 ? at(low) : mix(at(low), at(high), share);
}

/** Black or white, whichever reads on a colour of the scale. */
export const textOn = (rgb: Rgb): string => (toOklab(rgb)[0] > BLACK_TEXT_FROM ? "#000000" : "#ffffff");

/** Steps of the colour table per bit: finer ones give the same 8-bit colours. */
const TABLE_STEPS = 32;

/** A palette lasts as long as a theme; its table serves every drawing. */
const tables = new WeakMap<Palette, Uint32Array>();

/** `bitRgb` as 0xRRGGBB from a table for thousands of cells: one function call and no mixing a cell. */
export function bitTable(palette: Palette): (bits: number) => number {
  const table = tables.get(palette) ?? colourTable(palette);
  tables.set(palette, table);
  const last = table[table.length - 1] ?? 0;
  const float = packed(parseHex(palette.float));
  return (bits) => (bits >= FLOAT_BITS ? float : (table[Math.round(bits * TABLE_STEPS)] ?? last));
}

const colourTable = (palette: Palette): Uint32Array =>
  Uint32Array.from({ length: MAX_BITS * TABLE_STEPS + 1 }, (_, i) => packed(bitRgb(palette, i / TABLE_STEPS)));

export const packed = ([red, green, blue]: Rgb): number => (red << 16) | (green << 8) | blue;

/** 0 bits is no colour of the scale but a removed tensor: the background, which its users hatch. */
const token = (bits: number): string => (bits === 0 ? "var(--surface-2)" : `var(--bit-${bits})`);

function neighbours(bits: number): { readonly low: number; readonly high: number; readonly share: number } {
  const inside = Math.min(MAX_BITS, Math.max(0, bits));
  const low = Math.floor(inside);
  return { low, high: Math.min(MAX_BITS, low + 1), share: inside - low };
}
