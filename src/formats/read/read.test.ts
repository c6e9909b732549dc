import { existsSync, openAsBlob } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { packTar } from "modern-tar";
import { describe, expect, test, vi } from "vitest";
import { FormatError, type ImageDataset } from "../../core/dataset";
import { createRandom } from "../../core/random";
import { namedBytes, openBytes, type NamedBytes } from "./bytes";
import { readDataset as readAny } from "./index";
import { READ_LIMITS } from "./reader";
import { memoryFile } from "./testing";

const LIMITS = { ...READ_LIMITS, datasetBytes: 200_000, side: 64, entries: 20 };

/** What these tests give are images. */
const readDataset = async (files: readonly NamedBytes[], limits = READ_LIMITS): Promise<ImageDataset> =>
  (await readAny(files, { limits })) as ImageDataset;

const file = memoryFile;

const gz = ({ name, stream }: NamedBytes): Promise<NamedBytes> =>
  new Response(stream()).arrayBuffer().then((bytes) => file(`${name}.gz`, new Uint8Array(gzipSync(new Uint8Array(bytes)))));

async function sentence(files: readonly NamedBytes[], limits = LIMITS): Promise<string> {
  try {
    await readDataset(files, limits);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    const { message } = error as FormatError;
    expect(message, "a sentence").toMatch(/^.{20,}\.$/);
    return message;
  }
  return "no complaint";
}

function bytesOf(count: number, seed: string, below = 256): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length: count }, () => random.integer(below));
}

/** An IDX file's bytes. */
function idxBytes(dims: readonly number[], elements: Uint8Array, type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length + elements.length);
  bytes.set([0, 0, type, dims.length]);
  const view = new DataView(bytes.buffer);
  dims.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  bytes.set(elements, 4 + 4 * dims.length);
  return bytes;
}

const idxImages = (name: string, count: number, height = 5, width = 4): NamedBytes =>
  file(name, idxBytes([count, height, width], bytesOf(count * height * width, name)));
const idxLabels = (name: string, count: number): NamedBytes => file(name, idxBytes([count], bytesOf(count, name, 7)));

const MNIST = [
  idxImages("train-images-idx3-ubyte", 12),
  idxLabels("train-labels-idx1-ubyte", 12),
  idxImages("t10k-images-idx3-ubyte", 5),
  idxLabels("t10k-labels-idx1-ubyte", 5),
] as const;
const [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS] = MNIST;

/** CIFAR records with these labels. */
function cifarBytes(labels: readonly number[], seed: string): Uint8Array {
  const bytes = bytesOf(labels.length * 3073, seed);
  labels.forEach((label, i) => (bytes[i * 3073] = label));
  return bytes;
}

/** CIFAR-100 records with these fine labels. */
function cifar100Bytes(labels: readonly number[]): Uint8Array {
  const bytes = bytesOf(labels.length * 3074, "fine");
  labels.forEach((label, i) => bytes.set([3, label], i * 3074));
  return bytes;
}

const BATCHES = [
  file("data_batch_2.bin", cifarBytes([4, 5], "b2")),
  file("data_batch_1.bin", cifarBytes([0, 9, 3], "b1")),
  file("data_batch_10.bin", cifarBytes([7], "b10")),
  file("test_batch.bin", cifarBytes([8, 1], "test")),
] as const;

const META = "plane\ncar\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";

async function archive(name: string, entries: Readonly<Record<string, Uint8Array | string>>): Promise<NamedBytes> {
  const packed = await packTar(
    Object.entries(entries).map(([path, content]) => {
      const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
      return { header: { name: path, size: body.length, type: "file" as const }, body };
    }),
  );
  return file(name, packed);
}

const CIFAR = await archive("cifar-10-binary.tar", {
  "cifar-10-batches-bin/readme.html": "<p>",
  "cifar-10-batches-bin/batches.meta.txt": META,
  "cifar-10-batches-bin/._data_batch_1.bin": "junk of macOS",
  "cifar-10-batches-bin/data_batch_1.bin": cifarBytes([0, 9, 3], "b1"),
  "cifar-10-batches-bin/test_batch.bin": cifarBytes([8, 1], "test"),
});

const PACKED_CIFAR = await gz(CIFAR);

/** The file with its bytes changed. */
async function changed(
  from: NamedBytes,
  change: (bytes: Uint8Array) => Uint8Array | void,
  name = from.name,
): Promise<NamedBytes> {
  const bytes = new Uint8Array(await new Response(from.stream()).arrayBuffer());
  return file(name, change(bytes) ?? bytes);
}

/** How often each of the labels 0 to 6 is there. */
const countsOf = (labels: Uint16Array): readonly number[] =>
  Array.from({ length: 7 }, (_, label) => labels.filter((other) => other === label).length);

describe("IDX", () => {
  test("four files in any order and by any of the usual names, packed or not", async () => {
    const {
      info,
      train,
      test: held,
    } = await readDataset([TEST_LABELS, TRAIN_IMAGES, await gz(TRAIN_LABELS), await gz(TEST_IMAGES)]);
    expect(info).toEqual({
      kind: "images",
      id: "imported",
      name: "MNIST format, 5 x 4 (from files)",
      classes: ["0", "1", "2", "3", "4", "5", "6"],
      height: 5,
      width: 4,
      channels: 1,
      resizing: null,
      trainCount: 12,
      testCount: 5,
      classCounts: { train: countsOf(train.labels), test: countsOf(held.labels) },
    });
    expect(train.images).toEqual(bytesOf(240, TRAIN_IMAGES.name));
    expect([...train.labels]).toEqual([...bytesOf(12, TRAIN_LABELS.name, 7)]);
    expect(held.images).toEqual(bytesOf(100, TEST_IMAGES.name));
    expect([...held.labels]).toEqual([...bytesOf(5, TEST_LABELS.name, 7)]);
  });

  test("content decides what is images and what is labels, even against the names", async () => {
    const swapped = [
      await changed(TRAIN_IMAGES, () => undefined, "train-labels.idx1-ubyte"),
      await changed(TRAIN_LABELS, () => undefined, "train-images.idx3-ubyte"),
    ];
    expect((await readDataset([...swapped, TEST_IMAGES, TEST_LABELS])).info).toMatchObject({ trainCount: 12, testCount: 5 });
  });

  test("without telling names the larger half is for training", async () => {
    const { info } = await readDataset([idxLabels("d", 3), idxImages("b", 3), idxLabels("a", 8), idxImages("c", 8)]);
    expect(info).toMatchObject({ trainCount: 8, testCount: 3 });
  });

  test("a name that says so makes the smaller half the training images", async () => {
    const files = [idxLabels("y-train", 3), idxImages("x-train", 3), idxLabels("y-test", 8), idxImages("x-test", 8)];
    expect((await readDataset(files)).info).toMatchObject({ trainCount: 3, testCount: 8 });
  });

  test("of a single pair the last sixth is for testing, and the data set's name says so", async () => {
    const { info, train, test: held } = await readDataset([TRAIN_LABELS, TRAIN_IMAGES]);
    expect(info).toMatchObject({
      trainCount: 10,
      testCount: 2,
      name: "MNIST format, 5 x 4 (from files, last sixth as test images)",
    });
    expect([...train.images, ...held.images]).toEqual([...bytesOf(240, TRAIN_IMAGES.name)]);
    expect([...train.labels, ...held.labels]).toEqual([...bytesOf(12, TRAIN_LABELS.name, 7)]);
  });

  test.each<[string, () => Promise<readonly NamedBytes[]>, RegExp]>([
    ["nothing at all", async () => [], /No file that can be read was given.*MNIST.*CIFAR-10/],
    ["a folder of files", async () => Array.from({ length: 65 }, () => TRAIN_IMAGES), /65 files are too many/],
    ["another format", async () => [file("photo.xyz", bytesOf(999, "x"))], /"photo.xyz" is not a data set/],
    ["an empty file", async () => [file("x.dat", new Uint8Array(0))], /"x.dat" is not a data set/],
    ["labels only", async () => [TRAIN_LABELS], /given are 0 with images and 1 with labels \("train-labels-idx1-ubyte"\)/],
    ["images without labels", async () => [TRAIN_IMAGES, TEST_IMAGES, TEST_LABELS], /2 with images .* and 1 with labels/],
    [
      "images named as labels",
      async () => [
        TRAIN_IMAGES,
        await changed(TRAIN_IMAGES, () => undefined, "train-labels-idx1-ubyte"),
        TEST_IMAGES,
        TEST_LABELS,
      ],
      /3 with images \("train-images-idx3-ubyte", "train-labels-idx1-ubyte", /,
    ],
    ["counts that differ", async () => [idxImages("a", 6), idxLabels("b", 7)], /"a" holds 6 images and "b" 7 labels/],
    ["twice the same", async () => [TRAIN_IMAGES, TRAIN_LABELS, TRAIN_IMAGES, TRAIN_LABELS], /for testing cannot be told/],
    [
      "images of two sizes",
      async () => [TRAIN_IMAGES, TRAIN_LABELS, idxImages("test-x", 5, 6, 4), TEST_LABELS],
      /training images are 5 x 4 pixels and the test images 6 x 4/,
    ],
    ["no images in it", async () => [idxImages("a", 0), idxLabels("b", 0)], /"a" holds no images/],
    ["a single image", async () => [idxImages("a", 1), idxLabels("b", 1)], /at least two images/],
    [
      "a stranger among them",
      async () => [...MNIST, file("readme.txt", bytesOf(99, "t"))],
      /"readme.txt" is not an IDX file.*Leave it out/,
    ],
    [
      "wrong magic under the right name",
      async () => [await changed(TRAIN_IMAGES, (bytes) => bytes.fill(80, 0, 4)), TRAIN_LABELS],
      /starts with 50 50 50 50, not with 00 00 08 03/,
    ],
    ["an empty file under the right name", async () => [file("x-idx3-ubyte", new Uint8Array(0))], /starts with nothing/],
    [
      "floats",
      async () => [file("x-idx3-ubyte", idxBytes([1, 1, 1], bytesOf(4, "f"), 0x0d)), TRAIN_LABELS],
      /holds 32-bit floats: only unsigned bytes/,
    ],
    ["two dimensions", async () => [file("x", idxBytes([2, 2], bytesOf(4, "f"))), TRAIN_LABELS], /has 2 dimensions/],
    ["four dimensions", async () => [file("x", idxBytes([1, 2, 2, 3], bytesOf(12, "f"))), TRAIN_LABELS], /has 4 dimensions/],
    ["a cut header", async () => [await changed(TRAIN_IMAGES, (bytes) => bytes.slice(0, 9)), TRAIN_LABELS], /inside its header/],
    [
      "cut images",
      async () => [await changed(TRAIN_IMAGES, (bytes) => bytes.slice(0, -7)), TRAIN_LABELS],
      /cut off: 7 more bytes .* images/,
    ],
    [
      "cut labels",
      async () => [TRAIN_IMAGES, await changed(TRAIN_LABELS, (bytes) => bytes.slice(0, -1))],
      /cut off: 1 more bytes .* labels/,
    ],
    [
      "trailing bytes",
      async () => [await changed(TRAIN_IMAGES, (bytes) => new Uint8Array([...bytes, 1])), TRAIN_LABELS],
      /goes on after the 12 images/,
    ],
    [
      "trailing bytes inside gzip",
      async () => [await gz(await changed(TRAIN_IMAGES, (bytes) => new Uint8Array([...bytes, 1]))), TRAIN_LABELS],
      /goes on after the 12 images/,
    ],
    [
      "a lying count",
      async () => [file("a", idxBytes([9999, 2, 2], bytesOf(8, "a"))), file("b", idxBytes([9999], bytesOf(2, "b")))],
      /"a" is cut off: 39988 more bytes/,
    ],
    [
      "a count beyond all memory",
      async () => [
        file("a", idxBytes([2 ** 32 - 1, 28, 28], bytesOf(8, "a"))),
        file("b", idxBytes([2 ** 32 - 1], bytesOf(2, "b"))),
      ],
      /says it has 3371549326575 bytes; at most 200000/,
    ],
    ["lying dimensions", async () => [idxImages("a", 2, 0, 5), idxLabels("b", 2)], /0 x 5 pixels; 1 to 64 a side/],
    ["images too large", async () => [idxImages("a", 2, 65, 5), idxLabels("b", 2)], /65 x 5 pixels; 1 to 64 a side/],
    ["too many images", async () => [idxImages("a", 100, 50, 50), idxLabels("b", 100)], /250100 bytes; at most 200000/],
  ])("%s", async (_name, files, message) => {
    expect(await sentence(await files())).toMatch(message);
  });
});

describe("gzip", () => {
  const damaged = async (change: (bytes: Uint8Array) => Uint8Array | void): Promise<string> =>
    sentence([await changed(await gz(TRAIN_IMAGES), change), TRAIN_LABELS]);

  test("a truncated file is told, wherever it ends", async () => {
    const { size } = await gz(TRAIN_IMAGES);
    for (const end of [3, 15, size >> 1, size - 9, size - 1]) {
      expect(await damaged((bytes) => bytes.slice(0, end))).toMatch(/damaged or cut off/);
    }
  });

  test("a wrong checksum or length is told", async () => {
    expect(await damaged((bytes) => void (bytes[bytes.length - 6]! ^= 1))).toMatch(/damaged or cut off/);
    expect(await damaged((bytes) => void (bytes[bytes.length - 2]! ^= 1))).toMatch(/damaged or cut off/);
  });

  test("a wrong checksum of an archive is told", async () => {
    const packed = await changed(await gz(CIFAR), (bytes) => void (bytes[bytes.length - 6]! ^= 1));
    expect(await sentence([packed])).toMatch(/damaged or cut off/);
  });

  test("a length that lies in the trailer allocates nothing", async () => {
    const packed = gzipSync(new Uint8Array(0));
    packed.set([0xff, 0xff, 0xff, 0x7f], packed.length - 4);
    expect(await sentence([file("x.bin.gz", new Uint8Array(packed))])).toMatch(/damaged or cut off/);
  });

  test("a bomb stops at the limit", async () => {
    const bomb = file("data_batch_1.bin.gz", gzipSync(new Uint8Array(200e6)), 65_536);
    const pulled = vi.spyOn(bomb, "stream");
    const before = process.memoryUsage().arrayBuffers;
    expect(await sentence([bomb])).toMatch(/more than the 200000 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60e6);
    expect(pulled).toHaveBeenCalled();
  });

  test("a bomb behind an honest header stops at once", async () => {
    const elements = new Uint8Array(100e6);
    const bomb = file("x.gz", new Uint8Array(gzipSync(idxBytes([12, 5, 4], elements))), 65_536);
    expect(await sentence([bomb, TRAIN_LABELS])).toMatch(/goes on after the 12 images/);
  });

  test("no more is allocated than the file can unpack to", async () => {
    const reader = await openBytes(await gz(file("x", new Uint8Array(100))));
    // As much as no buffer can hold: allocating it first would throw something else.
    await expect(reader.read(2 ** 52, "content")).rejects.toThrow(/cut off/);
    await reader.close();
  });

  test("a file that cannot be read is told", async () => {
    const vanished: NamedBytes = {
      ...file("gone.gz", new Uint8Array(10)),
      stream: () => new ReadableStream({ pull: () => Promise.reject(new Error("NotReadableError")) }),
    };
    expect(await sentence([vanished])).toMatch(/"gone.gz" could not be read/);
  });
});

describe("CIFAR-10", () => {
  test.each([
    ["plain", CIFAR],
    ["packed", PACKED_CIFAR],
  ])("the archive, %s", async (_name, given) => {
    const { info, train, test: held } = await readDataset([given]);
    expect(info).toMatchObject({
      name: "CIFAR-10 (from files)",
      height: 32,
      width: 32,
      channels: 3,
      trainCount: 3,
      testCount: 2,
    });
    expect(info.classes).toEqual(META.trim().split("\n"));
    expect([...train.labels]).toEqual([0, 9, 3]);
    expect([...held.labels]).toEqual([8, 1]);
    // Pixel (y, x) of image i in plane c of the record becomes channel c of the pixel.
    const records = cifarBytes([0, 9, 3], "b1");
    for (const [i, y, x, c] of [
      [0, 0, 0, 0],
      [1, 3, 7, 1],
      [2, 31, 31, 2],
    ] as const) {
      expect(train.images[((i * 32 + y) * 32 + x) * 3 + c]).toBe(records[i * 3073 + 1 + c * 1024 + y * 32 + x]);
    }
  });

  test("loose files, in the order of their numbers, with the usual class names", async () => {
    const [first, ...others] = BATCHES;
    const { info, train } = await readDataset([...others, await gz(first)]);
    expect([...train.labels]).toEqual([0, 9, 3, 4, 5, 7]);
    expect(info.classes[9]).toBe("truck");
  });

  test("CIFAR-100 has its fine labels, named by the archive or as usual", async () => {
    const names = Array.from({ length: 100 }, (_, i) => `fine ${i}`).join("\n");
    const entries = {
      "c/train.bin": cifar100Bytes([99, 7, 7]),
      "c/test.bin": cifar100Bytes([42]),
      "c/coarse_label_names.txt": "x",
    };
    const { info, train } = await readDataset([await archive("c.tar", { ...entries, "c/fine_label_names.txt": names })]);
    expect(info).toMatchObject({ name: "CIFAR-100 (from files)", trainCount: 3, testCount: 1 });
    expect([...train.labels]).toEqual([99, 7, 7]);
    expect([...train.images.slice(0, 3)]).toEqual([2, 1026, 2050].map((at) => entries["c/train.bin"][at]));
    expect(info.classes[42]).toBe("fine 42");
    expect(info.classCounts.train[7]).toBe(2);
    expect((await readDataset([await archive("c.tar", entries)])).info.classes[99]).toBe("worm");
  });

  test("without test images the last sixth is for testing", async () => {
    const { info } = await readDataset(BATCHES.slice(0, 3));
    expect(info).toMatchObject({ trainCount: 5, testCount: 1, name: "CIFAR-10 (from files, last sixth as test images)" });
  });

  test("a dark first image is not taken for an IDX file", async () => {
    const dark = cifarBytes([0, 1, 2, 3], "dark");
    dark.set([0, 0, 8, 3]);
    expect((await readDataset([file("data_batch_1.bin", dark)])).info.channels).toBe(3);
  });

  test.each<[string, () => Promise<readonly NamedBytes[]>, RegExp]>([
    [
      "a label above nine",
      async () => [file("data_batch_1.bin", cifarBytes([1, 2, 10], "l"))],
      /"data_batch_1.bin".*record 3 has the label 10/,
    ],
    ["cut records", async () => [await changed(BATCHES[0], (bytes) => bytes.slice(0, -1))], /6145 bytes are no multiple of 3073/],
    ["an empty batch", async () => [BATCHES[0], file("test_batch.bin", new Uint8Array(0))], /"test_batch.bin".*it is empty/],
    [
      "both versions at once",
      async () => [BATCHES[0], file("train.bin", bytesOf(3074 * 2, "c100", 100))],
      /some of the files have CIFAR-10's records and some CIFAR-100's/,
    ],
    [
      "a fine label above 99",
      async () => [file("train.bin", cifar100Bytes([0, 100]))],
      /"train.bin" is not CIFAR-100's .* record 2 has the label 100, and the largest is 99/,
    ],
    ["the same batch twice", async () => [BATCHES[0], BATCHES[0]], /"data_batch_2.bin" is there twice/],
    ["an archive with company", async () => [CIFAR, BATCHES[0]], /is an archive and is read alone/],
    [
      "more than fits",
      async () => [file("data_batch_1.bin", cifarBytes(Array<number>(66).fill(1), "m"))],
      /more than the 200000 bytes/,
    ],
    ["an archive of something else", async () => [await archive("x.tar", { "a.txt": "a" })], /there is no file data_batch_1.bin/],
    [
      "a broken list of classes",
      async () => [await archive("x.tar", { "batches.meta.txt": "a\nb", "a.bin": cifarBytes([1, 2], "a") })],
      /names 2 classes/,
    ],
    [
      "the same name in two folders",
      async () => [await archive("x.tar", { "a/data.bin": cifarBytes([1], "a"), "b/data.bin": cifarBytes([1], "b") })],
      /"data.bin" is there twice/,
    ],
    [
      "a .tar that is none",
      async () => [file("x.tar", bytesOf(2000, "t"))],
      /"x.tar" is damaged: an entry lacks the mark "ustar"/,
    ],
    ["a wrong header checksum", async () => [await changed(CIFAR, (bytes) => void (bytes[0]! ^= 1))], /checksum is wrong/],
    [
      "a cut archive",
      async () => [await changed(CIFAR, (bytes) => bytes.slice(0, 9000))],
      /cut off: .* more bytes should follow as its file "data_batch_1.bin"/,
    ],
    ["an archive without end", async () => [await changed(CIFAR, (bytes) => bytes.slice(0, bytes.length - 1024))], /end mark/],
    [
      "bytes after the end",
      async () => [await changed(CIFAR, (bytes) => new Uint8Array([...bytes, 1]))],
      /goes on after its end mark/,
    ],
    [
      "too many entries",
      async () => [await archive("x.tar", Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`f${i}`, "x"])))],
      /more than 20 entries/,
    ],
    [
      "an entry that claims 8 GiB",
      async () => [
        await changed(CIFAR, (bytes) => {
          bytes.set(new TextEncoder().encode("77777777777\0"), 124);
          const sum = bytes.subarray(0, 512).reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
          bytes.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
        }),
      ],
      /says it unpacks to more than the 200000 bytes/,
    ],
  ])("%s", async (_name, files, message) => {
    expect(await sentence(await files())).toMatch(message);
  });

  test("a path that climbs out of its folder is a name like any other", async () => {
    const { info } = await readDataset([await archive("x.tar", { "../../../data_batch_1.bin": cifarBytes([1, 2], "a") })]);
    expect(info.trainCount).toBe(1);
  });
});

test("damaged files give a sentence or a data set, nothing else", { timeout: 30_000 }, async () => {
  const bases = [...MNIST, await gz(TRAIN_IMAGES), CIFAR, await gz(CIFAR), BATCHES[0]];
  const others = (name: string): readonly NamedBytes[] => MNIST.filter((item) => item.name !== name.replace(/\.gz$/, ""));
  const edit = fc.oneof(
    fc.record({ kind: fc.constant("cut" as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant("set" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
    // Headers decide most: the first bytes are changed as often as all others.
    fc.record({ kind: fc.constant("head" as const), at: fc.nat(40), byte: fc.constantFrom(0, 1, 8, 127, 255) }),
    fc.record({ kind: fc.constant("append" as const), byte: fc.nat(255) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(bases.length - 1), fc.array(edit, { minLength: 1, maxLength: 3 }), async (which, edits) => {
      const base = bases[which]!;
      const mutated = await changed(base, (bytes) => {
        let result = bytes;
        for (const one of edits) {
          if (one.kind === "cut") result = result.slice(0, Math.floor(one.at * result.length));
          else if (one.kind === "append") result = new Uint8Array([...result, one.byte]);
          else if (result.length > 0)
            result[one.kind === "head" ? one.at % result.length : Math.floor(one.at * (result.length - 1))] = one.byte;
        }
        return result;
      });
      const isMnist = /idx/.test(base.name);
      try {
        const { info, train, test: held } = await readDataset(isMnist ? [mutated, ...others(base.name)] : [mutated], LIMITS);
        const pixels = info.height * info.width * info.channels;
        expect(train.images.length).toBe(info.trainCount * pixels);
        expect(held.images.length).toBe(info.testCount * pixels);
        expect(Math.max(...train.labels, ...held.labels)).toBeLessThan(info.classes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
    { seed: 1, numRuns: 400, interruptAfterTimeLimit: 8000 },
  );
});

describe("real files", () => {
  const FOLDER = "../shared/data";
  const present = existsSync(FOLDER);
  if (!present) console.warn(`Skipped: ${FOLDER} with MNIST and CIFAR-10 is not here.`);

  const open = async (path: string): Promise<NamedBytes> => namedBytes(await openAsBlob(`${FOLDER}/${path}`), path);

  test.skipIf(!present)("MNIST", async () => {
    const names = ["t10k-labels-idx1", "train-images-idx3", "t10k-images-idx3", "train-labels-idx1"];
    const { info, train } = await readDataset(await Promise.all(names.map((name) => open(`mnist10k/${name}-ubyte.gz`))));
    expect(info).toMatchObject({ height: 28, width: 28, channels: 1, trainCount: 8000, testCount: 2000 });
    expect(info.classes).toHaveLength(10);
    const mean = train.images.reduce((sum, pixel) => sum + pixel, 0) / train.images.length / 255;
    expect(mean).toBeCloseTo(0.131, 2);
  });

  test.skipIf(!present)("CIFAR-10", async () => {
    const started = performance.now();
    const {
      info,
      train,
      test: held,
    } = await readDataset([await open("cifar10-subset/cifar-10-binary-subset.tar.gz")], READ_LIMITS);
    console.info(`CIFAR-10 subset read in ${Math.round(performance.now() - started)} ms`);
    expect(info).toMatchObject({ height: 32, width: 32, channels: 3, trainCount: 5000, testCount: 1000 });
    expect(info.classes[6]).toBe("frog");
    const perClass = new Array<number>(10).fill(0);
    for (const label of [...train.labels, ...held.labels]) perClass[label]!++;
    expect(Math.min(...perClass)).toBeGreaterThan(400);
  });
});
