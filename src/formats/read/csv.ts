/** Texts with labels as a CSV file (RFC 4180): two columns, one of them the class. */
import { FormatError } from "../../core/dataset";
import { classificationData, type LabelledText } from "../../core/text";
import type { DataReader, InputFile } from "./reader";
import { readText } from "./text";

/** Reads one file; which column is the class, and whether the first row is a header, is guessed from the values. */
export const csv: DataReader = {
  id: "csv",
  label: "a CSV file with two columns, text and label",
  manyFiles: false,
  accepts: (files) => files.some(({ file }) => /\.(csv|tsv)(\.gz)?$/i.test(file.name)),
  read: async (files) => {
    const [only, ...more] = files as [InputFile, ...InputFile[]];
    if (more.length > 0) throw new FormatError("Labelled texts come in one file: give one .csv file, without any others.");
    const { name } = only.file;
    const texts = labelled(name, parseRows(name, await readText(only)));
    return classificationData(texts, { id: "imported", name: `${name} (from a file)` });
  },
};

const SEPARATORS = [",", ";", "\t"] as const;

/** Below this there is next to nothing to learn or to test with. */
const LEAST_TEXTS = 20;
/** More classes than that are no classes but values of some other kind. */
const MOST_CLASSES = 256;

interface Row {
  readonly fields: readonly [string, string];
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
}

/** Rows of two fields under the separator that gives the first row two. */
function parseRows(name: string, content: string): readonly Row[] {
  for (const separator of SEPARATORS) {
    const [first] = fieldsOf(name, content, separator, 1);
    if (first?.fields.length !== 2) continue;
    return fieldsOf(name, content, separator, Infinity).map(({ fields, line }) => {
      if (fields.length !== 2) {
        throw new FormatError(
          `"${name}", line ${line}: the row has ${fields.length} fields, not two. Put texts that hold the separator in quotes.`,
        );
      }
      return { fields: fields as [string, string], line };
    });
  }
  throw new FormatError(
    `"${name}" cannot be read as labelled texts: its first row does not have two fields, a text and a label.`,
  );
}

/** The first `most` rows; empty lines are none. */
function fieldsOf(
  name: string,
  content: string,
  separator: string,
  most: number,
): readonly { readonly fields: readonly string[]; readonly line: number }[] {
  const rows: { fields: string[]; line: number }[] = [];
  let [at, line] = [0, 1];
  while (at < content.length && rows.length < most) {
    const row = { fields: [] as string[], line };
    for (let ended = false; !ended;) {
      let value: string;
      if (content[at] === '"') {
        const quoted = /"((?:[^"]|"")*)"/y;
        quoted.lastIndex = at;
        const [match, inside = ""] = quoted.exec(content) ?? [];
        if (match === undefined) throw new FormatError(`"${name}", line ${row.line}: a quote is opened there and never closed.`);
        at += match.length;
        line += match.split("\n").length - 1;
        value = inside.replaceAll('""', '"');
      } else value = "";
      const begin = at;
      while (at < content.length && content[at] !== separator && content[at] !== "\n") at++;
      row.fields.push(value + content.slice(begin, at));
      ended = content[at] !== separator;
      at++;
    }
    line++;
    if (row.fields.some((field) => field.trim() !== "")) rows.push(row);
  }
  return rows;
}

/** The column with fewer different values is the class. A first row whose class no other row has is a header. */
function labelled(name: string, rows: readonly Row[]): readonly LabelledText[] {
  const different = ([0, 1] as const).map((column) => new Set(rows.map(({ fields }) => fields[column].trim())).size);
  const column = (different[0] as number) < (different[1] as number) ? 0 : 1;
  const all = rows.map(({ fields, line }) => ({ label: fields[column].trim(), text: fields[1 - column] as string, line }));
  const texts = all.slice(1).some(({ label }) => label === all[0]?.label) ? all : all.slice(1);
  if (texts.length < LEAST_TEXTS) {
    throw new FormatError(`"${name}" has ${texts.length} labelled texts, and ${LEAST_TEXTS} are needed.`);
  }
  const unlabelled = texts.find(({ label }) => label === "");
  if (unlabelled) throw new FormatError(`"${name}", line ${unlabelled.line}: the text has no label.`);
  const classes = new Set(texts.map(({ label }) => label)).size;
  if (classes < 2) throw new FormatError(`"${name}" has one class only: there is nothing to tell apart.`);
  if (classes > Math.min(MOST_CLASSES, texts.length / 2)) {
    throw new FormatError(`"${name}" has ${classes} different labels for ${texts.length} texts: neither column holds classes.`);
  }
  return texts;
}
