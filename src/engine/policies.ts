/** Policies from choices and back, with the scales that the network's weights give. */
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../core/config";
import { costTotals, FLOAT_BITS, type CostTotals, type LayerBits } from "../core/cost";
import type { Layer } from "../core/layers";
import type { Policy, PolicyTensor } from "../core/policy";
import { ROLES, type Choice, type Role, type SearchSpace } from "../core/search";
import { weightScale } from "./kernels/ops";
import type { Ballot } from "./methods/method";
import { findQuantizer, gridOf } from "./quantizers";

export interface PolicyContext {
  readonly config: RunConfig;
  readonly space: SearchSpace;
  /** Backend label for the record. */
  readonly backend: string;
  readonly lambda: number | null;
}

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
  const bits = (layer: Layer, role: Role): number => chosen.get(`${layer.name}/${role}`) ?? FLOAT_BITS;
  return space.searched.map((layer) => ({ weight: bits(layer, "weight"), activation: bits(layer, "activation") }));
}

/** Totals over the searched layers. */
export const totalsOf = (space: SearchSpace, choices: readonly Choice[]): CostTotals =>
  costTotals(space.searched, bitsOf(space, choices));

/**
 * The policy of the choices. `scales` gives each weight's standard deviation by layer name; `ballots` the probabilities that led
 * here, if a search did.
 */
export function policyOf(
  { config, space, backend, lambda }: PolicyContext,
  choices: readonly Choice[],
  scales: ReadonlyMap<string, number>,
  ballots: readonly Ballot[],
): Policy {
  const chosen = new Map(choices.map((choice) => [choice.site, choice]));
  const balloted = new Map(ballots.map((ballot) => [ballot.site.id, ballot]));
  const searched = new Set(space.searched.map((layer) => layer.name));
  const tensor = (layer: Layer, role: Role): PolicyTensor => {
    const name = role === "weight" ? `${layer.name}.weight` : `${layer.name}.input`;
    const site = `${layer.name}/${role}`;
    const choice = chosen.get(site);
    if (!choice) return { tensor: name, ...FLOAT_TENSOR, scale: [] };
    const quantizer = findQuantizer(choice.scheme);
    const scale = role === "weight" ? scales.get(layer.name) : 1;
    const ballot = balloted.get(site);
    return {
      tensor: name,
      bits: choice.bits,
      scheme: choice.scheme,
      signed: quantizer.signed,
      scale: scale === undefined ? [] : [quantizer.row(choice.bits).step * scale],
      zeroPoint: quantizer.zeroPoint,
      axis: null,
      rounding: "ROUND",
      ...(ballot && {
        candidates: ballot.site.candidates.map((candidate) => candidate.bits),
        probabilities: [...ballot.probabilities],
      }),
    };
  };
  const { bitOps, bitOpsFloat, averageWeightBits, averageActivationBits, weightBytes } = totalsOf(space, choices);
  return {
    format: "bitloom.policy",
    version: 1,
    model: { name: config.model, source: "built-in", width: config.width },
    method: {
      id: config.method,
      ...(lambda !== null && { lambda }),
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
      searched: searched.has(layer.name),
      weight: tensor(layer, "weight"),
      activation: tensor(layer, "activation"),
    })),
    totals: { bitOps, bitOpsFloat, averageWeightBits, averageActivationBits, weightBytes, includes: ["searched layers"] },
  };
}

/** Kept equal to package.json by a test. */
export const STUDIO_VERSION = "0.1.0";

/** What a policy chooses for each quantized tensor. Throws a RangeError with a sentence for what no quantizer here can do. */
export function choicesOf(policy: Policy): readonly Choice[] {
  return policy.layers.flatMap((layer) =>
    ROLES.flatMap((role) => {
      const { bits, scheme } = layer[role];
      if (scheme === "float") return [];
      const quantizer = findQuantizer(scheme);
      if (!Number.isInteger(bits) || bits < quantizer.minBits || bits > quantizer.maxBits || !quantizer.roles.includes(role)) {
        throw new RangeError(`Layer "${layer.name}": the quantizer ${quantizer.label} cannot give its ${role} ${bits} bits.`);
      }
      return [{ site: `${layer.name}/${role}`, bits, scheme }];
    }),
  );
}

/** Every searched tensor at the same width. */
export function uniformChoices(space: SearchSpace, bits: Readonly<Record<Role, number>>): readonly Choice[] {
  return space.sites.map(({ id, role, candidates }) => {
    const scheme = candidates[0]?.scheme;
    if (scheme === undefined) throw new RangeError(`Site ${id} has no candidates.`);
    return { site: id, bits: bits[role], scheme };
  });
}

/** Standard deviation of each searched layer's weight, read back in one piece. */
export async function weightScales(
  space: SearchSpace,
  weight: (layer: string) => tf.Tensor,
): Promise<ReadonlyMap<string, number>> {
  const names = space.searched.map((layer) => layer.name);
  const all = tf.tidy(() => {
    const grid = gridOf([{ scheme: "gaussian", bits: 1 }]);
    const one = tf.ones<tf.Rank.R1>([1]);
    return tf.concat(names.map((name) => weightScale(weight(name), grid, one)));
  });
  const values = await all.data();
  all.dispose();
  return new Map(names.map((name, i) => [name, values[i] as number]));
}
