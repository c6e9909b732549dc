import { existsSync, openAsBlob } from "node:fs";
import { zipSync } from "fflate";
import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../../cli/decode-image";
import { DEFAULT_CONFIG, type Resizing } from "../../../core/config";
import { FormatError, StoppedError, type ImageDataset } from "../../../core/dataset";
import { namedBytes, type NamedBytes } from "../bytes";
import { readDataset } from "../index";
import { READ_LIMITS } from "../reader";
import { memoryFile } from "../testing";

/** A PNG of one colour, with opacity. */
function png(height: number, width: number, colour: readonly [number, number, number], opacity = 255): Uint8Array {
  const picture = new PNG({ height, width });
  for (let at = 0; at < picture.data.length; at += 4) picture.data.set([...colour, opacity], at);
  return Uint8Array.from(PNG.sync.write(picture));
}

const RED = [250, 10, 20] as const;
const BLUE = [0, 30, 200] as const;

const zip = (entries: Readonly<Record<string, Uint8Array>>, level: 0 | 6 = 6): NamedBytes =>
  memoryFile("pets.zip", zipSync({ ...entries }, { level }));

const read = async (
  files: readonly NamedBytes[],
  resizing: Resizing = DEFAULT_CONFIG,
  limits = READ_LIMITS,
): Promise<ImageDataset> => (await readDataset(files, { decodeImage, resizing, limits })) as ImageDataset;

async function sentence(files: readonly NamedBytes[], limits = READ_LIMITS): Promise<string> {
  try {
    await read(files, DEFAULT_CONFIG, limits);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).message;
  }
  return "no complaint";
}

const PARTS = {
  "data/train/cat/1.png": png(6, 6, RED),
  "data/train/cat/2.png": png(6, 6, RED),
  "data/train/dog/1.png": png(6, 6, BLUE),
  "data/train/dog/.hidden.png": png(6, 6, BLUE),
  "data/test/dog/x.png": png(6, 6, BLUE),
  "data/readme.txt": new Uint8Array(3),
  "__MACOSX/data/train/cat/._1.png": new Uint8Array(3),
};

describe("a zip of images", () => {
  test.each([0, 6] as const)("with train and test parts, packed at level %d", async (level) => {
    const { info, train, test: held } = await read([zip(PARTS, level)]);
    expect(info).toMatchObject({
      ...{ name: "pets.zip", classes: ["cat", "dog"], height: 6, width: 6, channels: 3, trainCount: 3, testCount: 1 },
      ...{ classCounts: { train: [2, 1], test: [0, 1] }, resizing: { side: 0, fit: "crop" } },
    });
    const labels = [...train.labels];
    labels.forEach((label, i) => expect([...train.images.slice(i * 108, i * 108 + 3)]).toEqual(label === 0 ? RED : BLUE));
    expect(labels.sort()).toEqual([0, 0, 1]);
    expect([...held.images.slice(-3)]).toEqual(BLUE);
  });

  test("without parts a sixth of every class is for testing, the same one every time", async () => {
    const entries = Object.fromEntries(
      Array.from({ length: 24 }, (_, i) => [`${i % 2 ? "odd" : "even"}/${i}.png`, png(4, 4, [i, i, i])]),
    );
    const first = await read([zip(entries)]);
    expect(first.info).toMatchObject({
      ...{ name: "pets.zip (a sixth of each class for testing)", trainCount: 20, testCount: 4, channels: 1 },
      classCounts: { train: [10, 10], test: [2, 2] },
    });
    expect((await read([zip(entries, 0)])).test).toEqual(first.test);
    const values = [...first.train.images, ...first.test.images].filter((_, i) => i % 16 === 0);
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  test("files that are sorted by class are mixed, so that the first ones show several", async () => {
    const entries = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`${i < 30 ? "a" : "b"}/${i}.png`, png(2, 2, [i, i, i])]),
    );
    const { test: held } = await read([zip(entries)]);
    expect(new Set(held.labels.slice(0, 6)).size).toBe(2);
  });

  test("classes are in the order of their numbers, and a validation part stands in for a missing test part", async () => {
    const entries = Object.fromEntries(
      ["train/10/a.png", "train/9/a.png", "valid/9/b.png"].map((path) => [path, png(2, 2, RED)]),
    );
    expect((await read([zip(entries)])).info).toMatchObject({ classes: ["9", "10"], trainCount: 2, testCount: 1 });
  });

  test("images of various sizes come to the commonest one, to a side that is asked for, and to 64 at most", async () => {
    const mixed = {
      "a/1.png": png(5, 7, RED),
      "a/2.png": png(5, 7, RED),
      "b/1.png": png(90, 30, RED),
      "b/2.png": png(5, 7, RED),
    };
    expect((await read([zip(mixed)])).info).toMatchObject({ height: 5, width: 7 });
    expect((await read([zip(mixed)], { side: 12, fit: "pad" })).info).toMatchObject({ height: 12, width: 12 });
    const large = { "a/1.png": png(90, 30, RED), "a/2.png": png(90, 30, RED), "b/1.png": png(90, 30, RED) };
    expect((await read([zip(large)])).info).toMatchObject({ height: 64, width: 64 });
  });

  test("transparent pixels lie on black", async () => {
    const half = { "train/a/1.png": png(2, 2, [100, 50, 0], 51), "train/b/1.png": png(2, 2, [100, 50, 0], 51) };
    const { train } = await read([zip({ ...half, "test/a/1.png": png(2, 2, RED) })]);
    expect([...train.images.slice(0, 3)]).toEqual([20, 10, 0]);
  });

  test("loose files are read like those of an archive", async () => {
    const files = Object.entries(PARTS).map(([path, bytes]) => memoryFile(path, bytes));
    const { info, train } = await read(files);
    expect(info.name).toBe("data");
    expect({ ...info, name: "pets.zip" }).toEqual((await read([zip(PARTS)])).info);
    expect(train).toEqual((await read([zip(PARTS)])).train);
  });

  test("a folder may hold other files, too, which do not count", async () => {
    const files = Object.entries({ ...PARTS, "data/.DS_Store": Uint8Array.of(1), "data/labels.csv": Uint8Array.of(1) });
    expect((await read(files.map(([path, bytes]) => memoryFile(path, bytes)))).info).toMatchObject({
      name: "data",
      trainCount: 3,
    });
  });

  test("reading says how far it is and can be stopped", async () => {
    const heard: string[] = [];
    const tell = ({ what }: { readonly what: string }): void => {
      heard.push(what);
      if (what === "Decoding images") throw new StoppedError();
    };
    await expect(readDataset([zip(PARTS)], { decodeImage, tell })).rejects.toThrow(StoppedError);
    expect(heard).toContain("Looking at images");
  });

  const whole = zip(PARTS);
  const bytes = async (): Promise<Uint8Array<ArrayBuffer>> => whole.slice(0, whole.size);
  const damagedAt =
    (find: readonly number[], offset: number, value: number, last = false) =>
    async () => {
      const content = await bytes();
      const text = content.map((_, i) => (find.every((byte, j) => content[i + j] === byte) ? 1 : 0));
      content[(last ? text.lastIndexOf(1) : text.indexOf(1)) + offset] = value;
      return [memoryFile("pets.zip", content)];
    };
  const DIRECTORY = [0x50, 0x4b, 1, 2];

  test.each<[string, () => Promise<readonly NamedBytes[]>, RegExp]>([
    ["no images", async () => [zip({ "a/readme.txt": new Uint8Array(1) })], /"pets.zip" holds no images/],
    ["one class", async () => [zip({ "a/1.png": png(2, 2, RED) })], /one class only, "a"/],
    ["images in no folder", async () => [zip({ "1.png": png(2, 2, RED) })], /"1.png" lies in no folder of a class/],
    [
      "a test part alone",
      async () => [zip({ "test/a/1.png": png(2, 2, RED), "val/b/1.png": png(2, 2, RED) })],
      /no folder "train"/,
    ],
    ["one image a class", async () => [zip({ "a/1.png": png(2, 2, RED), "b/1.png": png(2, 2, RED) })], /No class has two/],
    [
      "a file that is no image",
      async () => [zip({ "a/1.png": new Uint8Array(50), "a/2.png": png(2, 2, RED), "b/1.png": png(2, 2, RED) })],
      /"a\/1.png" is no PNG, JPEG/,
    ],
    [
      "a damaged image",
      async () => [zip({ "a/1.png": png(9, 9, RED).slice(0, 60), "a/2.png": png(9, 9, RED), "b/1.png": png(9, 9, RED) })],
      /"a\/1.png" is damaged/,
    ],
    ["an archive with company", async () => [whole, memoryFile("x.png", png(2, 2, RED))], /archive and is read alone/],
    ["a cut archive", async () => [memoryFile("pets.zip", (await bytes()).slice(0, -30))], /its directory is missing/],
    ["an empty file called zip", async () => [memoryFile("pets.zip", new Uint8Array(0))], /its directory is missing/],
    ["encryption", damagedAt(DIRECTORY, 8, 1), /is encrypted/],
    ["a rare method", damagedAt(DIRECTORY, 10, 12), /rare method \(12\)/],
    ["a wrong checksum", damagedAt(DIRECTORY, 16, 1), /wrong checksum/],
    ["an entry that lies about its size", damagedAt(DIRECTORY, 26, 9), /cannot unpack to/],
    ["an entry that claims gigabytes", damagedAt(DIRECTORY, 27, 0xff), /says it unpacks to more/],
    ["an entry outside the file", damagedAt(DIRECTORY, 44, 0xff), /is not where it says/],
    ["a directory that breaks off", damagedAt(DIRECTORY, 29, 0xff), /its directory breaks off/],
  ])("%s is told", async (_name, files, message) => {
    expect(await sentence(await files())).toMatch(message);
  });

  test("limits hold before anything is unpacked", async () => {
    expect(await sentence([whole], { ...READ_LIMITS, entries: 3 })).toMatch(/has 7 entries; at most 3/);
    expect(await sentence([whole], { ...READ_LIMITS, pixels: 35 })).toMatch(/has 6 x 6 pixels; at most 35/);
    expect(await sentence([whole], { ...READ_LIMITS, imageBytes: 40 })).toMatch(/bytes; an image may have 40/);
    expect(await sentence([whole], { ...READ_LIMITS, datasetBytes: 400 })).toMatch(/more than the 400 bytes|at most 400/);
  });
});

const REAL = "../shared/data/cifar10-subset/image-folder.zip";
if (!existsSync(REAL)) console.warn(`SKIPPED: ${REAL} is not here, so no real images are read.`);

test.skipIf(!existsSync(REAL))("800 real JPEG files", async () => {
  const { info, train } = await read([namedBytes(await openAsBlob(REAL), "image-folder.zip")]);
  expect(info).toMatchObject({ height: 32, width: 32, channels: 3, trainCount: 600, testCount: 200 });
  expect(info.classes).toContain("airplane");
  expect(info.classCounts.test).toEqual(Array(10).fill(20));
  const mean = train.images.reduce((sum, value) => sum + value, 0) / train.images.length;
  // CIFAR-10's mean over the colours is 121.
  expect(mean).toBeGreaterThan(110);
  expect(mean).toBeLessThan(130);
});
