import { describe, expect, test } from "vitest";
import { FormatError, type Dataset, type ImageDataset, type NumbersDataset } from "../../../core/dataset";
import { readDataset } from "../index";
import { READ_LIMITS } from "../reader";
import { memoryFile } from "../testing";

const read = async <D extends Dataset = NumbersDataset>(content: string, name = "iris.csv", limits = READ_LIMITS): Promise<D> =>
  (await readDataset([memoryFile(name, content, 65_536)], { limits })) as D;

const SPECIES = ["setosa", "virginica", "versicolor"] as const;
/** Sorted by class, as the file of irises is. */
const IRISES = Array.from({ length: 60 }, (_, i) => `${i + 1},${4 + i / 10},${(i * 7) % 13},2.5,${SPECIES[Math.floor(i / 20)]}`);
const HEADER = "Id,sepal length,sepal width,constant,species";

const columnOf = (values: Float32Array, column: number, width: number): readonly number[] =>
  [...values].filter((_, i) => i % width === column);

describe("a table of numbers", () => {
  test("has standardised features, its classes by name, and a sixth of each class for testing", async () => {
    const { info, train, test: held } = await read([HEADER, ...IRISES].join("\r\n"));
    expect(info).toEqual({
      ...{ kind: "numbers", id: "imported", name: "iris.csv (a sixth of each class for testing)" },
      ...{ features: ["sepal length", "sepal width", "constant"], classes: ["setosa", "versicolor", "virginica"] },
      ...{ trainCount: 51, testCount: 9, classCounts: { train: [17, 17, 17], test: [3, 3, 3] } },
    });
    const lengths = columnOf(train.values, 0, 3);
    expect(lengths.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 4);
    expect(lengths.reduce((a, b) => a + b * b, 0) / 51).toBeCloseTo(1, 4);
    expect(columnOf(held.values, 2, 3)).toEqual(Array(9).fill(0));
    // The lengths rise from class to class in the order of the file: setosa, virginica, versicolor.
    const order = [...train.labels].map((label, i) => [lengths[i]!, label] as const).sort((a, b) => a[0] - b[0]);
    expect(order.map(([, label]) => label)).toEqual([
      ...Array<number>(17).fill(0),
      ...Array<number>(17).fill(2),
      ...Array<number>(17).fill(1),
    ]);
    expect(new Set(held.labels.slice(0, 6)).size).toBeGreaterThan(1);
  });

  test("may lack a header, have another separator, quotes, and its label anywhere under its name", async () => {
    const bare = await read(IRISES.join("\n"));
    expect(bare.info.features).toEqual(["column 1", "column 2", "column 3", "column 4"]);
    expect((await read(IRISES.join("\n").replaceAll(",", "\t"), "iris.tsv")).train).toEqual(bare.train);
    expect((await read(IRISES.join("\n").replaceAll(",", ";"))).train).toEqual(bare.train);
    const quoted = [HEADER, ...IRISES].join("\n").replaceAll(/[^,\n]+/g, '"$&"');
    expect((await read(quoted)).train).toEqual((await read([HEADER, ...IRISES].join("\n"))).train);
    const turned = IRISES.map((row) => row.split(",").reverse().join(","));
    const front = await read(["Class,c,w,l,id", ...turned].join("\n"));
    expect(front.info).toMatchObject({ features: ["c", "w", "l"], classes: ["setosa", "versicolor", "virginica"] });
  });

  test("numbers as labels are in their order", async () => {
    const rows = Array.from({ length: 48 }, (_, i) => `${i / 3},${i % 7},${(i % 12) + 1}`);
    expect((await read(rows.join("\n"))).info.classes).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 1)));
  });

  test("two files are for training and for testing, whatever their order", async () => {
    const files = [
      memoryFile("iris-test.csv", [HEADER, ...IRISES.filter((_, i) => i % 3 === 0)].join("\n")),
      memoryFile("iris-train.csv", [HEADER, ...IRISES].join("\n")),
    ];
    expect((await readDataset(files)).info).toMatchObject({ name: "iris-train.csv", trainCount: 60, testCount: 20 });
  });

  test.each([
    ["a row too short", [HEADER, ...IRISES, "1,2"], "line 62: the row has 2 fields, not 5"],
    [
      "a word among numbers",
      [HEADER, ...IRISES, "61,1,many,2,setosa"],
      'line 62: "many" in the column "sepal width" is not a number',
    ],
    ["a gap", [HEADER, ...IRISES, "61,1,,2,setosa"], 'line 62: "" in the column "sepal width"'],
    ["no label", [HEADER, ...IRISES, "61,1,2,2,"], "line 62: the row has no label"],
    ["few rows", [HEADER, ...IRISES.slice(0, 9)], "has 9 rows, and 20 are needed"],
    ["one class", [HEADER, ...IRISES.slice(0, 20)], "one class only"],
    ["a label that is none", IRISES.map((row, i) => row.replace(/,\w+$/, `,${i / 7}`)), "60 different labels for 60 rows"],
    ["an open quote", [HEADER, ...IRISES, '61,1,2,2,"setosa'], "line 62: a quote is opened"],
    ["a label alone", ["id,label", ...IRISES.map((_, i) => `${i},${i % 2}`)], "no columns besides the label"],
  ])("with %s is refused with one sentence", async (_, rows, words) => {
    const refusal = read(rows.join("\n"));
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow(words);
  });

  test("stops at the limit", async () => {
    const limits = { ...READ_LIMITS, datasetBytes: 100_000 };
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},${i * 2},${i % 2}`);
    await expect(read(rows.join("\n"), "a.csv", limits)).rejects.toThrow("more than the 100000 bytes of numbers");
  });
});

describe("a table of pixels", () => {
  const row = (i: number, width: number): string => Array.from({ length: width }, (_, p) => (i + p) % 256).join(",");

  test("as Kaggle's MNIST: a header, the label first", async () => {
    const header = ["label", ...Array.from({ length: 64 }, (_, i) => `pixel${i}`)].join(",");
    const { info, train } = await read<ImageDataset>([header, ...IRISES.map((_, i) => `${i % 10},${row(i, 64)}`)].join("\n"));
    expect(info).toMatchObject({ kind: "images", height: 8, width: 8, channels: 1, trainCount: 50, testCount: 10 });
    expect(info.classes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect([...train.images.slice(0, 64)].map((value) => value - train.images[0]!)).toEqual(
      Array.from({ length: 64 }, (_, i) => i),
    );
    train.labels.forEach((label, i) => expect((train.images[64 * i] as number) % 10).toBe(label));
  });

  test("without a header the label is first, and colours stand together", async () => {
    const { info } = await read<ImageDataset>(IRISES.map((_, i) => `${i % 4},${row(i, 192)}`).join("\n"));
    expect(info).toMatchObject({ kind: "images", height: 8, width: 8, channels: 3, classes: ["0", "1", "2", "3"] });
  });
});
