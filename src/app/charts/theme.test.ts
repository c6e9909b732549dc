import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { contrast, fromOklab, mix, parseHex, toOklab, type Rgb } from "./oklab";
import { BLACK_TEXT_FROM, bitColor, bitRgb, bitTable, type Palette } from "./theme";

const css = readFileSync(new URL("../styles/tokens.css", import.meta.url), "utf8");
/** Dark stands twice; both copies are checked. */
const blocks = css.split("--bg:").slice(1);
const value = (block: string, name: string): string => new RegExp(`${name}: (#[\\da-f]{6})`).exec(block)![1]!;
const palettes = blocks.map((block, i) => ({
  name: ["light", "dark by system", "dark by switch"][i],
  palette: {
    surface: value(block, "--surface"),
    surface2: value(block, "--surface-2"),
    float: value(block, "--float"),
    bits: Array.from({ length: 8 }, (_, bit) => parseHex(value(block, `--bit-${bit + 1}`))),
  } as unknown as Palette,
}));

/** Colours as people without one cone type see them (Machado et al. 2009, severity 1, on linear light). */
const DEFICIENCIES = {
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;
const seen = (rgb: Rgb, m: readonly number[]): Rgb => {
  const linear = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return [0, 1, 2].map((row) => {
    const v = Math.min(
      1,
      Math.max(
        0,
        [0, 1, 2].reduce((sum, i) => sum + m[3 * row + i]! * linear[i]!, 0),
      ),
    );
    return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  }) as unknown as Rgb;
};
const distance = (a: Rgb, b: Rgb): number => Math.hypot(...toOklab(a).map((v, i) => v - toOklab(b)[i]!));

it("reads the light theme and both copies of the dark one", () => {
  expect(palettes.map(({ name }) => name)).toEqual(["light", "dark by system", "dark by switch"]);
  expect(palettes[1]!.palette).toEqual(palettes[2]!.palette);
});

describe.each(palettes)("the bit scale, $name", ({ palette }) => {
  const steps = Array.from({ length: 701 }, (_, i) => 1 + i / 100);

  it("gets lighter with every bit, also between the widths", () => {
    const lightness = steps.map((bits) => toOklab(bitRgb(palette, bits))[0]);
    // Rounding to 8-bit colours may take back a thousandth.
    expect(lightness.every((l, i) => i === 0 || l > lightness[i - 1]! - 0.002)).toBe(true);
    expect(lightness.at(-1)! - lightness[0]!).toBeGreaterThan(0.45);
  });

  it.each(Object.entries(DEFICIENCIES))("keeps neighbouring widths apart and in order for %s vision", (_, matrix) => {
    const colours = palette.bits.map((rgb) => seen(rgb, matrix));
    for (let i = 1; i < colours.length; i++) {
      expect(distance(colours[i]!, colours[i - 1]!)).toBeGreaterThan(0.02);
      expect(toOklab(colours[i]!)[0]).toBeGreaterThan(toOklab(colours[i - 1]!)[0]);
    }
  });

  it("keeps the low widths further apart than the high ones", () => {
    const gaps = palette.bits.slice(1).map((rgb, i) => distance(rgb, palette.bits[i]!));
    expect(Math.min(...gaps.slice(0, 3))).toBeGreaterThan(Math.max(...gaps.slice(5)) * 0.99);
  });

  it("carries black or white text at 4.5:1 everywhere", () => {
    for (const bits of steps) {
      const rgb = bitRgb(palette, bits);
      const text: Rgb = toOklab(rgb)[0] > BLACK_TEXT_FROM ? [0, 0, 0] : [255, 255, 255];
      expect(contrast(rgb, text), `${bits} bits`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("stays away from the grey of float", () => {
    const float = parseHex(palette.float);
    expect(Math.min(...palette.bits.map((rgb) => distance(rgb, float)))).toBeGreaterThan(0.05);
    expect(bitRgb(palette, 32)).toEqual(float);
  });

  it("gives the table's colours within a step", () => {
    const table = bitTable(palette);
    for (const bits of [0, 1, 2.4, 3.99, 8, 32])
      expect(distance(parseHex(`#${table(bits).toString(16).padStart(6, "0")}`), bitRgb(palette, bits))).toBeLessThan(0.01);
  });
});

it("names tokens for whole bits and mixes them for fractional ones", () => {
  expect(bitColor(3)).toBe("var(--bit-3)");
  expect(bitColor(2.25)).toBe("color-mix(in oklab, var(--bit-3) 25.0%, var(--bit-2))");
  expect(bitColor(32)).toBe("var(--float)");
  expect(bitColor(0)).toBe("var(--surface-2)");
  expect(bitColor(12)).toBe("var(--bit-8)");
});

it("goes to OKLab and back", () => {
  for (const rgb of [
    [0, 0, 0],
    [255, 255, 255],
    [12, 200, 90],
  ] as const)
    expect(fromOklab(toOklab(rgb))).toEqual(rgb);
  expect(mix([0, 0, 0], [255, 255, 255], 0)).toEqual([0, 0, 0]);
});

it("measures contrast as WCAG does", () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
  expect(contrast(parseHex("#767676"), [255, 255, 255])).toBeCloseTo(4.54, 2);
});
