/** Texts with labels as a table of two columns, one of them the class. */
import { FormatError, type Dataset } from "../../../core/dataset";
import { classificationData, type LabelledText } from "../../../core/text";
import { eachRow } from "./rows";

/** Below this there is next to nothing to learn or to test with. */
const LEAST_TEXTS = 20;
/** More classes than that are no classes but values of some other kind. */
const MOST_CLASSES = 256;

interface TextRow {
  readonly fields: readonly [string, string];
  readonly line: number;
}

/** Which column is the class, and whether the first row is a header, is guessed from the values. */
export function textsOf(name: string, content: string, separator: string): Dataset {
  const rows: TextRow[] = [];
  eachRow(name, content, separator, ({ fields, line }) => {
    const [first, second, ...more] = fields;
    if (first === undefined || second === undefined || more.length > 0) {
      throw new FormatError(
        `"${name}", line ${line}: the row has ${fields.length} fields, not two. Put texts that hold the separator in quotes.`,
      );
    }
    rows.push({ fields: [first, second], line });
    return true;
  });
  return classificationData(labelled(name, rows), { id: "imported", name: `${name} (from a file)` });
}

/** The column with fewer different values is the class. A first row whose class no other row has is a header. */
function labelled(name: string, rows: readonly TextRow[]): readonly LabelledText[] {
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
