import { expect, it } from "vitest";
import { hatch, type Painter } from "./painter";

it("hatches an area with slanted lines that stay inside it", () => {
  const lines: (readonly [number, number, number, number])[] = [];
  const painter = { line: (...ends: [number, number, number, number]) => lines.push(ends) } as unknown as Painter;
  hatch(painter, { x: 10, y: 20, width: 23, height: 9 }, "grey");
  expect(lines.length).toBeGreaterThan(3);
  for (const [x1, y1, x2, y2] of lines) {
    expect(x2 - x1).toBeCloseTo(y1 - y2);
    for (const x of [x1, x2]) expect(x >= 10 && x <= 33).toBe(true);
    for (const y of [y1, y2]) expect(y >= 20 && y <= 29).toBe(true);
  }
});
