import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FormatError, type TextDataset } from "../../core/dataset";
import { readDataset } from "./index";
import { memoryFile } from "./testing";

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const file = memoryFile;

const read = async (...files: ReturnType<typeof file>[]): Promise<TextDataset> => (await readDataset(files)) as TextDataset;

const VERSES = "Tyger Tyger, burning bright,\nIn the forests of the night;\n".repeat(40);

describe("a plain text", () => {
  test("becomes characters to predict, named after its file", async () => {
    const { info, source } = await read(file("blake.txt", VERSES));
    expect(info).toMatchObject({ kind: "text", id: "imported", name: "blake.txt (from a file)", unit: "character" });
    expect(info.symbols).toEqual([...new Set(VERSES)].sort());
    expect(source).toBe(VERSES);
  });

  test("may have a byte order mark, ends of lines of any kind, letters of any alphabet, and be packed", async () => {
    expect((await read(file("a.txt", `\ufeff${VERSES}`))).source).toBe(VERSES);
    expect((await read(file("a.txt", VERSES.replaceAll("\n", "\r\n")))).source).toBe(VERSES);
    expect((await read(file("a.TXT", VERSES.replaceAll("\n", "\r")))).source).toBe(VERSES);
    expect((await read(file("a.txt.gz", Uint8Array.from(gzipSync(encode(VERSES)))))).source).toBe(VERSES);
    const greek = VERSES.replaceAll("g", "\u03b3").replaceAll("T", "\u{1f405}");
    expect((await read(file("a.txt", greek))).info.symbols).toContain("\u{1f405}");
  });

  test.each([
    ["too short", "Tyger", "too short"],
    ["empty", "", "too short"],
    ["not UTF-8", Uint8Array.from([...encode(VERSES), 0xff, 0xc0]), "not UTF-8"],
    ["UTF-16", Uint8Array.from([0xff, 0xfe, ...encode(VERSES)]), "UTF-16"],
    ["binary", `${VERSES}\0${VERSES}`, "control characters"],
  ])("that is %s is refused with one sentence", async (_, content, words) => {
    const refusal = read(file("a.txt", content as string));
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow(words);
  });

  test("comes alone", async () => {
    await expect(read(file("a.txt", VERSES), file("b.txt", VERSES))).rejects.toThrow("one .txt file");
  });
});
