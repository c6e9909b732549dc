import { expect, it } from "vitest";
import { tableCsv } from "./chart-table";

it("writes a header, one line a row and nothing for what is unknown", () => {
  const table = {
    columns: ["step", "loss"],
    rows: [
      [1, 0.5],
      [2, null],
      [3, NaN],
    ],
  };
  expect(tableCsv(table)).toBe("step,loss\r\n1,0.5\r\n2,\r\n3,\r\n");
});

it("quotes commas, quotes and line breaks", () => {
  expect(tableCsv({ columns: ['a "b"', "c,d"], rows: [["e\nf", "g"]] })).toBe('"a ""b""","c,d"\r\n"e\nf",g\r\n');
});

it("prints a 32-bit probability with its own digits", () => {
  expect(tableCsv({ columns: ["p"], rows: [[Math.fround(0.1)]] })).toBe("p\r\n0.100000001\r\n");
});
