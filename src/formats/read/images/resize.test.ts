import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pixels } from "../reader";
import { drawResized, type Size } from "./resize";

/** A picture whose red, green and blue are `value` of the place, opaque. */
function pixels(height: number, width: number, value: (y: number, x: number) => number): Pixels {
  const rgba = new Uint8Array(height * width * 4).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rgba.fill(value(y, x), (y * width + x) * 4, (y * width + x) * 4 + 3);
  return { height, width, rgba };
}

/** The red of every target pixel. */
function drawn(from: Pixels, size: Size, fit: "crop" | "stretch" | "pad"): readonly number[] {
  const target = new Uint8Array(size.height * size.width * 3);
  drawResized(from, size, fit, target);
  return [...target].filter((_, i) => i % 3 === 0);
}

describe("resizing", () => {
  test.each(["crop", "stretch", "pad"] as const)("%s leaves a picture of the right size as it is", (fit) => {
    const value = (y: number, x: number): number => y * 40 + x * 7;
    const expected = Array.from({ length: 20 }, (_, i) => value(Math.floor(i / 5), i % 5));
    expect(drawn(pixels(4, 5, value), { height: 4, width: 5 }, fit)).toEqual(expected);
  });

  test("reducing takes weighted means, enlarging interpolates", () => {
    const halves = pixels(8, 8, (_, x) => (x < 4 ? 0 : 200));
    // Triangles two pixels wide: the middle ones reach over the edge by an eighth.
    expect(drawn(halves, { height: 1, width: 4 }, "stretch")).toEqual([0, 25, 175, 200]);
    expect(
      drawn(
        pixels(1, 2, (_, x) => 100 * x),
        { height: 1, width: 4 },
        "stretch",
      ),
    ).toEqual([0, 25, 75, 100]);
  });

  test("crop keeps the middle of a long picture, pad adds black bars, stretch takes all of it", () => {
    const thirds = pixels(4, 12, (_, x) => [50, 100, 150][Math.floor(x / 4)] ?? 0);
    const square = { height: 4, width: 4 };
    expect(new Set(drawn(thirds, square, "crop"))).toEqual(new Set([100]));
    const padded = drawn(thirds, { height: 6, width: 6 }, "pad");
    expect([padded[0], padded[6 * 5]]).toEqual([0, 0]);
    expect(padded.slice(12, 18).every((value) => value > 0)).toBe(true);
    const stretched = drawn(thirds, { height: 1, width: 3 }, "stretch");
    expect(stretched[0]).toBeLessThan(100);
    expect(stretched[2]).toBeGreaterThan(100);
  });

  test("a constant picture stays constant in any size", () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(side, side, side, side, fc.constantFrom("crop" as const, "stretch" as const), (h, w, height, width, fit) => {
        expect(
          new Set(
            drawn(
              pixels(h, w, () => 77),
              { height, width },
              fit,
            ),
          ),
        ).toEqual(new Set([77]));
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});
