import { expect, test } from "vitest";
import { parseArguments, settingsFrom, UsageError } from "./arguments";

test("flags, switches and words are told apart", () => {
  const { words, flags } = parseArguments(["golden", "--only", "edmips", "--json", "--lambda=1e-3"], ["json"]);
  expect(words).toEqual(["golden"]);
  expect([...flags]).toEqual([
    ["only", "edmips"],
    ["json", "1"],
    ["lambda", "1e-3"],
  ]);
});

test("a flag without its value is refused", () => {
  expect(() => parseArguments(["--lambda"], [])).toThrow(UsageError);
});

test("settings have the names of the URL, and a wrong one is refused with its limits", () => {
  const parsed = parseArguments(["--lambda", "0.01", "--wbits", "2,4", "--out", "x.json"], []);
  const { config, knobs } = settingsFrom(parsed, ["out"]);
  expect(knobs.lambda).toBe(0.01);
  expect(config.weightBits).toEqual([2, 4]);
  expect(() => settingsFrom(parseArguments(["--lambda", "7"], []), [])).toThrow(/from 0.000001 to 1/);
  expect(() => settingsFrom(parseArguments(["--speed", "7"], []), [])).toThrow(/not a setting/);
});
