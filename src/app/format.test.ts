import { describe, expect, it } from "vitest";
import { bits, bytes, compact, count, duration, factor, knob, loss, NO_NUMBER, percent, quality } from "./format";

/** No-break spaces are what the page needs, plain ones what a test can read. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

it("says perplexity and accuracy of a language model, and accuracy of any other network", () => {
  expect(plain(quality({ accuracy: 0.512, perplexity: 5.2345 }))).toBe("perplexity 5.23, 51.2 %");
  expect(plain(quality({ accuracy: 0.512, perplexity: null }))).toBe("51.2 %");
});

describe("compact", () => {
  it("prints three significant digits with a prefix", () => {
    expect([1, 12, 999, 1000, 4_718_592, 47_185_920, 471_859_200, 1.2e9].map((value) => plain(compact(value)))).toEqual([
      "1",
      "12",
      "999",
      "1.00 k",
      "4.72 M",
      "47.2 M",
      "472 M",
      "1.20 G",
    ]);
  });
  it("puts the unit behind the prefix", () => {
    expect(plain(compact(4_718_592, "MACs"))).toBe("4.72 M MACs");
    expect(plain(compact(12, "BitOps"))).toBe("12 BitOps");
  });
  it("rounds up into the next prefix instead of printing 1000", () => {
    expect(plain(compact(999_999))).toBe("1.00 M");
    expect(plain(compact(999.7))).toBe("1.00 k");
  });
  it("never prints NaN", () => {
    expect([compact(NaN), percent(NaN), bits(NaN), knob(NaN), loss(NaN), duration(NaN), factor(Infinity)]).toEqual(
      Array(7).fill(NO_NUMBER),
    );
  });
});

it("prints bytes in decimal units", () => {
  expect([980, 9_876, 1_240_000].map((value) => plain(bytes(value)))).toEqual(["980 B", "9.88 kB", "1.24 MB"]);
});

it("prints shares, bits, factors and losses with fixed decimals", () => {
  expect([percent(0.1239), bits(2.4), bits(3, 0), factor(31.24), loss(1.2)].map(plain)).toEqual([
    "12.4 %",
    "2.40",
    "3",
    "31.2\u00d7",
    "1.200",
  ]);
});

it("prints durations with two-digit seconds", () => {
  expect([23, 59.6, 725, 3723].map(duration)).toEqual(["0:23", "1:00", "12:05", "1:02:03"]);
});

it("prints small knobs in exponents and large ones plainly", () => {
  expect([5e-4, 1e-6, 0.1, 1, 0].map(knob)).toEqual(["5e-4", "1e-6", "0.1", "1", "0"]);
});

it("groups the thousands of whole numbers", () => {
  expect([312, 1250, 1_250_000].map((value) => plain(count(value)))).toEqual(["312", "1 250", "1 250 000"]);
});
