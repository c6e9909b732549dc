/** The end of fracbits.trajectory/1: the search for the common offset, the whole widths, and the network that has them. */
import * as tf from "@tensorflow/tfjs-core";
import { resourceOf } from "../../core/budget";
import type { LayerBits } from "../../core/cost";
import { offsetTrials, roundWith, type RealWidths } from "../../core/rounding";
import type { Bits, Choice, Role, SearchSpace, Site } from "../../core/search";
import { fixedQuantization } from "../fixed";
import { forward } from "../forward";
import { quantizeWeight, type Rescale } from "../quantizers/dorefa";
import { wholeWidths } from "../quantizers/widths";
import { compare, type Comparison } from "./compare";
import { LAMDA, listOf, optionsOf, UNIT } from "./fracbits-published";
import type { Run } from "./fracbits-run";
import { field, tensorOf, toleranceOf, type Json } from "./read";

const EXACTLY = { abs: 0, rel: 0 };

/** Of resources: sums in float32. */
const SUMS = { abs: 0, rel: 1e-5 };

export async function checkRounding(run: Run): Promise<Comparison> {
  const { json, resource, space } = run;
  const hard = field<Json>(json, "hard");
  const comparison = compare("rounding and evaluation", EXACTLY);
  const real = await realWidths(run);
  const at = (offset: (site: Site) => number): readonly number[][] =>
    space.sites.map((site, i) => roundWith(real[i] as RealWidths, offset(site)));
  // The published trials round dense layers without the offset; what they end with rounds all layers with it.
  const trials = offsetTrials(
    (offset) => resourceOf(resource, space.searched, layerBits(at(({ layer }) => (layer.op === "dense" ? 0 : offset)))),
    run.target,
  );
  const published = field<readonly Json[]>(hard, "trials");
  const unit = UNIT[resource];
  comparison.check(
    "offsets",
    trials.map(({ offset }) => offset),
    published.map((trial) => field<number>(trial, "offset")),
  );
  comparison.check(
    "resources",
    trials.map((trial) => trial.resource / unit),
    published.map((trial) => field<number>(trial, "resource")),
    { tolerance: SUMS },
  );
  const { offset } = trials.at(-1) as (typeof trials)[number];
  const widths = at(() => offset);
  space.sites.forEach(({ pinned, layer, role, id }, i) => {
    if (!pinned) comparison.check(id, widths[i] as number[], listOf(field(hard, LAMDA[role], layer.name)));
  });
  const bytes = resourceOf("size", space.searched, layerBits(widths)) / UNIT.size;
  const bitOps = resourceOf("bitops", space.searched, publishedBits(json, space, widths)) / UNIT.bitops;
  comparison.check("bytes", [bytes], [field(hard, "bytes_1e6")], { tolerance: SUMS });
  comparison.check("BitOps", [bitOps], [field(hard, "bitops_1e9")], { tolerance: SUMS });
  tf.tidy(() => checkEvaluation(run, widths, comparison));
  return comparison;
}

/** The learned widths, site after site. */
async function realWidths({ relaxation, space }: Run): Promise<readonly RealWidths[]> {
  const read = async (role: Role): Promise<number[]> => {
    const pass = tf.tidy(() => {
      const opened = relaxation.pass(false);
      return opened.kernels(role) ?? opened.bits(role);
    });
    const values = Array.from(await pass.data());
    pass.dispose();
    return values;
  };
  const left = { weight: await read("weight"), activation: await read("activation") };
  return space.sites.map(({ role, kernels, candidates }) => ({
    widths: left[role].splice(0, kernels),
    min: candidates[0]?.bits ?? 0,
    max: candidates.at(-1)?.bits ?? 0,
  }));
}

/** Whole widths of the sites, two a layer. */
const layerBits = (widths: readonly number[][]): LayerBits[] =>
  Array.from({ length: widths.length / 2 }, (_, i) => ({ weight: bitsOf(widths[2 * i]), activation: bitsOf(widths[2 * i + 1]) }));

const bitsOf = (widths: readonly number[] = []): Bits => (widths.length === 1 ? (widths[0] as number) : widths);

/** Published BitOps count float activations at the rounded widths that nothing learns nor uses, ours at 32 bits. */
function publishedBits(json: Json, { searched, sites }: SearchSpace, widths: readonly number[][]): readonly LayerBits[] {
  const minimum = field<Readonly<Record<string, Readonly<Record<string, number>>>>>(json, "architecture", "minimum_bits");
  return layerBits(widths).map((bits, i) => {
    const name = searched[i]?.name ?? "";
    if (sites[2 * i + 1]?.candidates[0]?.scheme !== "float") return bits;
    return {
      ...bits,
      activation: Math.max(field<number[]>(json, "hard", "lamda_a", name)[0] ?? 0, minimum[name]?.["activ"] ?? 0),
    };
  });
}

/** Logits of the rounded network on the first batch, with running statistics. */
function checkEvaluation(
  { json, space, network, relaxation, batches }: Run,
  widths: readonly number[][],
  comparison: Comparison,
): void {
  const choices = space.sites.map(({ id, candidates }, i): Choice => {
    return { site: id, bits: bitsOf(widths[i]), scheme: candidates[0]?.scheme ?? "" };
  });
  const fixed = fixedQuantization(space.layers, choices, relaxation);
  const { logits } = forward(network, (batches[0] as Run["batches"][number]).x, fixed, { training: false });
  // Evaluating, published dense layers leave their weight unscaled and divide the bias by the scale instead.
  const last = space.layers.at(-1) as SearchSpace["layers"][number];
  const { rescaleTo } = optionsOf(field(json, "config", "flags"), {}, "bitops");
  const weight = network.trainable.get(`${last.name}.weight`) as tf.Variable;
  const { scale } = quantizeWeight(last, weight, wholeWidths(bitsOf(widths.at(-2))), "original", rescaleTo as Rescale);
  comparison.check("logits", tf.div(logits, scale), tensorOf(field(json, "hard", "eval_logits_batch0")).data, {
    tolerance: toleranceOf(json, "eval_logits"),
  });
  fixed.dispose();
}
