/** Colours as numbers: sRGB, OKLab (Ottosson 2020) for mixing, WCAG luminance for contrast. */

/** sRGB components 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];
/** Lightness 0..1, green-red, blue-yellow. */
export type Oklab = readonly [lightness: number, a: number, b: number];

/** Reads "#rrggbb" or, as a minifier writes it, "#rgb"; throws a RangeError for anything else. */
export function parseHex(text: string): Rgb {
  const long = text.trim().replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
  const match = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(long);
  if (!match) throw new RangeError(`"${text}" is not a colour like #1a2b3c.`);
  const [red, green, blue] = match.slice(1).map((part) => parseInt(part, 16));
  return [red ?? 0, green ?? 0, blue ?? 0];
}

export function toOklab(rgb: Rgb): Oklab {
  const [r, g, b] = rgb.map((value) => linear(value / 255)) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function fromOklab([lightness, a, b]: Oklab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** What CSS `color-mix(in oklab, from, to share)` gives. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const [start, end] = [toOklab(from), toOklab(to)];
  const between = (i: 0 | 1 | 2): number => start[i] + (end[i] - start[i]) * share;
  return fromOklab([between(0), between(1), between(2)]);
}

/** WCAG 2 contrast ratio, 1..21. */
export function contrast(first: Rgb, second: Rgb): number {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** WCAG 2 relative luminance, 0..1. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((value) => linear(value / 255)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

function encoded(value: number): number {
  const clamped = Math.min(1, Math.max(0, value));
  const share = clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055;
  return Math.round(share * 255);
}
