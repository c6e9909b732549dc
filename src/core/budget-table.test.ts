/** The budgets that FracBits publishes, to every printed digit, from the layer lists of the published networks. */
import { describe, expect, test } from "vitest";
import mobilenetV1 from "../../golden/costs/fracbits_mobilenet_v1.json";
import mobilenetV2 from "../../golden/costs/fracbits_mobilenet_v2.json";
import resnet18 from "../../golden/costs/fracbits_resnet18.json";
import { budgetOf, targetFor } from "./budget";
import { layersOf, type Layer } from "./layers";
import { findModel } from "./models";
import { searchSpace, type SearchSpace } from "./search";

interface Listed {
  readonly layers: readonly { readonly name: string; readonly macs: number; readonly weights: number; readonly bias: number }[];
}

const layersFrom = ({ layers }: Listed): readonly Layer[] =>
  layers.map(({ name, macs, weights, bias }, i) => ({
    ...{ name, macs, weights, biases: bias, op: "conv", kind: "", input: [], output: [], area: 1, groups: 1 },
    ...{ sizeProduct: macs, activations: 1, inputOf: name, weightOf: name, signedInput: false },
    end: i === 0 ? "first" : i === layers.length - 1 ? "last" : null,
  }));

/** First convolution W8 A8; classifier W8, its activation free; everything else free. */
const convention = (layers: readonly Layer[]): SearchSpace =>
  searchSpace(layers, {
    includeEnds: true,
    site: (role, { end }) => {
      const pinned = end === "first" || (end === "last" && role === "weight");
      const bits = pinned ? [8] : [1, 2, 3, 4, 5, 6, 7, 8];
      return { candidates: bits.map((width) => ({ bits: width, scheme: "any" })), kernels: 1, pinned };
    },
  });

interface Row {
  readonly bits: number;
  /** 1e9, to three decimals, and as published. */
  readonly bitOps: string;
  readonly published: string | null;
  /** 1e6 bytes, to three decimals, and as published. */
  readonly size: string;
  readonly publishedSize: string | null;
}

const row = (bits: number, bitOps: string, published: string | null, size: string, publishedSize: string | null): Row => ({
  bits,
  bitOps,
  published,
  size,
  publishedSize,
});

// Two digits of the golden README's table are not those of its files, which decide: it prints 4.710 for 4.70947 and, below, 9.637 for
// 9.63645. All published digits are met.
const RESNET18 = [row(4, "34.698", "34.70", "6.104", null), row(3, "22.825", "22.83", "4.709", null)];
const MOBILENET_V1 = [
  row(5, "14.657", "14.66", "3.019", null),
  row(4, "9.636", "9.64", "2.621", "2.62"),
  row(3, "5.730", "5.73", "2.223", "2.22"),
  // The published target says 1.83; the convention that gives all others gives 1.8249.
  row(2, "2.938", null, "1.825", "1.82"),
];
const MOBILENET_V2 = [row(4, "5.353", "5.35", "2.379", null), row(3, "3.322", "3.32", "2.106", "2.11")];

const built = (id: string): readonly Layer[] => layersOf(findModel(id).build({ width: 32, input: [224, 224, 3], classes: 1000 }));

describe.each([
  ["ResNet-18, listed", layersFrom(resnet18), RESNET18],
  ["MobileNet V1, listed", layersFrom(mobilenetV1), MOBILENET_V1],
  ["MobileNet V2, listed", layersFrom(mobilenetV2), MOBILENET_V2],
  ["MobileNet V1, built in", built("mobilenetv1"), MOBILENET_V1],
  ["MobileNet V2, built in", built("mobilenetv2"), MOBILENET_V2],
] as const)("%s", (_name, layers, rows) => {
  const space = convention(layers);

  test.each(rows)("$bits bits: $bitOps GBitOps, $size MB", ({ bits, bitOps, published, size, publishedSize }) => {
    const [giga, mega] = [budgetOf("bitops", space, bits) / 1e9, budgetOf("size", space, bits) / 1e6];
    expect(giga.toFixed(3)).toBe(bitOps);
    expect(mega.toFixed(3)).toBe(size);
    if (published !== null) expect(giga.toFixed(2)).toBe(published);
    if (publishedSize !== null) expect(mega.toFixed(2)).toBe(publishedSize);
  });

  test.each(rows)("the target that stands for the budget of $bits bits is $bits", ({ bits }) => {
    expect(targetFor("bitops", space, budgetOf("bitops", space, bits))).toBeCloseTo(bits, 9);
    expect(targetFor("size", space, budgetOf("size", space, bits))).toBeCloseTo(bits, 9);
  });
});
