/** Rows of a CSV file (RFC 4180), by papaparse. */
import Papa from "papaparse";
import { FormatError } from "../../../core/dataset";

export interface Row {
  readonly fields: readonly string[];
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
}

const SEPARATORS = [",", ";", "\t"] as const;

/** Characters that are looked at to find out what a table holds. */
const PREVIEW = 2 ** 20;

/** The separator that gives the first row two fields, or else the most. */
export function separatorOf(content: string): string {
  const widths = SEPARATORS.map((separator) => ({ separator, width: firstRows(content, separator, 1)[0]?.fields.length ?? 0 }));
  const two = widths.find(({ width }) => width === 2);
  return (two ?? widths.reduce((best, other) => (other.width > best.width ? other : best))).separator;
}

/** Up to `most` rows of the beginning. */
export function firstRows(content: string, separator: string, most: number): readonly Row[] {
  const rows: Row[] = [];
  const start = content.length > PREVIEW ? content.slice(0, content.lastIndexOf("\n", PREVIEW)) : content;
  // A field in quotes may be cut: no name, no complaint.
  eachRow(null, start, separator, (row) => {
    rows.push(row);
    return rows.length < most;
  });
  return rows;
}

/** Hands out the rows one after another without the empty ones, until `visit` returns false. Lines end with "\n". `name` is for complaints. */
export function eachRow(name: string | null, content: string, separator: string, visit: (row: Row) => boolean): void {
  let line = 1;
  // The library parses what is left of the file even after it was stopped.
  let stopped = false;
  Papa.parse<readonly string[]>(content, {
    delimiter: separator,
    newline: "\n",
    step: ({ data: fields, errors }, parser) => {
      if (stopped) return;
      const row = { fields, line };
      if (errors.some(({ code }) => code === "MissingQuotes") && name !== null) {
        throw new FormatError(`"${name}", line ${line}: a quote is opened there and never closed.`);
      }
      line += 1 + fields.reduce((ends, field) => ends + (field.includes("\n") ? field.split("\n").length - 1 : 0), 0);
      if (!fields.some((field) => field.trim() !== "") || visit(row)) return;
      stopped = true;
      parser.abort();
    },
  });
}
