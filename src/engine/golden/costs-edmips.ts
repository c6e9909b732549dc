/** costs.edmips/1: the cost model on the published networks' layer lists. */
import { costTotals, complexity, type LayerBits } from "../../core/cost";
import type { Layer } from "../../core/layers";
import { compare, type CaseResult, type Comparison } from "./compare";
import { publishedLayers } from "./published-network";
import { field, type Json } from "./read";

/** float32 sums in the published code. */
const TOLERANCE = { abs: 0, rel: 1e-5 };
const EXACTLY = { abs: 0, rel: 0 };

/** Every number of the file from the layers that it lists, and again from the built-in network that it is about. */
export function checkEdmipsCosts(json: Json): Promise<readonly CaseResult[]> {
  const listed = field<readonly Json[]>(json, "layers").map(toLayer);
  const network = publishedLayers(json);
  const built = network.filter(({ end }) => end === null);
  const comparisons = [
    ...checkLayers(json, listed, ""),
    compareNetworks(json, network, listed),
    ...checkLayers(json, built, "built-in network: "),
  ];
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

/** The built-in network against the file, layer by layer. */
function compareNetworks(json: Json, network: readonly Layer[], listed: readonly Layer[]): Comparison {
  const comparison = compare("built-in network: layers", EXACTLY);
  const built = network.filter(({ end }) => end === null);
  const numbers = (layers: readonly Layer[], pick: (layer: Layer) => readonly number[]): readonly number[] =>
    layers.flatMap(pick);
  const names = listed.map(({ name }) => name.replace(/\.conv$/, ""));
  comparison.check(
    "place of each name",
    built.map(({ name }) => names.indexOf(name)),
    names.map((_, i) => i),
  );
  for (const [what, pick] of [
    ["input shapes", ({ input }: Layer) => input],
    ["output shapes", ({ output }: Layer) => output],
    ["weights", ({ weights }: Layer) => [weights]],
    ["MACs", ({ macs }: Layer) => [macs]],
    ["kernel areas", ({ area }: Layer) => [area]],
  ] as const) {
    comparison.check(what, numbers(built, pick), numbers(listed, pick));
  }
  const ends = field<readonly Json[]>(json, "uncounted_layers");
  const own = network.filter(({ end }) => end !== null);
  comparison.check(
    "first and last layer",
    own.flatMap(({ weights, biases, macs }) => [weights, biases, macs]),
    ends.flatMap((end) => [field<number>(end, "weights"), field<number>(end, "bias"), field<number>(end, "macs")]),
  );
  const total = (pick: (layer: Layer) => number): number => network.reduce((sum, layer) => sum + pick(layer), 0);
  comparison.check(
    "all layers",
    [total(({ macs }) => macs), total(({ weights }) => weights), total(({ biases }) => biases)],
    ["macs_all_layers", "weights_all_layers", "biases_all_layers"].map((name) => field<number>(json, "totals", name)),
  );
  return comparison;
}

function checkLayers(json: Json, layers: readonly Layer[], whose: string): readonly Comparison[] {
  const unit = field<number>(json, "totals", "normaliser_M");
  const uniform = (weight: number, activation: number): readonly LayerBits[] => layers.map(() => ({ weight, activation }));
  const sizeBitOps = (bits: readonly LayerBits[]): number => complexity(layers, bits) * unit;
  const comparisons: Comparison[] = [];

  const totals = compare(`${whose}${whose === "" ? "layers" : "sums"}`, TOLERANCE);
  const sum = (pick: (layer: Layer) => number): number => layers.reduce((total, layer) => total + pick(layer), 0);
  totals.check("MACs", [sum((layer) => layer.macs)], [field(json, "totals", "macs")]);
  totals.check("weights", [sum((layer) => layer.weights)], [field(json, "totals", "weights")]);
  totals.check("size product", [sum((layer) => layer.sizeProduct) / 1e6], [field(json, "totals", "size_product_M")]);
  totals.check(
    "each size product",
    layers.map((layer) => layer.sizeProduct / 1e6),
    field<readonly Json[]>(json, "layers").map((layer) => field<number>(layer, "size_product_M")),
  );
  totals.check(
    "memory of each layer",
    layers.map((layer) => layer.activations / 1e3),
    field<readonly Json[]>(json, "layers").map((layer) => field<number>(layer, "memory_size_K")),
  );
  comparisons.push(totals);

  for (const entry of field<readonly Json[]>(json, "uniform")) {
    const [weight, activation] = [field<number>(entry, "weight_bits"), field<number>(entry, "activ_bits")];
    const bits = uniform(weight, activation);
    const comparison = compare(`${whose}uniform W${weight}A${activation}`, TOLERANCE);
    comparison.check("BitOps from size products", [sizeBitOps(bits)], [field(entry, "bitops_M_size_product")]);
    const ours = costTotals(layers, bits);
    comparison.check("BitOps", [ours.bitOps / 1e6], [field(entry, "bitops_M_macs")]);
    comparison.check("bits of the weights", [(ours.weightBytes * 8) / 1e6], [field(entry, "weight_Mbit")]);
    const activations = sum((layer) => layer.activations) * activation;
    comparison.check("bits of the activations", [activations / 1e3], [field(entry, "activ_Kbit")]);
    comparisons.push(comparison);
  }

  for (const name of ["published_policy", "random_policy"]) {
    const entry = field<Json>(json, name);
    const activation = field<number[]>(entry, "activ_bits");
    const bits = field<number[]>(entry, "weight_bits").map((weight, i) => ({ weight, activation: activation[i] as number }));
    const comparison = compare(`${whose}${name.replace("_", " ")}`, TOLERANCE);
    const ours = costTotals(layers, bits);
    comparison.check("BitOps from size products", [sizeBitOps(bits)], [field(entry, "bitops_M_size_product")]);
    comparison.check("BitOps", [ours.bitOps / 1e6], [field(entry, "bitops_M_macs")]);
    comparison.check("bit from MACs", [ours.averageBits], [field(entry, "normalised_bit_from_macs")]);
    comparison.check(
      "bit",
      [Math.sqrt(sizeBitOps(bits) / (sum((layer) => layer.sizeProduct) / 1e6))],
      [field(entry, "normalised_bit")],
    );
    comparison.check("average activation bits", [ours.averageActivationBits], [field(entry, "average_activ_bits")]);
    comparison.check("average weight bits", [ours.averageWeightBits], [field(entry, "average_weight_bits")]);
    comparisons.push(comparison);
  }

  const initial = compare(`${whose}initial probabilities`, TOLERANCE);
  const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
  const expected = uniform(
    mean(field(json, "initial_alpha", "candidates", "weight")),
    mean(field(json, "initial_alpha", "candidates", "activ")),
  );
  initial.check("complexity", [complexity(layers, expected)], [field(json, "initial_alpha", "complexity_loss")]);
  initial.check("expected BitOps", [sizeBitOps(expected)], [field(json, "initial_alpha", "expected_bitops_M")]);
  comparisons.push(initial);
  return comparisons;
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
