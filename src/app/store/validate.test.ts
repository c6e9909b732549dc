import { expect, it } from "vitest";
import { LIMITS } from "../../core/config";
import { asText, clamp, readNumber, toggledBits } from "./validate";

it("reads numbers inside the limits", () => {
  expect(readNumber(" 12 ", LIMITS.epochs, true)).toEqual({ ok: true, value: 12 });
  expect(readNumber("1e-3", LIMITS.rate, false)).toEqual({ ok: true, value: 1e-3 });
});

it.each([
  ["", true, "Enter a whole number from 1 to 1000."],
  ["many", true, "Enter a whole number from 1 to 1000."],
  ["NaN", true, "Enter a whole number from 1 to 1000."],
  ["Infinity", true, "Enter a whole number from 1 to 1000."],
  ["2.5", true, "Enter a whole number from 1 to 1000."],
  ["0", true, "It must be from 1 to 1000."],
  ["1001", true, "It must be from 1 to 1000."],
  ["x", false, "Enter a number from 1 to 1000."],
])("refuses %j with a sentence", (text, whole, message) => {
  expect(readNumber(text, LIMITS.epochs, whole)).toEqual({ ok: false, message });
});

it("writes small limits in exponents", () => {
  expect(readNumber("0", LIMITS.rate, false)).toEqual({ ok: false, message: "It must be from 1e-6 to 10." });
});

it("writes numbers so that they read back", () => {
  for (const value of [5e-4, 1e-6, 0.1, 1, 0, 12, LIMITS.seed.max, 1.234e-5]) expect(Number(asText(value))).toBe(value);
});

it("clamps to the limits", () => {
  expect([-1, 0.5, 7].map((value) => clamp(value, { min: 0, max: 1 }))).toEqual([0, 0.5, 1]);
});

it("toggles candidates in order and keeps the last one", () => {
  expect(toggledBits([1, 2, 4], 3)).toEqual([1, 2, 3, 4]);
  expect(toggledBits([1, 2, 4], 2)).toEqual([1, 4]);
  expect(toggledBits([4], 4)).toBeNull();
});
