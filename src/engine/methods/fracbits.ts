/** FracBits: Mixed Precision Quantization via Fractional Bit-Widths (Yang and Jin, AAAI 2021). */
import { budgetOf, checkTarget, resourceOf, type Resource } from "../../core/budget";
import { FLOAT_BITS, type LayerBits } from "../../core/cost";
import type { Layer } from "../../core/layers";
import { roundToBudget } from "../../core/rounding";
import { ownerPlaces, ROLES, type Bits, type Candidate, type Choice, type SearchSpace, type Site } from "../../core/search";
import { checkCandidates, findQuantizer } from "../quantizers";
import { familyCandidates, familyScheme } from "../quantizers/families";
import { dorefaId, type Rescale, type Unit } from "../quantizers/dorefa";
import { pactId } from "../quantizers/pact";
import {
  ACTIVATIONS,
  ACTIVATION_UNIT,
  INTERPOLATION,
  metersOf,
  QUANTIZE,
  QUANTIZERS,
  RESCALE,
  RESCALE_TO,
  RESOURCE,
  SIDES,
  WEIGHTS,
  WEIGHT_UNIT,
} from "./fracbits-options";
import { openFractional } from "./fractional";
import type { Bounds } from "./fractional-widths";
import { optionValue, type Ballot, type Decision, type Method, type Opening, type Options, type Relaxation } from "./method";

/** What the first layer's weight and image, and the last layer's weight get where they are searched (published convention). */
const END_BITS = 8;

/** Share of the training in which the rate rises to its start: 5 of 150 epochs in the published settings. */
const WARM_UP = 1 / 30;

export const fracbits: Method = {
  id: "fracbits",
  label: "FracBits",
  summary:
    "Yang and Jin, AAAI 2021: bit-widths are real numbers that interpolate between quantizers, drawn to a budget, then rounded.",
  knobs: [
    { knob: "target", when: null },
    { knob: "kappa", when: null },
  ],
  options: [
    RESOURCE,
    WEIGHTS,
    ACTIVATIONS,
    QUANTIZE,
    QUANTIZERS,
    RESCALE,
    RESCALE_TO,
    WEIGHT_UNIT,
    ACTIVATION_UNIT,
    SIDES,
    INTERPOLATION,
  ],
  sampling: false,
  continuation: null,
  defaults: {
    weightBits: [2, 3, 4, 5, 6, 7, 8],
    activationBits: [2, 3, 4, 5, 6, 7, 8],
    architectureRate: 0.1,
    weightDecay: 4e-5,
    retrain: false,
    retrainFrom: "search",
  },
  training: {
    momentum: 0.9,
    nesterov: true,
    schedule: (epoch, epochs) => {
      const progress = epoch / epochs;
      return Math.min(1, (progress + 1e-3) / WARM_UP) * (0.5 + 0.5 * Math.cos(Math.PI * progress));
    },
    // Convolutions with more than one input channel a group, and dense layers; no clip, no width, no batch norm (published code).
    decays: (layer) => layer !== null && (layer.op === "dense" || (layer.input.at(-1) as number) > layer.groups),
    fineTuning: 0.2,
  },
  site: ({ options, weightBits, activationBits }) => {
    const weights = rangeOf(weightBits);
    const activations = rangeOf(activationBits);
    const value = (id: string): string => optionValue(fracbits, options, id);
    const kernelWise = { weight: value(WEIGHTS.id) === "kernel", activation: value(ACTIVATIONS.id) === "channel" };
    const family = familyOf(options);
    if (family && (kernelWise.weight || kernelWise.activation)) {
      throw new RangeError(
        `The quantizer ${findQuantizer(family).label} has one width for a tensor: choose widths per layer, or the published quantizers.`,
      );
    }
    const pinned = (candidate: Candidate) => ({ candidates: [candidate], kernels: 1, pinned: true });
    const free = (bits: readonly number[], scheme: string, kernels: number) => {
      const candidates = family ? familyCandidates(family, bits) : bits.map((width) => ({ bits: width, scheme }));
      checkCandidates(candidates);
      return { candidates, kernels, pinned: false };
    };
    return (role, layer) => {
      if (role === "weight") {
        const scheme = family ?? dorefaId(value(WEIGHT_UNIT.id) as Unit, rescaleOf(layer, options));
        if (layer.end !== null) return pinned({ bits: END_BITS, scheme });
        return free(weights, scheme, kernelWise.weight ? (layer.output.at(-1) as number) : 1);
      }
      if (value(QUANTIZE.id) === "weights") return pinned({ bits: FLOAT_BITS, scheme: "float" });
      if (layer.end === "first") return pinned({ bits: END_BITS, scheme: "image" });
      const scheme = pactId(value(ACTIVATION_UNIT.id) as Unit, sidesOf(layer, value(SIDES.id)));
      return free(activations, scheme, kernelWise.activation ? (layer.input.at(-1) as number) : 1);
    };
  },
  uniformScheme: null,
  resource: (options) => optionValue(fracbits, options, RESOURCE.id) as Resource,
  stages: (options) => {
    const value = (id: string): string => optionValue(fracbits, options, id);
    const resource = value(RESOURCE.id) as Resource;
    return [
      {
        name: "Fractional",
        passes: [["weights", "architecture"]],
        meters: metersOf(resource, value(QUANTIZE.id) === "both" && familyOf(options) === null),
        check: (space, { target }) => checkTarget(resource, space, target),
        open: (opening) => openFracBits(opening, options, "returning"),
        decide: (ballots, decision) => decideWithin(resource, ballots, decision),
      },
    ];
  },
};

/** The relaxation under the method's options. */
export function openFracBits(opening: Opening, options: Options, bounds: Bounds): Relaxation {
  const value = (id: string): string => optionValue(fracbits, options, id);
  return openFractional(opening, {
    bounds,
    resource: value(RESOURCE.id) as Resource,
    weightUnit: value(WEIGHT_UNIT.id) as Unit,
    activationUnit: value(ACTIVATION_UNIT.id) as Unit,
    rescale: (layer) => rescaleOf(layer, options),
    sides: (layer) => sidesOf(layer, value(SIDES.id)),
    gumbel: value(INTERPOLATION.id) === "gumbel",
    isOfSchemes: familyOf(options) !== null,
  });
}

/** The scheme that replaces the published quantizers, null for those. */
const familyOf = (options: Options): string | null => familyScheme(optionValue(fracbits, options, QUANTIZERS.id));

/** All whole widths from the least to the most: a width passes through every one between. */
function rangeOf(bits: readonly number[]): readonly number[] {
  const [least, most] = [Math.min(...bits), Math.max(...bits)];
  return Array.from({ length: most - least + 1 }, (_, i) => least + i);
}

function rescaleOf({ op }: Layer, options: Options): Rescale {
  const where = optionValue(fracbits, options, RESCALE.id);
  const to = optionValue(fracbits, options, RESCALE_TO.id) as Rescale;
  return where === "all" || (where === "linear" && op === "dense") ? to : "none";
}

const sidesOf = ({ signedInput }: Layer, sides: string): "one" | "two" =>
  sides === "auto" ? (signedInput ? "two" : "one") : (sides as "one" | "two");

/** Whole widths within 1 % of the budget. */
function decideWithin(resource: Resource, ballots: readonly Ballot[], { space, knobs }: Decision): readonly Choice[] {
  const boundsOf = ({ candidates }: Site) => ({ min: candidates[0]?.bits ?? 0, max: candidates.at(-1)?.bits ?? 0 });
  const sites = ballots.map(({ site, bits }) => ({ widths: bits, ...boundsOf(site) }));
  const places = ROLES.map((role) => ownerPlaces(space, role));
  // Tensors that layers share have one width: that of the layer at which they are quantized.
  const shared = (all: readonly (readonly number[])[]): readonly (readonly number[])[] =>
    all.map((widths, i) => all[2 * (places[i % 2]?.[i >> 1] ?? i >> 1) + (i % 2)] ?? widths);
  const cost = (all: readonly (readonly number[])[]): number =>
    resourceOf(resource, space.searched, layerBits(space, shared(all)));
  const { bits } = roundToBudget(sites, cost, budgetOf(resource, space, knobs.target));
  return ballots.map(({ site }, i) => ({
    site: site.id,
    bits: bitsOf(site, shared(bits)[i] as readonly number[]),
    scheme: schemeOf(site),
  }));
}

const bitsOf = ({ kernels }: Site, bits: readonly number[]): Bits => (kernels === 1 ? (bits[0] as number) : bits);

const schemeOf = ({ candidates }: Site): string => (candidates[0] as Candidate).scheme;

function layerBits({ sites }: SearchSpace, bits: readonly (readonly number[])[]): readonly LayerBits[] {
  const of = (i: number): Bits => bitsOf(sites[i] as Site, bits[i] as readonly number[]);
  return Array.from({ length: sites.length / 2 }, (_, i) => ({ weight: of(2 * i), activation: of(2 * i + 1) }));
}
