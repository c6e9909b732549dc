/** Image data sets as Parquet files, as Hugging Face keeps them: a column of packed images and one of classes. */
import { FormatError, imageDataset, MOST_CLASSES } from "../../../core/dataset";
import type { NamedBytes } from "../bytes";
import { checkImageBytes, commonSize, createImageWriter, severalAtOnce, sizeOf } from "../images/image-writer";
import type { DataReader, ReadContext } from "../reader";
import { mixed, stratified, STRATIFIED_NOTE } from "../split";
import { featuresOf, type Features } from "./features";
import { openTable, type ParquetTable } from "./table";

/** Reads any number of files; train and test by their names, else a sixth of each class is for testing. */
export const parquet: DataReader = {
  id: "parquet",
  label: "Parquet files of images with a label, as Hugging Face keeps them",
  manyFiles: false,
  names: /\.parquet$/i,
  recognises: ({ head }) => MAGIC.every((byte, i) => head[i] === byte),
  read: async (files, context) => {
    const given = files.map(({ file }) => file).sort((a, b) => NATURAL_ORDER.compare(a.name, b.name));
    const used = partsOf(given);
    const tables: ParquetTable[] = [];
    for (const file of [...used.train, ...used.test]) tables.push(await openTable(file, context.limits));
    const [first] = tables as [ParquetTable];
    const features = featuresOf(first.file.name, first.metadata, first.schema);
    const labels = await readLabels(tables, features);
    const split = splitOf(tables, used.train.length, labels.numbers);
    const places = new Uint32Array(labels.numbers.length);
    [...split.train, ...split.test].forEach((row, place) => (places[row] = place));
    const { images, size, channels } = await readImages(tables, features.image, places, context);
    const perImage = size.height * size.width * channels;
    const part = (rows: readonly number[], from: number) => ({
      images: images.subarray(from * perImage, (from + rows.length) * perImage),
      labels: Uint16Array.from(rows, (row) => labels.numbers[row] as number),
    });
    const { side, fit } = context.resizing;
    const name = used.test.length > 0 ? titleOf(used.train) : `${titleOf(used.train)} (${STRATIFIED_NOTE})`;
    return imageDataset(
      { id: "imported", name, classes: labels.classes, ...size, channels, resizing: { side, fit } },
      { train: part(split.train, 0), test: part(split.test, split.train.length) },
    );
  },
};

const MAGIC = [0x50, 0x41, 0x52, 0x31];

const NATURAL_ORDER = new Intl.Collator("en", { numeric: true });

/** Files to train and to test with; what is for validation stands in for missing test files and is else left out. */
function partsOf(files: readonly NamedBytes[]): { readonly train: readonly NamedBytes[]; readonly test: readonly NamedBytes[] } {
  const isTest = ({ path }: NamedBytes): boolean => /(^|[^a-z])test/i.test(path);
  const isValidation = ({ path }: NamedBytes): boolean => /(^|[^a-z])val/i.test(path);
  const test = files.filter(isTest);
  const validation = files.filter((file) => !isTest(file) && isValidation(file));
  const train = files.filter((file) => !isTest(file) && !isValidation(file));
  if (train.length === 0) return { train: test.length > 0 ? test : validation, test: [] };
  return { train, test: test.length > 0 ? test : validation };
}

const titleOf = ([first, ...more]: readonly NamedBytes[]): string =>
  more.length === 0 ? (first?.name ?? "") : `${first?.name ?? ""} and ${more.length} more`;

interface Labels {
  /** Of every row of every file, places among the classes. */
  readonly numbers: Uint16Array;
  readonly classes: readonly string[];
}

async function readLabels(tables: readonly ParquetTable[], { label, classes }: Features): Promise<Labels> {
  const texts: string[] = [];
  for (const table of tables) {
    for (const group of table.groups.keys()) {
      for (const value of await table.read(group, label)) texts.push(labelText(table.file.name, label, value));
    }
  }
  const names = classes ?? [...new Set(texts)].sort((a, b) => NATURAL_ORDER.compare(a, b));
  if (names.length < 2 || names.length > MOST_CLASSES) {
    throw new FormatError(`The column "${label}" has ${names.length} classes; 2 to ${MOST_CLASSES} can be read.`);
  }
  const index = new Map(names.map((name, i) => [classes ? String(i) : name, i]));
  const numbers = Uint16Array.from(texts, (text) => {
    const number = index.get(text);
    if (number === undefined) {
      throw new FormatError(
        `The column "${label}" holds ${text}, and there are ${names.length} classes: a row without a class cannot be read.`,
      );
    }
    return number;
  });
  return { numbers, classes: names };
}

function labelText(name: string, label: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) return String(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw new FormatError(`"${name}" has a row whose "${label}" is no class: whole numbers or names are needed in each.`);
}

function splitOf(
  tables: readonly ParquetTable[],
  trainFiles: number,
  labels: Uint16Array,
): { readonly train: readonly number[]; readonly test: readonly number[] } {
  if (trainFiles === tables.length) return stratified(labels);
  const count = tables.slice(0, trainFiles).reduce((sum, { groups }) => sum + groups.reduce((a, b) => a + b, 0), 0);
  const rows = Array.from(labels.keys());
  const [train, test] = [mixed(rows.slice(0, count)), mixed(rows.slice(count))];
  if (train.length === 0 || test.length === 0) throw new FormatError("One of the files holds no rows: leave it out.");
  return { train, test };
}

/** Images of the first group that decide what size is common. */
const LOOKED_AT = 200;

async function readImages(tables: readonly ParquetTable[], column: string, places: Uint32Array, context: ReadContext) {
  const { limits, resizing, tell } = context;
  const first = tables[0] as ParquetTable;
  const looked = first.groups.length === 0 ? [] : (await first.read(0, column)).slice(0, LOOKED_AT);
  const size = commonSize(
    looked.map((value, row) => sizeOf(rowName(first, row), imageBytes(first, row, value), limits)),
    resizing,
  );
  const writer = createImageWriter(places.length, size, context);
  let row = 0;
  for (const table of tables) {
    for (const group of table.groups.keys()) {
      const values = await table.read(group, column);
      const from = row;
      await severalAtOnce(values.length, async (i) => {
        tell({ what: "Decoding images", done: from + i, total: places.length });
        const name = rowName(table, from + i);
        const bytes = imageBytes(table, from + i, values[i]);
        checkImageBytes(name, bytes.length, limits);
        await writer.write(places[from + i] as number, name, bytes);
      });
      row += values.length;
    }
  }
  return { ...writer.finish(), size };
}

const rowName = ({ file }: ParquetTable, row: number): string => `${file.name}, row ${row + 1}`;

/** The packed image of a row: the column itself, or its part "bytes". */
function imageBytes(table: ParquetTable, row: number, value: unknown): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === "object" && value !== null && "bytes" in value ? value.bytes : value;
  if (!(bytes instanceof Uint8Array)) {
    throw new FormatError(
      `"${rowName(table, row)}" holds no image: the file only names it. Give a data set that holds its images.`,
    );
  }
  // A copy lies on a buffer of its own, whatever the library's lies on.
  return Uint8Array.from(bytes);
}
