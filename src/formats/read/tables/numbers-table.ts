/** Tables of numbers with a label: rows of measurements, or of pixels. */
import { FormatError, imageDataset, MOST_CLASSES, type Dataset } from "../../../core/dataset";
import { numbersDataset } from "../numbers";
import { pickRows, stratified, STRATIFIED_NOTE } from "../split";
import { isNumber, pixelShape, type Columns } from "./columns";
import { eachRow } from "./rows";

export interface TableFile {
  readonly name: string;
  readonly content: string;
  readonly separator: string;
}

/** Below this there is next to nothing to learn or to test with. */
const LEAST_ROWS = 20;

const NATURAL_ORDER = new Intl.Collator("en", { numeric: true });

/** Reads one table, of which a sixth of each class is then for testing, or two. `maxBytes` bounds the numbers. */
export function numbersOf(train: TableFile, test: TableFile | null, columns: Columns, maxBytes: number): Dataset {
  const files = test ? [train, test] : [train];
  const tables = files.map((file) => readTable(file, columns, maxBytes / files.length));
  const classes = classesOf(train.name, columns, tables);
  const index = new Map(classes.map((label, i) => [label, i]));
  const [whole, held] = tables.map(({ values, labels }) => ({
    values,
    labels: Uint16Array.from(labels, (label) => index.get(label) as number),
  })) as [Part, Part?];
  const name = held ? train.name : `${train.name} (${STRATIFIED_NOTE})`;
  const splits = held ? { train: whole, test: held } : splitRows(whole);
  const shape = tables.every(({ areBytes }) => areBytes) ? pixelShape(columns.features.length) : null;
  if (!shape) return numbersDataset({ name, classes, features: columns.features.map((feature) => feature.name) }, splits);
  const { side, channels } = shape;
  const about = { id: "imported", name, classes, height: side, width: side, channels, resizing: null };
  return imageDataset(about, { train: imagesOf(splits.train), test: imagesOf(splits.test) });
}

interface Part {
  readonly values: Float32Array;
  readonly labels: Uint16Array;
}

const imagesOf = ({ values, labels }: Part) => ({ images: Uint8Array.from(values), labels });

function splitRows({ values, labels }: Part): { readonly train: Part; readonly test: Part } {
  const { train, test } = stratified(labels);
  return { train: pickRows(values, labels, train), test: pickRows(values, labels, test) };
}

interface Table {
  /** [rows, features] */
  readonly values: Float32Array;
  readonly labels: readonly string[];
  /** Whether every value is a whole number from 0 to 255. */
  readonly areBytes: boolean;
}

function readTable({ name, content, separator }: TableFile, columns: Columns, maxBytes: number): Table {
  const { features, width, label } = columns;
  const labels: string[] = [];
  let values = new Float32Array(1024 * features.length);
  let areBytes = true;
  let first = columns.header;
  eachRow(name, content, separator, ({ fields, line }) => {
    if (fields.length !== width) {
      throw new FormatError(`"${name}", line ${line}: the row has ${fields.length} fields, not ${width} as the first one.`);
    }
    if (first) {
      first = false;
      return true;
    }
    const from = labels.length * features.length;
    if (from + features.length > values.length) {
      if (8 * values.length > maxBytes) {
        throw new FormatError(`"${name}" holds more than the ${maxBytes} bytes of numbers that can be held. Give fewer rows.`);
      }
      const larger = new Float32Array(2 * values.length);
      larger.set(values);
      values = larger;
    }
    features.forEach(({ place, name: feature }, i) => {
      const text = fields[place] as string;
      const value = Number(text);
      if (!isNumber(text)) {
        throw new FormatError(
          `"${name}", line ${line}: "${text.slice(0, 40)}" in the column "${feature}" is not a number. Fill it in, or leave the row or the column out.`,
        );
      }
      values[from + i] = value;
      if (areBytes && !(Number.isInteger(value) && value >= 0 && value <= 255)) areBytes = false;
    });
    const answer = (fields[label.place] as string).trim();
    if (answer === "") throw new FormatError(`"${name}", line ${line}: the row has no label in the column "${label.name}".`);
    labels.push(answer);
    return true;
  });
  if (labels.length < LEAST_ROWS) throw new FormatError(`"${name}" has ${labels.length} rows, and ${LEAST_ROWS} are needed.`);
  return { values: values.slice(0, labels.length * features.length), labels, areBytes };
}

function classesOf(name: string, { label }: Columns, tables: readonly Table[]): readonly string[] {
  const rows = tables.reduce((sum, { labels }) => sum + labels.length, 0);
  const classes = [...new Set(tables.flatMap(({ labels }) => labels))].sort((a, b) => NATURAL_ORDER.compare(a, b));
  if (classes.length < 2) {
    throw new FormatError(`"${name}" has one class only in its column "${label.name}": there is nothing to tell apart.`);
  }
  if (classes.length > Math.min(MOST_CLASSES, rows / 2)) {
    throw new FormatError(
      `"${name}" has ${classes.length} different labels for ${rows} rows in its column "${label.name}": it holds no classes. Call the column of classes "label".`,
    );
  }
  return classes;
}
