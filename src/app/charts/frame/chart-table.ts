/** What a chart shows, as a table: the CSV of its menu. */
export interface ChartTable {
  readonly columns: readonly string[];
  /** Null is an empty cell. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** RFC 4180 text: quotes where needed, lines ended by CRLF. Numbers keep all their digits. */
export function tableCsv({ columns, rows }: ChartTable): string {
  return [columns, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function cell(value: string | number | null): string {
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) return "";
  // A 32-bit number prints with the digits that it has, not with those of its 64-bit neighbour.
  if (typeof value === "number") return String(Number(value.toPrecision(9)));
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
