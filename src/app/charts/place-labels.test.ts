import fc from "fast-check";
import { expect, it } from "vitest";
import { overlap, placeLabels } from "./place-labels";

const area = { left: 0, top: 0, width: 240, height: 120 };

it("never lets labels overlap or leave the area", () => {
  const anchor = fc.record({
    x: fc.integer({ min: 0, max: 240 }),
    y: fc.integer({ min: 0, max: 120 }),
    width: fc.integer({ min: 10, max: 70 }),
    height: fc.constant(14),
  });
  fc.assert(
    fc.property(fc.array(anchor, { maxLength: 12 }), (anchors) => {
      const boxes = placeLabels(anchors, area).filter((box) => box !== null);
      boxes.forEach((box, i) => {
        expect(box.left >= 0 && box.top >= 0 && box.left + box.width <= 240 && box.top + box.height <= 120).toBe(true);
        expect(boxes.slice(i + 1).some((other) => overlap(box, other))).toBe(false);
      });
    }),
  );
});

it("labels all of a few crowded points", () => {
  const anchors = [60, 64, 70, 100].map((x) => ({ x, y: 60, width: 36, height: 14 }));
  expect(placeLabels(anchors, area).every((box) => box !== null)).toBe(true);
});

it("puts a lone label to the right of its point", () => {
  expect(placeLabels([{ x: 50, y: 60, width: 30, height: 14 }], area)[0]).toMatchObject({ left: 57, top: 53 });
});
