/** The cost model against numbers computed with EdMIPS's published code for the networks of the paper. */
import { describe, expect, test } from "vitest";
import googlenet from "../../golden/costs/edmips_googlenet.json";
import inceptionV3 from "../../golden/costs/edmips_inception_v3.json";
import resnet18 from "../../golden/costs/edmips_resnet18.json";
import resnet50 from "../../golden/costs/edmips_resnet50.json";
import { complexity, costTotals, layerBitOps, type LayerBits } from "./cost";
import type { Layer } from "./layers";

/** Relative; the golden sums were computed in float32. */
const TOLERANCE = 1e-5;

const near = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(TOLERANCE * Math.abs(expected));
};

describe.each([resnet18, resnet50, googlenet, inceptionV3])("$network", (golden) => {
  const layers: readonly Layer[] = golden.layers.map((layer) => {
    const [height, width] = layer.input_hw as [number, number];
    const [outHeight, outWidth] = layer.output_hw as [number, number];
    return {
      name: layer.name,
      op: "conv",
      inputOf: layer.name,
      weightOf: layer.name,
      kind: layer.kernel.join("x"),
      input: [height, width, layer.in_channels],
      output: [outHeight, outWidth, layer.out_channels],
      weights: layer.weights,
      biases: 0,
      macs: layer.macs,
      sizeProduct: layer.size_product_M * 1e6,
      activations: layer.in_channels * height * width,
      groups: 1,
      area: (layer.kernel[0] as number) * (layer.kernel[1] as number),
      end: null,
      signedInput: false,
    };
  });
  /** What the size product of the first searched layer is worth in BitOps at 1 x 1 bits. */
  const unit = golden.totals.normaliser_M * 1e6;
  const bitsOf = (policy: { readonly weight_bits: readonly number[]; readonly activ_bits: readonly number[] }): LayerBits[] =>
    policy.weight_bits.map((weight, i) => ({ weight, activation: policy.activ_bits[i]! }));
  const everywhere = (weight: number, activation: number): LayerBits[] => layers.map(() => ({ weight, activation }));

  test("MACs and weights add up exactly", () => {
    expect(layers).toHaveLength(golden.totals.searched_layers);
    const totals = costTotals(layers, everywhere(1, 1));
    expect(totals.bitOps).toBe(golden.totals.macs);
    expect(totals.bitOpsFloat).toBe(golden.totals.macs * 1024);
    expect(totals.weightBytes * 8).toBe(golden.totals.weights);
    near(
      layers.reduce((sum, { activations }) => sum + activations, 0),
      golden.totals.memory_size_K * 1e3,
    );
  });

  test("uniform networks cost the published BitOps", () => {
    expect(golden.uniform.length).toBeGreaterThan(0);
    for (const row of golden.uniform) {
      const bits = everywhere(row.weight_bits, row.activ_bits);
      const totals = costTotals(layers, bits);
      near(totals.bitOps, row.bitops_M_macs * 1e6);
      near(totals.weightBytes * 8, row.weight_Mbit * 1e6);
      near(totals.averageBits, Math.sqrt(row.weight_bits * row.activ_bits));
      near(complexity(layers, bits) * unit, row.bitops_M_size_product * 1e6);
    }
  });

  test.each(["published_policy", "random_policy"] as const)("%s: BitOps, average bits and EdMIPS's bit", (name) => {
    const policy = golden[name];
    const bits = bitsOf(policy);
    const totals = costTotals(layers, bits);
    near(totals.bitOps, policy.bitops_M_macs * 1e6);
    near(totals.averageBits, policy.normalised_bit_from_macs);
    near(totals.averageWeightBits, policy.average_weight_bits);
    near(totals.averageActivationBits, policy.average_activ_bits);
    near(complexity(layers, bits) * unit, policy.bitops_M_size_product * 1e6);
    near(Math.sqrt(complexity(layers, bits) / complexity(layers, everywhere(1, 1))), policy.normalised_bit);
    near(
      layers.reduce((sum, layer, i) => sum + layerBitOps(layer, bits[i]!), 0),
      totals.bitOps,
    );
  });

  test("the published policy has the bit that the paper prints, to three digits", () => {
    const bits = bitsOf(golden.published_policy);
    const bit = Math.sqrt(complexity(layers, bits) / complexity(layers, everywhere(1, 1)));
    expect(Math.abs(bit - golden.published_policy.published_bit)).toBeLessThan(0.0006);
  });

  test("a search starts at the complexity of its mean bits", () => {
    const mean = (bits: readonly number[]): number => bits.reduce((sum, b) => sum + b, 0) / bits.length;
    const { weight, activ } = golden.initial_alpha.candidates;
    near(complexity(layers, everywhere(mean(weight), mean(activ))), golden.initial_alpha.complexity_loss);
  });
});

test("a policy at 32 bits costs what the float network costs", () => {
  const layer = resnet18.layers[0]! as unknown as Layer;
  const totals = costTotals([{ ...layer, activations: 1 }], [{ weight: 32, activation: 32 }]);
  expect(totals.bitOps).toBe(totals.bitOpsFloat);
});
