import { describe, expect, test } from "vitest";
import type { TextDataset } from "./dataset";
import { inUnit, languageModelData } from "./text";

const NAMES = { id: "imported", name: "t" };
const LINES = Array.from({ length: 100 }, (_, i) => `The ${i % 7} don't stop, ${i}.\n`).join("");

const wordsOf = ({ info, train }: TextDataset): readonly string[] => Array.from(train.tokens, (token) => info.symbols[token]!);

describe.each(["character", "word"] as const)("a text by %ss", (unit) => {
  const { info, train, test: held } = languageModelData(LINES, unit, NAMES);

  test("has each next symbol as the label", () => {
    for (const { tokens, labels } of [train, held]) {
      expect(labels.length).toBe(tokens.length);
      expect([...labels.slice(0, -1)]).toEqual([...tokens.slice(1)]);
    }
    expect(info).toMatchObject({ kind: "text", task: "language-model", unit, classes: info.symbols });
    expect(info.trainCount).toBe(train.tokens.length / info.length);
    expect(info.testCount).toBe(held.tokens.length / info.length);
  });

  test("is split by position, about nine to one", () => {
    const share = held.tokens.length / (held.tokens.length + train.tokens.length);
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.15);
  });
});

test("characters are kept as they are", () => {
  const data = languageModelData(LINES, "character", NAMES);
  expect(LINES.startsWith(wordsOf(data).join(""))).toBe(true);
});

test("words keep apostrophes; signs and ends of lines are words", () => {
  const data = languageModelData(LINES, "word", NAMES);
  expect(wordsOf(data).slice(0, 8)).toEqual(["The", "0", "don't", "stop", ",", "0", ".", "<eol>"]);
});

test("rare words and words that only the test has become the unknown one", () => {
  const many = Array.from({ length: 30_000 }, (_, i) => `a w${i % 2500} b${i < 27_000 ? "" : "new"}`).join(" ");
  const { info, test: held } = languageModelData(many, "word", NAMES);
  expect(info.symbols).toHaveLength(2000);
  expect(info.symbols.filter((symbol) => symbol === "<unk>")).toHaveLength(1);
  expect(info.symbols).toContain("a");
  expect([...held.tokens]).toContain(info.symbols.indexOf("<unk>"));
});

test("a symbol that only the test has needs the unknown one, too", () => {
  const { info, test: held } = languageModelData(`${"ab".repeat(900)}${"ac".repeat(100)}`, "character", NAMES);
  expect(info.symbols).toEqual(["<unk>", "a", "b"]);
  expect(new Set(held.tokens)).toEqual(new Set([0, 1]));
});

test("a text too short for one test sequence is refused with the least length", () => {
  expect(() => languageModelData("one two three", "word", NAMES)).toThrow("has 3 words; it needs at least 330");
});

test("the same text in another unit, and back", () => {
  const characters = languageModelData(LINES, "character", NAMES);
  const words = inUnit(characters, "word");
  expect(words.info).toMatchObject({ unit: "word", name: "t" });
  expect(inUnit(words, "character")).toEqual(characters);
  expect(inUnit(words, "word")).toBe(words);
});
