import { describe, expect, test } from "vitest";
import { GLYPH_SHAPES } from "./glyph-shapes";
import { generateGlyphs } from "./glyphs";

const SMALL = { train: 200, test: 100 };

test("the same seed gives the same images, another seed others", () => {
  expect(generateGlyphs(1, SMALL)).toEqual(generateGlyphs(1, SMALL));
  expect(generateGlyphs(1, SMALL).train.images).not.toEqual(generateGlyphs(2, SMALL).train.images);
});

test("the test images do not depend on how many training images there are", () => {
  expect(generateGlyphs(1, { train: 10, test: 100 }).test).toEqual(generateGlyphs(1, SMALL).test);
});

test("no training image is a test image", () => {
  const { train, test: held } = generateGlyphs(1, { train: 100, test: 100 });
  const texts = (images: Uint8Array): string[] =>
    Array.from({ length: images.length / 400 }, (_, i) => images.subarray(i * 400, (i + 1) * 400).join());
  const all = [...texts(train.images), ...texts(held.images)];
  expect(new Set(all).size).toBe(all.length);
});

describe("the default size", () => {
  const started = performance.now();
  const { info, train, test: held } = generateGlyphs(7);
  console.info(`Glyphs generated in ${Math.round(performance.now() - started)} ms`);

  test("is 4000 training and 1000 test images of 20 x 20 grey pixels", () => {
    expect(info).toMatchObject({ id: "glyphs", height: 20, width: 20, channels: 1, trainCount: 4000, testCount: 1000 });
    expect(train.images).toHaveLength(4000 * 400);
    expect(held.images).toHaveLength(1000 * 400);
    expect(new Set(info.classes).size).toBe(10);
  });

  test("has equally many images of each class, in no order", () => {
    for (const { labels } of [train, held]) {
      const perClass = new Array<number>(10).fill(0);
      for (const label of labels) perClass[label]!++;
      expect(perClass).toEqual(new Array<number>(10).fill(labels.length / 10));
      const repeats = labels.filter((label, i) => label === labels[i - 1]).length;
      expect(repeats / labels.length).toBeCloseTo(0.1, 1);
    }
  });

  test("uses the range of a byte without clipping much", () => {
    const share = (value: number): number => train.images.filter((pixel) => pixel === value).length / train.images.length;
    expect(share(0)).toBeLessThan(0.1);
    expect(share(255)).toBeLessThan(0.02);
    expect(Math.max(...train.images.subarray(0, 40_000))).toBeGreaterThan(180);
  });

  test("shows its signs: the mean images of the classes differ by more than noise", () => {
    const means = GLYPH_SHAPES.map((_, label) => {
      const mean = new Float64Array(400);
      train.labels.forEach((other, i) => {
        if (other === label) for (let p = 0; p < 400; p++) mean[p]! += train.images[i * 400 + p]! / 400;
      });
      return mean;
    });
    means.forEach((a, i) =>
      means.slice(i + 1).forEach((b) => {
        const distance = Math.sqrt(a.reduce((sum, value, p) => sum + (value - b[p]!) ** 2, 0) / 400);
        // Two means of 400 images of one class differ by about 3.
        expect(distance).toBeGreaterThan(5);
      }),
    );
  });
});

test("every sign stays inside its square", () => {
  for (const { strokes } of GLYPH_SHAPES) {
    for (const value of strokes.flatMap((stroke) => [...stroke])) expect(value >= 0 && value <= 1).toBe(true);
  }
});
