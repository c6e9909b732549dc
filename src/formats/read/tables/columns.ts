/** What the columns of a table of numbers are, by their names and first rows. */
import { FormatError } from "../../../core/dataset";
import type { Row } from "./rows";

export interface Columns {
  /** Whether the first row holds names. */
  readonly header: boolean;
  /** Of the whole row. */
  readonly width: number;
  readonly label: { readonly place: number; readonly name: string };
  readonly features: readonly { readonly place: number; readonly name: string }[];
}

const LABEL_NAME = /^(label|labels|class|classes|target|species|category|y)$/i;
/** Numbers of rows, which would tell the class where rows are sorted by it. */
const ROW_NUMBER_NAME = /^(|id|index|unnamed: 0)$/i;

export const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** Side of square images with one or three channels that rows of so many numbers can be; null if they cannot. */
export function pixelShape(features: number): { readonly side: number; readonly channels: 1 | 3 } | null {
  for (const channels of [1, 3] as const) {
    const side = Math.sqrt(features / channels);
    if (Number.isInteger(side) && side >= LEAST_SIDE) return { side, channels };
  }
  return null;
}

/** Less is rather a table of measurements. */
const LEAST_SIDE = 8;

/** The label stands under one of its usual names; without names before pixels, else last. */
export function columnsOf(name: string, rows: readonly Row[]): Columns {
  const [first, ...others] = rows as readonly [Row, ...Row[]];
  const width = first.fields.length;
  const header =
    first.fields.some((field) => LABEL_NAME.test(field.trim())) ||
    first.fields.some((field, place) => !isNumber(field) && others.every(({ fields }) => isNumber(fields[place] ?? "")));
  const names = first.fields.map((field, place) => (header ? field.trim() : `column ${place + 1}`));
  const named = header ? names.findIndex((text) => LABEL_NAME.test(text)) : -1;
  const usual = !header && pixelShape(width - 1) ? 0 : width - 1;
  const label = named >= 0 ? named : usual;
  const features = names
    .map((text, place) => ({ place, name: text }))
    .filter(({ place, name: text }) => place !== label && !(header && ROW_NUMBER_NAME.test(text)));
  if (features.length === 0) throw new FormatError(`"${name}" has no columns besides the label "${names[label]}".`);
  return { header, width, label: { place: label, name: names[label] as string }, features };
}
