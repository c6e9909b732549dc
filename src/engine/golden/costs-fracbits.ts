/** costs.fracbits/1: the cost model and the budgets on the published networks' layer lists. */
import * as tf from "@tensorflow/tfjs-core";
import { budgetOf, resourceOf, RESOURCES, uniformBits } from "../../core/budget";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../core/config";
import { layerBitOps, type LayerBits } from "../../core/cost";
import { padded } from "../../core/graph";
import { layersOf, type Layer } from "../../core/layers";
import { ROLES, searchSpace, type Role, type SearchSpace } from "../../core/search";
import { fracbits } from "../methods/fracbits";
import { compare, type CaseResult, type Comparison } from "./compare";
import { checkTarget } from "./costs-fracbits-targets";
import { openPublished, setWidths, UNIT } from "./fracbits-published";
import { oneLayerGraph } from "./one-layer";
import { publishedLayers } from "./published-network";
import { field, type Json } from "./read";

/** float32 sums in the published code. */
const TOLERANCE = { abs: 0, rel: 1e-5 };
const EXACTLY = { abs: 0, rel: 0 };

const BITS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Every number of the file from the layers that it lists, and again from the built-in network that it is about. */
export function checkFracBitsCosts(json: Json): Promise<readonly CaseResult[]> {
  const listed = layersFrom(json);
  const built = publishedLayers(json);
  const shapes = (layers: readonly Layer[]): readonly number[] =>
    layers.flatMap(({ input, output, groups, area }) => [...input, ...output, groups, area]);
  const same = compare("built-in network: shapes", EXACTLY);
  same.check("shapes, groups and kernel areas", shapes(built), shapes(listed));
  // The file's names are those of another program's modules; the order is the same.
  const renamed = built.map((layer, i) => ({
    ...layer,
    name: listed[i]?.name ?? layer.name,
    inputOf: listed[i]?.name ?? layer.name,
    weightOf: listed[i]?.name ?? layer.name,
  }));
  return Promise.all(
    [...checkTable(json, listed, ""), same, ...checkTable(json, renamed, "built-in network: ")].map((comparison) =>
      comparison.result(),
    ),
  );
}

function checkTable(json: Json, layers: readonly Layer[], whose: string): readonly Comparison[] {
  const space = searchSpace(layers, {
    includeEnds: true,
    // The convention that reproduces the published budgets is the method's own.
    site: fracbits.site({ ...DEFAULT_CONFIG, options: {}, weightBits: BITS, activationBits: BITS }),
  });
  return [
    checkLayers(`${whose}layers`, json, space),
    ...field<readonly Json[]>(json, "uniform").map((entry) => checkUniform(whose, entry, space)),
    ...field<readonly Json[]>(json, "fractional").map((entry) => checkFractional(whose, entry, space)),
    checkPolicy(`${whose}kernel-wise policy`, field(json, "kernelwise_policy"), space),
    checkPolicy(`${whose}layer-wise policy`, field(json, "layerwise_policy"), space),
    ...field<readonly Json[]>(json, "published_targets").map((entry) => checkTarget(whose, entry, space)),
  ];
}

/** Rebuilt from the geometry, so that MACs and weights are our own arithmetic. */
function layersFrom(json: Json): readonly Layer[] {
  const entries = field<readonly Json[]>(json, "layers");
  return entries.map((entry, i) => {
    const bias = field<number>(entry, "bias") > 0;
    const graph =
      field<string>(entry, "kind") === "linear"
        ? oneLayerGraph([field(entry, "in_features")], { op: "dense", units: field(entry, "out_features"), bias })
        : oneLayerGraph([...field<number[]>(entry, "input_hw"), field(entry, "in_channels")], {
            op: "conv",
            filters: field(entry, "out_channels"),
            kernel: field(entry, "kernel"),
            stride: field(entry, "stride"),
            padding: padded((field<number[]>(entry, "kernel")[0] as number) >> 1),
            dilation: [1, 1],
            groups: field(entry, "groups"),
            bias,
          });
    const [layer] = layersOf(graph);
    const name = field<string>(entry, "name");
    return {
      ...(layer as Layer),
      name,
      inputOf: name,
      weightOf: name,
      end: i === 0 ? "first" : i === entries.length - 1 ? "last" : null,
    };
  });
}

function checkLayers(name: string, json: Json, { layers }: SearchSpace): Comparison {
  const comparison = compare(name, EXACTLY);
  const all = (pick: (layer: Layer) => number): readonly number[] => layers.map(pick);
  const golden = (name: string): readonly number[] => field<readonly Json[]>(json, "layers").map((layer) => field(layer, name));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  comparison.check(
    "MACs",
    all(({ macs }) => macs),
    golden("macs"),
  );
  comparison.check(
    "weights",
    all(({ weights }) => weights),
    golden("weights"),
  );
  comparison.check(
    "biases",
    all(({ biases }) => biases),
    golden("bias"),
  );
  comparison.check("total MACs", [sum(all(({ macs }) => macs))], [field(json, "totals", "macs")]);
  comparison.check("total weights", [sum(all(({ weights }) => weights))], [field(json, "totals", "weights")]);
  return comparison;
}

function checkUniform(whose: string, entry: Json, space: SearchSpace): Comparison {
  const bits = field<number>(entry, "bits");
  const comparison = compare(`${whose}uniform ${bits} bits`, TOLERANCE);
  const all = uniformBits(space, bits);
  const bytes = (layer: Layer, i: number): number => resourceOf("size", [layer], [all[i] as LayerBits]) / UNIT.size;
  comparison.check("BitOps", [budgetOf("bitops", space, bits) / UNIT.bitops], [field(entry, "bitops_1e9")]);
  comparison.check("bytes", [budgetOf("size", space, bits) / UNIT.size], [field(entry, "bytes_1e6")]);
  comparison.check("BitOps of layers", bitOpsOfLayers(space, all), field(entry, "layer_bitops_1e9"));
  comparison.check("bytes of layers", space.layers.map(bytes), field(entry, "layer_bytes_1e6"));
  checkLosses(comparison, entry, space, { weight: bits, activation: bits });
  return comparison;
}

function checkFractional(whose: string, entry: Json, space: SearchSpace): Comparison {
  const bits = { weight: field<number>(entry, "lamda_w"), activation: field<number>(entry, "lamda_a") };
  const comparison = compare(`${whose}W${bits.weight} A${bits.activation}`, TOLERANCE);
  checkLosses(comparison, entry, space, bits);
  return comparison;
}

/** The resources as the search's loss has them, with the same real width wherever it is free. */
function checkLosses(comparison: Comparison, entry: Json, space: SearchSpace, bits: Readonly<Record<Role, number>>): void {
  const biases = space.layers.map(() => ({ weight: 0, activation: 0 }));
  tf.tidy(() => {
    for (const [resource, name] of [
      ["bitops", "comp_cost_loss_1e9"],
      ["size", "model_size_loss_1e6"],
    ] as const) {
      const relaxation = openPublished(space, { resource });
      for (const role of ROLES) {
        const count = space.sites.filter((site) => site.role === role && !site.pinned).length;
        setWidths(relaxation, role, Array<number>(count).fill(bits[role]));
      }
      const [meter] = relaxation.pass(false).meters(DEFAULT_KNOBS);
      const factor = RESOURCES[resource].divisor / UNIT[resource];
      const fixed = resource === "size" ? resourceOf("size", space.layers, biases) / UNIT.size : 0;
      comparison.check(name, tf.add(tf.mul(meter as tf.Tensor, factor), fixed), [field(entry, name)]);
      relaxation.dispose();
    }
  });
}

/** A policy for each layer: [weight bits, activation bits], or weight bits that repeat over the kernels. */
function checkPolicy(name: string, entry: Json, space: SearchSpace): Comparison {
  const comparison = compare(name, TOLERANCE);
  const bits = space.layers.map((layer, i): LayerBits => {
    const policy = field<readonly number[] | Json>(entry, "layers", layer.name);
    // The minimum bits of the file are what the method pins.
    const [weightMinimum, activationMinimum] = space.sites
      .slice(2 * i, 2 * i + 2)
      .map(({ pinned, candidates }) => (pinned ? (candidates[0]?.bits ?? 0) : 0)) as [number, number];
    if (Array.isArray(policy)) {
      const [weight, activation] = policy as [number, number];
      return { weight: Math.max(weight, weightMinimum), activation: Math.max(activation, activationMinimum) };
    }
    const period = field<number[]>(policy, "weight_bits_period");
    const kernels = Array.from({ length: layer.output.at(-1) as number }, (_, k) => period[k % period.length] as number);
    return {
      weight: kernels.map((width) => Math.max(width, weightMinimum)),
      activation: Math.max(field(policy, "activ_bits"), activationMinimum),
    };
  });
  comparison.check("BitOps", [resourceOf("bitops", space.layers, bits) / UNIT.bitops], [field(entry, "bitops_1e9")]);
  comparison.check("bytes", [resourceOf("size", space.layers, bits) / UNIT.size], [field(entry, "bytes_1e6")]);
  if (entry["layer_bitops_1e9"])
    comparison.check("BitOps of layers", bitOpsOfLayers(space, bits), field(entry, "layer_bitops_1e9"));
  return comparison;
}

const bitOpsOfLayers = ({ layers }: SearchSpace, bits: readonly LayerBits[]): readonly number[] =>
  layers.map((layer, i) => layerBitOps(layer, bits[i] as LayerBits) / UNIT.bitops);
