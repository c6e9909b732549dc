/** CSV and TSV files: two columns of texts and labels, or numbers with a label. */
import { FormatError } from "../../../core/dataset";
import type { DataReader, InputFile } from "../reader";
import { readText } from "../text";
import { columnsOf, isNumber } from "./columns";
import { numbersOf, type TableFile } from "./numbers-table";
import { firstRows, separatorOf, type Row } from "./rows";
import { textsOf } from "./texts";

/** Decides by the first rows what a table is. */
export const csv: DataReader = {
  id: "csv",
  label: "a CSV file of numbers or texts with labels",
  manyFiles: false,
  names: /\.(csv|tsv)(\.gz)?$/i,
  recognises: () => false,
  read: async (files, { limits }) => {
    const { train, test } = await open(files);
    const rows = firstRows(train.content, train.separator, LOOKED_AT);
    const width = rows[0]?.fields.length ?? 0;
    if (width < 2) {
      throw new FormatError(
        `"${train.name}" cannot be read as a table: its first row does not have two fields, a text and a label, or more, numbers and a label.`,
      );
    }
    if (width === 2 && !rows.slice(1).every(areNumbers)) {
      if (test) throw new FormatError("Labelled texts come in one file: give one .csv file, without any others.");
      return textsOf(train.name, train.content, train.separator);
    }
    return numbersOf(train, test, columnsOf(train.name, rows), limits.datasetBytes);
  },
};

/** Rows that are looked at to tell names from values. */
const LOOKED_AT = 100;

/** MNIST has 110 MB as a table. */
const MAX_TABLE_BYTES = 2 ** 27;

const areNumbers = ({ fields }: Row): boolean => fields.every(isNumber);

async function open(files: readonly InputFile[]): Promise<{ readonly train: TableFile; readonly test: TableFile | null }> {
  const tables: TableFile[] = [];
  for (const file of files.slice(0, 2)) {
    const content = await readText(file, MAX_TABLE_BYTES);
    tables.push({ name: file.file.name, content, separator: separatorOf(content) });
  }
  const [first, second] = tables as [TableFile, TableFile?];
  if (!second) return { train: first, test: null };
  const isTest = ({ name }: TableFile): boolean => /test|valid/i.test(name);
  if (files.length > 2 || isTest(first) === isTest(second)) {
    throw new FormatError('Give one table, or two with "train" and "test" in their names.');
  }
  return isTest(first) ? { train: second, test: first } : { train: first, test: second };
}
