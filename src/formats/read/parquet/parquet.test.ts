import { parquetWriteBuffer } from "hyparquet-writer";
import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../../cli/decode-image";
import { FormatError, StoppedError, type ImageDataset } from "../../../core/dataset";
import type { NamedBytes } from "../bytes";
import { readDataset } from "../index";
import { READ_LIMITS } from "../reader";
import { memoryFile } from "../testing";
import { BY_PYARROW } from "./by-pyarrow";

const fromPyarrow = (): Uint8Array => Uint8Array.from(atob(BY_PYARROW), (letter) => letter.charCodeAt(0));

const read = async (files: readonly NamedBytes[], limits = READ_LIMITS): Promise<ImageDataset> =>
  (await readDataset(files, { decodeImage, limits })) as ImageDataset;

async function sentence(files: readonly NamedBytes[], limits = READ_LIMITS): Promise<string> {
  try {
    await read(files, limits);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).message;
  }
  return "no complaint";
}

function png(value: number, side = 3): Uint8Array {
  const picture = new PNG({ height: side, width: side });
  picture.data.fill(value);
  for (let at = 3; at < picture.data.length; at += 4) picture.data[at] = 255;
  return Uint8Array.from(PNG.sync.write(picture));
}

/** A file of two plain columns, as others write them. */
function plain(
  name: string,
  labels: readonly (string | bigint | number)[],
  codec: "SNAPPY" | "UNCOMPRESSED" = "SNAPPY",
): NamedBytes {
  const columnData = [
    { name: "img", data: labels.map((_, i) => png(i)), type: "BYTE_ARRAY" as const },
    { name: "label", data: [...labels] },
  ];
  return memoryFile(name, new Uint8Array(parquetWriteBuffer({ columnData, codec, rowGroupSize: 5 })));
}

const NUMBERS = Array.from({ length: 12 }, (_, i) => BigInt(i % 3));

describe("Parquet", () => {
  test("as pyarrow writes it for Hugging Face, with its class names; every image keeps its class", async () => {
    const { info, train, test: held } = await read([memoryFile("train-00000-of-00001.parquet", fromPyarrow())]);
    expect(info).toMatchObject({
      ...{ name: "train-00000-of-00001.parquet (a sixth of each class for testing)", classes: ["ant", "bee", "cat"] },
      ...{ height: 5, width: 4, channels: 3, trainCount: 3, testCount: 3, classCounts: { train: [1, 1, 1], test: [1, 1, 1] } },
    });
    for (const { images, labels } of [train, held]) {
      labels.forEach((label, i) => {
        const [red, green, blue] = images.slice(i * 60, i * 60 + 3) as unknown as [number, number, number];
        expect([red, blue]).toEqual([10 * (green + 3), 3]);
        expect((green * 7) % 3).toBe(label);
      });
    }
  });

  test("several files are parts by their names, in any order", async () => {
    const files = [
      plain("test-00000.parquet", NUMBERS.slice(0, 3)),
      plain("train-00001.parquet", NUMBERS),
      plain("train-00000.parquet", NUMBERS.slice(0, 6), "UNCOMPRESSED"),
      plain("validation-00000.parquet", NUMBERS),
    ];
    const { info, test: held } = await read(files);
    expect(info).toMatchObject({
      ...{ name: "train-00000.parquet and 1 more", classes: ["0", "1", "2"], trainCount: 18, testCount: 3 },
      ...{ height: 3, width: 3, channels: 1 },
    });
    // Image i of a file has the value i.
    held.labels.forEach((label, i) => expect(held.images[i * 9]).toBe(label));
  });

  test("labels may be names", async () => {
    const { info } = await read([plain("a.parquet", ["sun", "moon", "sun", "moon", "sun", "moon"])]);
    expect(info).toMatchObject({ classes: ["moon", "sun"], classCounts: { train: [2, 2], test: [1, 1] } });
  });

  test("reading says how far it is and can be stopped", async () => {
    const tell = ({ what, done }: { readonly what: string; readonly done: number }): void => {
      if (what === "Decoding images" && done === 7) throw new StoppedError();
    };
    await expect(readDataset([plain("a.parquet", NUMBERS)], { decodeImage, tell })).rejects.toThrow(StoppedError);
  });

  const columns = (columnData: Parameters<typeof parquetWriteBuffer>[0]["columnData"]): NamedBytes =>
    memoryFile("a.parquet", new Uint8Array(parquetWriteBuffer({ columnData })));
  const changed = (change: (bytes: Uint8Array) => Uint8Array | void): NamedBytes => {
    const bytes = fromPyarrow();
    return memoryFile("a.parquet", change(bytes) ?? bytes);
  };

  test.each<[string, () => NamedBytes, RegExp]>([
    [
      "no image column",
      () =>
        columns([
          { name: "text", data: ["a", "b"] },
          { name: "label", data: [1, 2] },
        ]),
      /"text", "label": a column of images/,
    ],
    ["no label column", () => columns([{ name: "image", data: [png(1)], type: "BYTE_ARRAY" }]), /"image": a column of classes/],
    ["one class", () => plain("a.parquet", [1n, 1n, 1n]), /has 1 classes/],
    ["a fraction as class", () => plain("a.parquet", [1.5, 2.5]), /"label" is no class/],
    [
      "bytes that are no image",
      () =>
        columns([
          { name: "image", data: [png(1), Uint8Array.of(1, 2, 3, 4), png(1)], type: "BYTE_ARRAY" },
          { name: "label", data: [1, 2, 1] },
        ]),
      /a.parquet, row 2" is no PNG/,
    ],
    ["a cut file", () => changed((bytes) => bytes.slice(0, -9)), /damaged or no Parquet file/],
    ["a cut start", () => changed((bytes) => bytes.slice(100)), /damaged/],
    ["an empty file", () => changed(() => new Uint8Array(0)), /damaged or no Parquet file/],
    [
      "a footer that claims more than the file",
      () => changed((bytes) => bytes.fill(0x7f, bytes.length - 8, bytes.length - 4)),
      /damaged/,
    ],
  ])("%s is told", async (_name, make, message) => {
    expect(await sentence([make()])).toMatch(message);
  });

  test("limits hold before pages are unpacked", async () => {
    expect(await sentence([plain("a.parquet", NUMBERS)], { ...READ_LIMITS, entries: 11 })).toMatch(/has 12 rows; at most 11/);
    expect(await sentence([plain("a.parquet", NUMBERS)], { ...READ_LIMITS, datasetBytes: 200 })).toMatch(
      /more than the 200 bytes/,
    );
    expect(await sentence([plain("a.parquet", NUMBERS)], { ...READ_LIMITS, pixels: 8 })).toMatch(/3 x 3 pixels; at most 8/);
  });
});
