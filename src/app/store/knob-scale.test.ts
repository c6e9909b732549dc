import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KNOBS } from "../../core/config";
import { fromPosition, keyed, toPosition } from "./knob-scale";

const LIMIT = KNOBS.lambda;
const TARGET = KNOBS.target;

describe("the lambda slider", () => {
  it("has its limits at its ends and a decade at a sixth", () => {
    expect([0, 1 / 6, 0.5, 1].map((position) => fromPosition(position, LIMIT))).toEqual([1e-6, 1e-5, 1e-3, 1]);
    expect([1e-6, 1e-3, 1].map((value) => toPosition(value, LIMIT))).toEqual([0, expect.closeTo(0.5, 10), 1]);
  });

  it("gives back the value of any position to three digits", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (position) => {
        expect(toPosition(fromPosition(position, LIMIT), LIMIT)).toBeCloseTo(position, 3);
      }),
    );
  });

  it("stays inside its limits whatever it is given", () => {
    expect([fromPosition(-1, LIMIT), fromPosition(2, LIMIT)]).toEqual([1e-6, 1]);
    expect([toPosition(0, LIMIT), toPosition(5, LIMIT)]).toEqual([0, 1]);
  });

  it("moves by about 5 % with an arrow and by two with a Page key", () => {
    expect(keyed(1e-3, "ArrowRight", LIMIT)).toBe(1.05e-3);
    expect(keyed(1e-3, "ArrowLeft", LIMIT)).toBe(9.52e-4);
    expect(keyed(1e-3, "PageUp", LIMIT)).toBe(2e-3);
    expect(keyed(1e-3, "PageDown", LIMIT)).toBe(5e-4);
    expect(keyed(1e-3, "Home", LIMIT)).toBe(1e-6);
    expect(keyed(1e-3, "End", LIMIT)).toBe(1);
    expect(keyed(1e-3, "a", LIMIT)).toBeNull();
  });

  it("never gets stuck between its limits", () => {
    fc.assert(
      fc.property(fc.double({ min: 1.1e-6, max: 0.94, noNaN: true }), (value) => {
        expect(keyed(value, "ArrowRight", LIMIT)).toBeGreaterThan(value);
        expect(keyed(value, "ArrowLeft", LIMIT)).toBeLessThan(value);
      }),
    );
  });

  it("stops at its ends", () => {
    expect(keyed(1, "PageUp", LIMIT)).toBe(1);
    expect(keyed(1e-6, "ArrowDown", LIMIT)).toBe(1e-6);
  });
});

describe("the target slider", () => {
  it("has its limits at its ends and their mean in the middle", () => {
    expect([0, 0.5, 1].map((position) => fromPosition(position, TARGET))).toEqual([0.5, 4.25, 8]);
    expect([0.5, 4.25, 8].map((value) => toPosition(value, TARGET))).toEqual([0, 0.5, 1]);
  });

  it("moves by a twentieth of a bit with an arrow and by half a bit with a Page key", () => {
    expect(keyed(3, "ArrowRight", TARGET)).toBe(3.05);
    expect(keyed(3, "ArrowDown", TARGET)).toBe(2.95);
    expect(keyed(3, "PageUp", TARGET)).toBe(3.5);
    expect(keyed(0.6, "PageDown", TARGET)).toBe(0.5);
    expect([keyed(3, "Home", TARGET), keyed(3, "End", TARGET)]).toEqual([0.5, 8]);
  });
});
