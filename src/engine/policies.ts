/** Policies from choices and back, with the scales that the network's weights give. */
import type { Knobs, RunConfig } from "../core/config";
import { costTotals, FLOAT_BITS, type CostTotals, type LayerBits } from "../core/cost";
import { ownerOf, type Layer } from "../core/layers";
import type { Policy, PolicyTensor } from "../core/policy";
import { competingSchemes, ROLES, siteId, siteParts, type Bits, type Choice, type Role, type SearchSpace } from "../core/search";
import type { Evaluation } from "./evaluate";
import type { Grid } from "./fixed";
import type { Ballot } from "./methods/method";
import type { ImportedInfo } from "../core/imported";
import { findQuantizer } from "./quantizers";

export interface PolicyContext {
  readonly config: RunConfig;
  /** The file that the network came from; null for a built-in one. */
  readonly network: ImportedInfo | null;
  readonly space: SearchSpace;
  /** Backend label for the record. */
  readonly backend: string;
  /** Knobs of the search that found it, if one did. */
  readonly knobs: Partial<Knobs>;
}

/** Kernels run along the output channels of a weight (OIHW) and the channels of an activation (NCHW): the order of ONNX. */
const KERNEL_AXIS: Readonly<Record<Role, number>> = { weight: 0, activation: 1 };

const FLOAT_TENSOR = {
  bits: FLOAT_BITS,
  scheme: "float",
  signed: true,
  scale: [],
  zeroPoint: 0,
  axis: null,
  rounding: "ROUND",
} as const;

/** Bits of each searched layer under the choices. */
function bitsOf(space: SearchSpace, choices: readonly Choice[]): readonly LayerBits[] {
  const chosen = new Map(choices.map((choice) => [choice.site, choice.bits]));
  const bits = (layer: Layer, role: Role): Bits => chosen.get(siteId(layer.name, role)) ?? FLOAT_BITS;
  return space.searched.map((layer) => ({ weight: bits(layer, "weight"), activation: bits(layer, "activation") }));
}

/** Totals over the searched layers. */
export const totalsOf = (space: SearchSpace, choices: readonly Choice[]): CostTotals =>
  costTotals(space.searched, bitsOf(space, choices));

/** The policy of the choices. `grids` gives each quantizer's grid by site; `ballots` what led here, if a search did. */
export function policyOf(
  { config, network, space, backend, knobs }: PolicyContext,
  choices: readonly Choice[],
  grids: ReadonlyMap<string, Grid>,
  ballots: readonly Ballot[],
): Policy {
  const chosen = new Map(choices.map((choice) => [choice.site, choice]));
  const balloted = new Map(ballots.map((ballot) => [ballot.site.id, ballot]));
  const searched = new Set(space.searched.map((layer) => layer.name));
  const tensor = (layer: Layer, role: Role): PolicyTensor => {
    // Layers that share a tensor name it alike.
    const owner = ownerOf(layer, role);
    const name = `${owner}.${role === "weight" ? "weight" : "input"}`;
    const site = siteId(layer.name, role);
    const quantized = siteId(owner, role);
    const choice = chosen.get(site);
    if (!choice || choice.scheme === "float") return { tensor: name, ...FLOAT_TENSOR, scale: [] };
    const { signed, zeroPoint, rounding } = findQuantizer(choice.scheme);
    const ballot = balloted.get(site);
    const { steps, origin } = grids.get(quantized) ?? { steps: [], origin: 0 };
    const [step = 0] = steps;
    return {
      tensor: name,
      bits: typeof choice.bits === "number" ? choice.bits : [...choice.bits],
      scheme: choice.scheme,
      signed,
      scale: [...steps],
      // A policy counts from the level of 0, wherever the scheme's first one is.
      zeroPoint: step > 0 ? zeroPoint - origin / step : zeroPoint,
      axis: typeof choice.bits === "number" ? null : KERNEL_AXIS[role],
      rounding,
      ...(ballot && {
        candidates: ballot.site.candidates.map((candidate) => candidate.bits),
        ...(competingSchemes(ballot.site.candidates) && {
          candidateSchemes: ballot.site.candidates.map((candidate) => candidate.scheme),
        }),
        probabilities: [...ballot.probabilities],
      }),
    };
  };
  const { bitOps, bitOpsFloat, averageWeightBits, averageActivationBits, weightBytes } = totalsOf(space, choices);
  return {
    format: "bitloom.policy",
    version: 1,
    model: network
      ? { name: network.name, source: network.format, sha256: network.sha256 }
      : { name: config.model, source: "built-in", width: config.width },
    method: {
      id: config.method,
      ...knobs,
      ...(Object.keys(config.options).length > 0 && { options: config.options }),
      epochs: config.epochs,
      seed: config.seed,
      backend,
      studioVersion: STUDIO_VERSION,
    },
    layers: space.layers.map((layer) => ({
      name: layer.name,
      op: layer.op === "conv" ? "Conv" : "Gemm",
      macs: layer.macs,
      weights: layer.weights,
      groups: layer.groups,
      searched: searched.has(layer.name),
      weight: tensor(layer, "weight"),
      activation: tensor(layer, "activation"),
    })),
    totals: { bitOps, bitOpsFloat, averageWeightBits, averageActivationBits, weightBytes, includes: ["searched layers"] },
  };
}

/** What a policy says of its network on the test data; `kind` is "derived" or "retrained". */
export const testAccuracy = ({ accuracy, perplexity }: Evaluation, kind: string): NonNullable<Policy["totals"]["accuracy"]> => ({
  value: accuracy,
  ...(perplexity !== null && { perplexity }),
  metric: "top1",
  split: "test",
  kind,
});

/** Kept equal to package.json by a test. */
export const STUDIO_VERSION = "0.1.0";

/** What a policy chooses for each quantized tensor. Throws a RangeError with a sentence for what no quantizer here can do. */
export function choicesOf(policy: Policy): readonly Choice[] {
  return policy.layers.flatMap((layer) =>
    ROLES.flatMap((role) => {
      const { bits, scheme } = layer[role];
      if (scheme === "float") return [];
      const { label, minBits, maxBits, roles } = findQuantizer(scheme);
      const all = typeof bits === "number" ? [bits] : bits;
      const wrong = all.find((width) => width < minBits || width > maxBits);
      if (wrong !== undefined || !roles.includes(role)) {
        throw new RangeError(`Layer "${layer.name}": the quantizer ${label} cannot give its ${role} ${wrong ?? all[0]} bits.`);
      }
      return [{ site: siteId(layer.name, role), bits, scheme }];
    }),
  );
}

/** Throws a RangeError with a sentence where a policy has another number of kernels than the network. */
export function checkKernels(choices: readonly Choice[], layers: readonly Layer[]): void {
  for (const { site, bits } of choices) {
    if (typeof bits === "number") continue;
    const { layer: name, role } = siteParts(site);
    const layer = layers.find((known) => known.name === name);
    const kernels = (role === "weight" ? layer?.output : layer?.input)?.at(-1);
    if (bits.length !== kernels) {
      throw new RangeError(
        `Layer "${name}" has ${kernels} ${role} kernels here, ${bits.length} in the policy: choose the same width.`,
      );
    }
  }
}

/** Every searched tensor at the same width, except where a convention of the method fixes it; `scheme` null takes that of its candidates. */
export function uniformChoices(
  space: SearchSpace,
  bits: Readonly<Record<Role, number>>,
  scheme: ((role: Role) => string) | null,
): readonly Choice[] {
  return space.sites.map(({ id, role, candidates, pinned }) => {
    const [first] = candidates;
    if (!first) throw new RangeError(`Site ${id} has no candidates.`);
    return { site: id, bits: pinned ? first.bits : bits[role], scheme: pinned ? first.scheme : (scheme?.(role) ?? first.scheme) };
  });
}
