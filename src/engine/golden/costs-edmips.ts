/** costs.edmips/1: the cost model on the published networks' layer lists. */
import { costTotals, complexity, type LayerBits } from "../../core/cost";
import type { Layer } from "../../core/layers";
import { compare, type CaseResult, type Comparison } from "./compare";
import { field, type Json } from "./read";

/** float32 sums in the published code. */
const TOLERANCE = { abs: 0, rel: 1e-5 };

export function checkEdmipsCosts(json: Json): Promise<readonly CaseResult[]> {
  const layers = field<readonly Json[]>(json, "layers").map(toLayer);
  const unit = field<number>(json, "totals", "normaliser_M");
  const uniform = (weight: number, activation: number): readonly LayerBits[] => layers.map(() => ({ weight, activation }));
  const sizeBitOps = (bits: readonly LayerBits[]): number => complexity(layers, bits) * unit;
  const comparisons: Comparison[] = [];

  const totals = compare("layers", TOLERANCE);
  const sum = (pick: (layer: Layer) => number): number => layers.reduce((total, layer) => total + pick(layer), 0);
  totals.check("MACs", [sum((layer) => layer.macs)], [field(json, "totals", "macs")]);
  totals.check("weights", [sum((layer) => layer.weights)], [field(json, "totals", "weights")]);
  totals.check("size product", [sum((layer) => layer.sizeProduct) / 1e6], [field(json, "totals", "size_product_M")]);
  totals.check(
    "each size product",
    layers.map((layer) => layer.sizeProduct / 1e6),
    field<readonly Json[]>(json, "layers").map((layer) => field<number>(layer, "size_product_M")),
  );
  comparisons.push(totals);

  for (const entry of field<readonly Json[]>(json, "uniform")) {
    const [weight, activation] = [field<number>(entry, "weight_bits"), field<number>(entry, "activ_bits")];
    const bits = uniform(weight, activation);
    const comparison = compare(`uniform W${weight}A${activation}`, TOLERANCE);
    comparison.check("BitOps from size products", [sizeBitOps(bits)], [field(entry, "bitops_M_size_product")]);
    comparison.check("BitOps", [costTotals(layers, bits).bitOps / 1e6], [field(entry, "bitops_M_macs")]);
    comparisons.push(comparison);
  }

  for (const name of ["published_policy", "random_policy"]) {
    const entry = field<Json>(json, name);
    const activation = field<number[]>(entry, "activ_bits");
    const bits = field<number[]>(entry, "weight_bits").map((weight, i) => ({ weight, activation: activation[i] as number }));
    const comparison = compare(name.replace("_", " "), TOLERANCE);
    const ours = costTotals(layers, bits);
    comparison.check("BitOps from size products", [sizeBitOps(bits)], [field(entry, "bitops_M_size_product")]);
    comparison.check("BitOps", [ours.bitOps / 1e6], [field(entry, "bitops_M_macs")]);
    comparison.check("bit from MACs", [ours.averageBits], [field(entry, "normalised_bit_from_macs")]);
    comparison.check(
      "bit",
      [Math.sqrt(sizeBitOps(bits) / (sum((layer) => layer.sizeProduct) / 1e6))],
      [field(entry, "normalised_bit")],
    );
    comparison.check("average weight bits", [ours.averageWeightBits], [field(entry, "average_weight_bits")]);
    comparisons.push(comparison);
  }

  const initial = compare("initial probabilities", TOLERANCE);
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
  const expected = uniform(
    mean(field(json, "initial_alpha", "candidates", "weight")),
    mean(field(json, "initial_alpha", "candidates", "activ")),
  );
  initial.check("complexity", [complexity(layers, expected)], [field(json, "initial_alpha", "complexity_loss")]);
  initial.check("expected BitOps", [sizeBitOps(expected)], [field(json, "initial_alpha", "expected_bitops_M")]);
  comparisons.push(initial);
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

/** Rebuilt from the geometry, so that MACs and size products are our own arithmetic. */
function toLayer(json: Json): Layer {
  const [kh, kw] = field<[number, number]>(json, "kernel");
  const [sh, sw] = field<[number, number]>(json, "stride");
  const [ih, iw] = field<[number, number]>(json, "input_hw");
  const [oh, ow] = field<[number, number]>(json, "output_hw");
  const [inputs, outputs] = [field<number>(json, "in_channels"), field<number>(json, "out_channels")];
  const weights = kh * kw * inputs * outputs;
  return {
    name: field(json, "name"),
    op: "conv",
    kind: `${kh}x${kw}`,
    input: [ih, iw, inputs],
    output: [oh, ow, outputs],
    weights,
    biases: 0,
    macs: weights * oh * ow,
    sizeProduct: (weights * ih * iw) / (sh * sw),
    activations: ih * iw * inputs,
    inputOf: field(json, "name"),
    weightOf: field(json, "name"),
    groups: 1,
    area: kh * kw,
    end: null,
    signedInput: false,
  };
}
