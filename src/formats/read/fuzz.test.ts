/** Thousands of damaged files of every format: each reads or is refused with a sentence, soon, and without more memory than is stated. */
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { packTar } from "modern-tar";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../cli/decode-image";
import { FormatError } from "../../core/dataset";
import { createRandom } from "../../core/random";
import type { NamedBytes } from "./bytes";
import { readDataset } from "./index";
import { BY_PYARROW } from "./parquet/by-pyarrow";
import { READ_LIMITS } from "./reader";
import { memoryFile } from "./testing";

/** No file here needs more than a fraction of it. */
const LIMITS = { ...READ_LIMITS, datasetBytes: 2 ** 20, entries: 200, imageBytes: 2 ** 16, pixels: 2 ** 14 };

/** What one file may allocate: the data set, its conversion to other numbers, the unpacked form it comes from, and a preview. */
const MOST_BYTES = 24 * LIMITS.datasetBytes;
const MOST_MS = 2000;

/** Damaged files of each format. The rarest ways to fail show up once in some hundreds. */
const RUNS = 2000;

const bytesOf = (count: number, below = 256): Uint8Array => {
  const random = createRandom(`fuzz ${count}`);
  return Uint8Array.from({ length: count }, () => random.integer(below));
};
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function idx(dims: readonly number[], elements: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * dims.length));
  header.setUint32(0, 0x0800 + dims.length);
  dims.forEach((size, i) => header.setUint32(4 + 4 * i, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...elements]);
}

function png(side: number, value: number): Uint8Array {
  const picture = new PNG({ height: side, width: side });
  picture.data.fill(value);
  return Uint8Array.from(PNG.sync.write(picture));
}

function npy(type: string, shape: string, data: Uint8Array): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117) + "\n";
  return Uint8Array.from([0x93, ...utf8("NUMPY"), 1, 0, header.length, 0, ...utf8(header), ...data]);
}

const LABELS = Uint8Array.from({ length: 24 }, (_, i) => i % 3);
const IMAGES = Object.fromEntries(Array.from(LABELS, (label, i) => [`train/${label}/${i}.png`, png(4, i * 9)]));

async function tar(): Promise<Uint8Array> {
  const body = Uint8Array.from({ length: 2 * 3073 }, (_, i) => (i % 3073 === 0 ? (i / 3073) % 10 : i % 256));
  return packTar(
    ["data_batch_1.bin", "test_batch.bin"].map((name) => ({ header: { name, size: body.length, type: "file" as const }, body })),
  );
}

const TABLE = Array.from({ length: 60 }, (_, i) => `${i},${i * 1.5},"${i % 7}",class ${i % 3}`);

/** A small valid file of each format, and the files that go with it. */
const SEEDS: readonly (readonly [string, () => Promise<Uint8Array>, readonly NamedBytes[]])[] = [
  [
    "train-images-idx3-ubyte",
    async () => idx([24, 5, 5], bytesOf(600)),
    [memoryFile("train-labels-idx1-ubyte", idx([24], LABELS))],
  ],
  ["train-images.idx3-ubyte.gz", async () => gzipSync(idx([24, 5, 5], bytesOf(600))), [memoryFile("l", idx([24], LABELS))]],
  ["data_batch_1.bin", async () => bytesOf(3 * 3073, 10), []],
  ["train.bin", async () => bytesOf(3 * 3074, 100), []],
  ["cifar.tar", tar, []],
  ["cifar.tar.gz", async () => gzipSync(await tar()), []],
  ["deflated.zip", async () => zipSync(IMAGES, { level: 6 }), []],
  ["stored.zip", async () => zipSync(IMAGES, { level: 0 }), []],
  [
    "floats.npz",
    async () => zipSync({ "x.npy": npy("<f4", "24, 3, 3", bytesOf(24 * 36, 60)), "y.npy": npy("|u1", "24,", LABELS) }),
    [],
  ],
  ["x_train.npy", async () => npy("|u1", "24, 2, 2, 3", bytesOf(288)), [memoryFile("y_train.npy", npy("|u1", "24,", LABELS))]],
  ["pyarrow.parquet", async () => Uint8Array.from(atob(BY_PYARROW), (letter) => letter.charCodeAt(0)), []],
  [
    "plain.parquet",
    async () =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: "image", data: Object.values(IMAGES), type: "BYTE_ARRAY" },
            { name: "label", data: Array.from(LABELS) },
          ],
          codec: "UNCOMPRESSED",
        }),
      ),
    [],
  ],
  ["numbers.csv", async () => utf8(["a,b,c,label", ...TABLE].join("\n")), []],
  [
    "texts.csv",
    async () => utf8(TABLE.map((_, i) => `"it was, as ${i % 5} says, good",${i % 2 ? "yes" : "no"}`).join("\r\n")),
    [],
  ],
  ["text.txt", async () => utf8("To be or not to be, that is the question. ".repeat(60)), []],
];

/** Changes of a file: some in its ends, where headers and directories stand. */
type Change =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "number"; readonly at: number; readonly value: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "splice"; readonly at: number; readonly from: number; readonly count: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array };

/** Half of the places lie within the first or the last 200 bytes. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map(
    (share) =>
      (size: number): number =>
        Math.floor(share * size),
  ),
  fc.nat(200).map(
    (at) =>
      (size: number): number =>
        Math.min(at, size),
  ),
  fc.nat(200).map(
    (at) =>
      (size: number): number =>
        Math.max(0, size - 1 - at),
  ),
);
const LIES = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x10000000];

const changeOf = (size: number): fc.Arbitrary<Change> => {
  const at = place.map((find) => find(size));
  return fc.oneof(
    fc.record({ kind: fc.constant("flip" as const), at, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant("number" as const), at, value: fc.constantFrom(...LIES) }),
    fc.record({ kind: fc.constant("cut" as const), at }),
    fc.record({ kind: fc.constant("splice" as const), at, from: fc.nat(size), count: fc.nat(64) }),
    fc.record({ kind: fc.constant("insert" as const), at, bytes: fc.uint8Array({ maxLength: 16 }) }),
  );
};

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const result = bytes.slice();
  switch (change.kind) {
    case "flip":
      if (change.at < result.length) result[change.at]! ^= 1 << change.bit;
      return result;
    case "number": {
      const view = new DataView(result.buffer);
      if (change.at + 4 <= result.length) view.setUint32(change.at, change.value, true);
      return result;
    }
    case "cut":
      return result.slice(0, change.at);
    case "splice":
      if (change.at >= result.length) return result;
      result.set(bytes.slice(change.from, change.from + Math.min(change.count, result.length - change.at)), change.at);
      return result;
    case "insert":
      return Uint8Array.from([...bytes.slice(0, change.at), ...change.bytes, ...bytes.slice(change.at)]);
  }
}

/** Counts the bytes of the buffers that are made: a lying length shows before the system runs out of memory. */
const NATIVE = ArrayBuffer;
const ARRAYS = ["Uint8Array", "Uint16Array", "Float32Array", "Float64Array", "Int32Array", "BigInt64Array"] as const;
let allocated = 0;
const natives = new Map<string, unknown>();

function countAllocations(): void {
  const globals = globalThis as unknown as Record<string, unknown>;
  for (const name of ["ArrayBuffer", ...ARRAYS]) {
    const native = globals[name] as new (...args: unknown[]) => ArrayBufferView | ArrayBuffer;
    natives.set(name, native);
    globals[name] = new Proxy(native, {
      construct: (target, args: unknown[], newTarget) => {
        const [first] = args;
        if (typeof first === "number" && Number.isFinite(first)) {
          allocated += first * ("BYTES_PER_ELEMENT" in target ? Number(target.BYTES_PER_ELEMENT) : 1);
          // Where it is really made, the process might not survive it.
          if (allocated > 64 * MOST_BYTES) throw new Error(`${allocated} bytes were asked for.`);
        }
        return Reflect.construct(target, args, newTarget === globals[name] ? target : newTarget) as object;
      },
    });
  }
}

beforeAll(countAllocations);
afterAll(() => {
  for (const [name, native] of natives) (globalThis as unknown as Record<string, unknown>)[name] = native;
});

describe("damaged files give a data set or a sentence, soon and within the limits", () => {
  test.each(SEEDS)("%s", async (name, make, others) => {
    const seed = await make();
    const read = (bytes: Uint8Array) => readDataset([memoryFile(name, bytes, 4096), ...others], { decodeImage, limits: LIMITS });
    expect((await read(seed)).info.trainCount, "the undamaged file reads").toBeGreaterThan(0);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(changeOf(seed.length), { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = changes.reduce(changed, seed);
        allocated = 0;
        const started = performance.now();
        try {
          await read(bytes);
        } catch (error) {
          // The two errors of text that is cut into too few sequences are sentences, too.
          const isSentence = error instanceof FormatError || (error instanceof RangeError && name.endsWith(".txt"));
          if (!isSentence) throw error;
          expect(error.message).toMatch(/^.{20,}\.$/s);
          refused++;
        }
        expect(performance.now() - started).toBeLessThan(MOST_MS);
        expect(allocated).toBeLessThan(MOST_BYTES);
      }),
      { numRuns: RUNS, seed: 20 },
    );
    expect(refused, "some damage is found").toBeGreaterThan(RUNS / 50);
  });
});

test("the counter of allocations counts", () => {
  allocated = 0;
  expect(new Float32Array(1000).length + new ArrayBuffer(24).byteLength).toBe(1024);
  expect(allocated).toBe(4024);
  expect(new Uint8Array(2)).toBeInstanceOf(Uint8Array);
  expect(NATIVE).not.toBe(ArrayBuffer);
});
