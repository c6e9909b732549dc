/** Comma-separated values as RFC 4180 describes them. */

/** One cell: text, a number in full precision, a flag as true or false; null for an empty cell. */
export type Cell = string | number | boolean | null;

/** Rows as CSV text: CRLF after every row, quotes only where a cell holds a comma, a quote or a line break. */
export const formatCsv = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(formatCell).join(",")}\r\n`).join("");

function formatCell(cell: Cell): string {
  const text = cell === null ? "" : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
