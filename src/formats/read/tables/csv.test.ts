import { describe, expect, test } from "vitest";
import { FormatError, type TextDataset } from "../../../core/dataset";
import { readDataset } from "../index";
import { memoryFile } from "../testing";

const file = memoryFile;

const read = async (content: string, name = "reviews.csv"): Promise<TextDataset> =>
  (await readDataset([file(name, content)])) as TextDataset;

const MOODS = ["good", "bad"] as const;
const ROWS = Array.from({ length: 40 }, (_, i) => `it was ${MOODS[i % 3 === 0 ? 1 : 0]} no ${i},${MOODS[i % 3 === 0 ? 1 : 0]}`);

const textAt = ({ info, train }: TextDataset, i: number): string =>
  Array.from(train.tokens.slice(i * info.length, (i + 1) * info.length), (token) => info.symbols[token]).join(" ");

describe("labelled texts", () => {
  test("become sequences of words with classes, every tenth one for testing", async () => {
    const data = await read(ROWS.join("\n"));
    expect(data.info).toMatchObject({
      ...{ kind: "text", task: "text-classification", unit: "word", classes: ["bad", "good"], length: 5 },
      ...{ trainCount: 36, testCount: 4, name: "reviews.csv (from a file)" },
    });
    expect(textAt(data, 1)).toBe("it was good no 1");
    expect([...data.train.labels.slice(0, 4)]).toEqual([0, 1, 1, 0]);
    expect([...data.test.labels]).toEqual([9, 19, 29, 39].map((i) => (i % 3 === 0 ? 0 : 1)));
  });

  test("may have a header, the label first, another separator, quotes, and ends of lines of any kind", async () => {
    expect((await read(["text,label", ...ROWS].join("\r\n"))).train).toEqual((await read(ROWS.join("\n"))).train);
    const turned = ROWS.map((row) => row.split(",").reverse());
    expect((await read(turned.map((row) => row.join(";")).join("\n"))).info.classes).toEqual(["bad", "good"]);
    expect((await read(turned.map((row) => row.join("\t")).join("\n"), "a.tsv")).info.classes).toEqual(["bad", "good"]);
    const quoted = await read([...ROWS.slice(0, 1), '"well, ""so""\nso",good', "", ...ROWS.slice(2)].join("\n"));
    expect(textAt(quoted, 1)).toMatch(/well , " so " <eol> so$/);
    expect(quoted.info.trainCount).toBe(36);
  });

  test("are padded before the text, so that it is read last", async () => {
    const data = await read(["short,bad", ...ROWS].join("\n"));
    expect(textAt(data, 0)).toBe("<pad> <pad> <pad> <pad> short");
    expect(data.info.symbols[0]).toBe("<pad>");
  });

  test.each([
    ["one column", ROWS.map((row) => row.split(",")[0]).join("\n"), "does not have two fields"],
    ["a row too wide", [...ROWS, "a,b,good"].join("\n"), "line 41: the row has 3 fields"],
    ["an open quote", [...ROWS, '"a,good'].join("\n"), "line 41: a quote is opened"],
    ["few texts", ROWS.slice(0, 5).join("\n"), "has 5 labelled texts"],
    ["a text without a label", [...ROWS, "a,"].join("\n"), "line 41: the text has no label"],
    ["one class", ROWS.map((row) => row.replace(/,.*/, ",good")).join("\n"), "one class only"],
    ["no classes", ROWS.map((row, i) => row.replace(/,.*/, `,${i >> 1} x`) + (i % 2 ? "y" : "")).join("\n"), "neither column"],
    ["nothing", "", "does not have two fields"],
  ])("with %s are refused with one sentence", async (_, content, words) => {
    const refusal = read(content);
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow(words);
  });
});
