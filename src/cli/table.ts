/** Plain text in aligned columns; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const numeric = header.map((_, column) => rows.every((row) => /^[-+\d.,e%x ]*[kMGT]?$/.test(row[column] ?? "")));
  return all
    .map((row) =>
      widths
        .map((width, column) => {
          const text = row[column] ?? "";
          return numeric[column] ? text.padStart(width) : text.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
