import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { FormatError, type Dataset, type ImageDataset, type NumbersDataset } from "../../../core/dataset";
import type { NamedBytes } from "../bytes";
import { readDataset } from "../index";
import { READ_LIMITS } from "../reader";
import { memoryFile } from "../testing";

/** An array as NumPy writes it. */
function npy(type: string, shape: readonly number[], data: ArrayBufferView, fortran = false): Uint8Array {
  const order = fortran ? "True" : "False";
  const header = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
  const padded = `${header.padEnd(117)}\n`;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    1,
    0,
    padded.length,
    0,
    ...new TextEncoder().encode(padded),
    ...bytes,
  ]);
}

const npz = (arrays: Readonly<Record<string, Uint8Array>>): NamedBytes =>
  memoryFile("set.npz", zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes]))));

const bytes = (count: number, factor = 1): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (i * factor) % 256);
const alternating = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i % 2);

const read = async <D extends Dataset = ImageDataset>(files: readonly NamedBytes[], limits = READ_LIMITS): Promise<D> =>
  (await readDataset(files, { limits })) as D;

async function sentence(files: readonly NamedBytes[], limits = READ_LIMITS): Promise<string> {
  try {
    await read(files, limits);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).message;
  }
  return "no complaint";
}

/**
 * Written by NumPy 2.4: savez_compressed(x_train=asfortranarray(arange(36).reshape(6, 2, 3) / 35), y_train=[7, 7, 3, 3, 7, 3] as int64,
 * x_test=the first two of them in C order, y_test=[[3], [7]] as uint8).
 */
const BY_NUMPY =
  "UEsDBC0AAAAIAAAAIQCl19JZ//////////8LABQAeF90cmFpbi5ucHkBABAAoAEAAAAAAADyAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEg8pKk0FChdnJBakArkaZjoKRjoKxpo6CrUKZAIuBigQi/8oGv/xqD2EvmofwF4KRA+g/Kf2t7flAtFrKH8rVP4CVPy2vTEYPLb/2bX+R9f6F/b7HmkD0Tt72SuOQDTXftZMEDhpH1FzNLzm6HV7kCmi8Q/tt4O1P7MHC4e/garfaz9JxROILkH5d+3BlOwTqDkv7cHOEH0PlV8Lpc9C5W9C9T+C2vccKv8WKn4Iat4VqDn37UvBHnpqb72i2WpF8yt7SKh8sAcAUEsDBC0AAAAIAAAAIQCr8SfB//////////8LABQAeV90cmFpbi5ucHkBABAAsAAAAAAAAABOAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GmY6mjoKtQoUAC52BgiA0cxoNLo4AFBLAwQtAAAACAAAACEAJjstjP//////////CgAUAHhfdGVzdC5ucHkBABAA4AAAAAAAAACBAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkBkrKmjUKtAHuBigALZK45ANNceQq+1F4v/KBr/cSuUv9d+koonEB2Cih+1nzUTBE5C5c/aB7CXAtEFqLpL9mBh2Sv2AFBLAwQtAAAACAAAACEAdeH8J///////////CgAUAHlfdGVzdC5ucHkBABAAggAAAAAAAABIAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CoaaOgq1CmQDLmZ2AFBLAQItAy0AAAAIAAAAIQCl19JZ8gAAAKABAAALAAAAAAAAAAAAAACAAQAAAAB4X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQCr8SfBTgAAALAAAAALAAAAAAAAAAAAAACAAS8BAAB5X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQAmOy2MgQAAAOAAAAAKAAAAAAAAAAAAAACAAboBAAB4X3Rlc3QubnB5UEsBAi0DLQAAAAgAAAAhAHXh/CdIAAAAggAAAAoAAAAAAAAAAAAAAIABdwIAAHlfdGVzdC5ucHlQSwUGAAAAAAQABADiAAAA+wIAAAAA";

describe("NumPy's arrays", () => {
  test("as NumPy itself writes them: Fortran order, floats from 0 to 1, labels of other integers", async () => {
    const given = memoryFile(
      "a.npz",
      Uint8Array.from(atob(BY_NUMPY), (letter) => letter.charCodeAt(0)),
    );
    const { info, train, test: held } = await read([given]);
    expect(info).toMatchObject({
      ...{ name: "a.npz", classes: ["3", "7"], height: 2, width: 3, channels: 1, trainCount: 6, testCount: 2 },
      classCounts: { train: [3, 3], test: [1, 1] },
    });
    expect([...train.images]).toEqual(Array.from({ length: 36 }, (_, i) => Math.round((255 * i) / 35)));
    expect([...train.labels]).toEqual([1, 1, 0, 0, 1, 0]);
    expect([...held.images]).toEqual([...train.images.slice(0, 12)]);
  });

  const LABELS = { y_train: npy("|u1", [4], alternating(4)), y_test: npy("|u1", [2], alternating(2)) };

  test("colours may be the last axis or the first", async () => {
    const last = await read([
      npz({ x_train: npy("|u1", [4, 5, 6, 3], bytes(360)), x_test: npy("|u1", [2, 5, 6, 3], bytes(180)), ...LABELS }),
    ]);
    expect(last.info).toMatchObject({ height: 5, width: 6, channels: 3 });
    expect([...last.train.images]).toEqual([...bytes(360)]);
    const first = await read([
      npz({ x_train: npy("|u1", [4, 3, 5, 6], bytes(360)), x_test: npy("|u1", [2, 3, 5, 6], bytes(180)), ...LABELS }),
    ]);
    expect(first.info).toMatchObject({ height: 5, width: 6, channels: 3 });
    // Image 1, row 2, column 4, colour 2.
    expect(first.train.images[((1 * 5 + 2) * 6 + 4) * 3 + 2]).toBe(((1 * 3 + 2) * 5 + 2) * 6 + 4);
  });

  test("loose .npy files and other names are found", async () => {
    const files = [
      memoryFile("train_images.npy", npy("|u1", [4, 2, 2], bytes(16))),
      memoryFile("train_labels.npy", LABELS.y_train),
      memoryFile("test_images.npy", npy("|u1", [2, 2, 2], bytes(8))),
      memoryFile("test_labels.npy", LABELS.y_test),
    ];
    expect((await read(files)).info).toMatchObject({ name: "NumPy arrays", trainCount: 4, testCount: 2 });
  });

  test("without a test part a sixth of each class is for testing", async () => {
    const set = npz({ arr_0: npy("|u1", [24, 2, 2], bytes(96)), arr_1: npy("<i4", [24], Int32Array.from(alternating(24))) });
    const { info, train } = await read([set]);
    expect(info).toMatchObject({ name: "set.npz (a sixth of each class for testing)", trainCount: 20, testCount: 4 });
    // The first pixel of image i is 4 i.
    train.labels.forEach((label, i) => expect(((train.images[4 * i] as number) / 4) % 2).toBe(label));
  });

  test.each<[string, string, ArrayBufferView, readonly number[], string]>([
    ["floats beyond 0 to 1", "<f4", Float32Array.of(-1, 0, 1, 3), [0, 64, 128, 255], "values -1 to 3 as 0 to 255, "],
    ["floats of pixels", "<f8", Float64Array.of(0, 1, 2.6, 255), [0, 1, 3, 255], ""],
    ["short integers of pixels", "<u2", Uint16Array.of(0, 1, 2, 255), [0, 1, 2, 255], ""],
    ["short integers", "<i2", Int16Array.of(-100, 0, 50, 155), [0, 100, 150, 255], "values -100 to 155 as 0 to 255, "],
    ["long integers", "<i8", BigInt64Array.of(0n, 1n, 1n, 0n), [0, 255, 255, 0], ""],
    ["half floats", "<f2", Uint16Array.of(0, 0x3c00, 0x3800, 0x3400), [0, 255, 128, 64], ""],
    ["large ends first", ">u2", Uint8Array.of(0, 0, 0, 1, 0, 2, 1, 0), [0, 1, 2, 255], ""],
    ["truth values", "|b1", Uint8Array.of(0, 1, 1, 0), [0, 255, 255, 0], ""],
  ])("%s", async (_name, type, data, expected, note) => {
    const per = data.byteLength / 4;
    const raw = new Uint8Array(data.buffer);
    const all = new Uint8Array(raw.length * 6);
    for (let i = 0; i < 6; i++) all.set(raw, i * per * 4);
    const { info, train } = await read([npz({ x: npy(type, [6, 2, 2], all), y: npy("|u1", [6], alternating(6)) })]);
    if (type === ">u2") expect(info.name).toContain("values 0 to 256");
    else expect(info.name).toBe(`set.npz (${note}a sixth of each class for testing)`);
    expect([...train.images.slice(0, 4)]).toEqual(expected);
  });

  test("rows of measurements become numbers with mean 0 and deviation 1", async () => {
    const values = Float32Array.from({ length: 36 }, (_, i) => (i % 3 === 2 ? 5 : i * (i % 3 ? 10 : 1)));
    const set = npz({ x: npy("<f4", [12, 3], values), y: npy("|u1", [12], alternating(12)) });
    const { info, train } = await read<NumbersDataset>([set]);
    expect(info).toMatchObject({
      kind: "numbers",
      features: ["x1", "x2", "x3"],
      classes: ["0", "1"],
      trainCount: 10,
      testCount: 2,
    });
    for (const feature of [0, 1]) {
      const column = [...train.values].filter((_, i) => i % 3 === feature);
      expect(column.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 4);
      expect(column.reduce((a, b) => a + b * b, 0) / column.length).toBeCloseTo(1, 4);
    }
    expect([...train.values].filter((_, i) => i % 3 === 2)).toEqual(Array(10).fill(0));
  });

  test("square images may come as rows of bytes", async () => {
    const set = npz({ x: npy("|u1", [6, 64], bytes(384)), y: npy("|u1", [6], alternating(6)) });
    expect((await read([set])).info).toMatchObject({ kind: "images", height: 8, width: 8 });
  });

  const X = npy("|u1", [4, 2, 2], bytes(16));
  const Y = npy("|u1", [4], alternating(4));
  test.each<[string, Readonly<Record<string, Uint8Array>>, RegExp]>([
    ["names that say nothing", { a: X, b: X, c: Y }, /"a.npy", "b.npy", "c.npy".*cannot be told/],
    ["objects", { x: X, y: npy("|O", [4], Y) }, /type "\|O", which are no numbers/],
    ["records", { x: X, y: Uint8Array.from(Y, (byte, i) => (i > 10 && byte === 39 ? 32 : byte)) }, /holds records/],
    ["counts that differ", { x: X, y: npy("|u1", [3], alternating(3)) }, /"y.npy" has the shape 3, and "x.npy" has 4 inputs/],
    ["one class", { x: X, y: npy("|u1", [4], new Uint8Array(4)) }, /one class only/],
    ["labels that are no classes", { x: X, y: npy("<f4", [4], Float32Array.of(0, 0.5, 1, 1)) }, /0.5, which is no class number/],
    [
      "not a number",
      { x: npy("<f4", [1, 2, 2], Float32Array.of(0, NaN, 1, 1)), y: npy("|u1", [1], Y.slice(-1)) },
      /no number \(NaN\)/,
    ],
    ["too many axes", { x: npy("|u1", [4, 1, 2, 2, 1], bytes(16)), y: Y }, /4 x 1 x 2 x 2 x 1: inputs are/],
    ["an array that is cut", { x: X.slice(0, -3), y: Y }, /"x.npy" is cut off/],
    ["an array that goes on", { x: Uint8Array.from([...X, 1]), y: Y }, /goes on after its last element/],
    ["a size beyond all memory", { x: npy("|u1", [9e9, 9e9, 9e9], bytes(16)), y: Y }, /at most 1073741824 can be held/],
    [
      "test images of another size",
      { x_train: X, y_train: Y, x_test: npy("|u1", [4, 1, 4], bytes(16)), y_test: Y },
      /different shapes/,
    ],
  ])("%s are told", async (_name, arrays, message) => {
    expect(await sentence([npz(arrays)])).toMatch(message);
  });
});
