/** What the flags of FracBits's published code mean here: options of the method, layers, sites. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_KNOBS } from "../../core/config";
import { FLOAT_BITS } from "../../core/cost";
import { padded, type Padding, type Pair, type Shape } from "../../core/graph";
import { layersOf, type Layer } from "../../core/layers";
import { createRandom } from "../../core/random";
import { ROLES, siteId, type Role, type SearchSpace, type Site } from "../../core/search";
import { openFracBits } from "../methods/fracbits";
import type { Options, Relaxation } from "../methods/method";
import { dorefaId, type Rescale, type Unit } from "../quantizers/dorefa";
import { pactId } from "../quantizers/pact";
import { oneLayerGraph, type CostlyOperation } from "./one-layer";
import { field, pairOf, type Json } from "./read";

/** The files' units: 1e9 BitOps, 1e6 bytes. */
export const UNIT = { bitops: 1e9, size: 1e6 } as const;

/** Candidate widths where a case does not list them. */
const BITS: readonly number[] = [8, 7, 6, 5, 4, 3, 2, 1];

/** The method's options for a case; flags that it does not list have the values that the golden README names. */
export function optionsOf(flags: Json, config: Json, resource: "bitops" | "size"): Options {
  const rescaleConvolutions = flags["rescale_conv"] === true;
  const rescaleDense = flags["rescale"] !== false;
  return {
    resource,
    kernels: kernelWise(flags, "weight") ? "kernel" : "layer",
    channels: kernelWise(flags, "activation") ? "channel" : "layer",
    quantize: weightOnly(flags, config) ? "weights" : "both",
    rescale: rescaleConvolutions ? "all" : rescaleDense ? "linear" : "none",
    rescaleTo: (flags["rescale_type"] as string | undefined) ?? "constant",
    wunit: (flags["weight_quant_scheme"] as string | undefined) ?? "original",
    aunit: (flags["act_quant_scheme"] as string | undefined) ?? "original",
    sides: config["double_side"] === true ? "two" : "one",
    interpolation: "linear",
  };
}

/** The widths that a role may have, lowest first. */
export const candidateBits = (flags: Json, role: Role): readonly number[] =>
  [...(((role === "activation" ? flags["act_bits_list"] : undefined) as number[] | undefined) ?? bitsList(flags))].sort(
    (a, b) => a - b,
  );

const bitsList = (flags: Json): readonly number[] => (flags["bits_list"] as number[] | undefined) ?? BITS;

const kernelWise = (flags: Json, role: Role): boolean => flags["per_channel"] === true || flags[`per_channel_${role}`] === true;

const weightOnly = (flags: Json, config: Json): boolean => (config["weight_only"] ?? flags["weight_only"]) === true;

/** The layer of a case, on an input of the given shape. */
export function layerOf(config: Json, input: Shape): Layer {
  const [layer] = layersOf(oneLayerGraph(input, operationOf(config, input)));
  return layer as Layer;
}

export function operationOf(config: Json, input: Shape): CostlyOperation {
  const bias = field<boolean>(config, "bias");
  if (config["in_features"] !== undefined) return { op: "dense", units: field(config, "out_features"), bias };
  const kernel = pairOf(config["kernel_size"], 1);
  const stride = pairOf(config["stride"], 1);
  const [vertical, horizontal] = pairOf(config["padding"], 0);
  return {
    op: "conv",
    filters: field(config, "out_channels"),
    kernel,
    stride,
    padding:
      config["same_padding"] === true
        ? samePadding(input, kernel, stride)
        : { top: vertical, bottom: vertical, left: horizontal, right: horizontal },
    dilation: [1, 1],
    groups: (config["groups"] as number | undefined) ?? 1,
    bias,
  };
}

/** TensorFlow's SAME: the output has a pixel for every stride begun, and an odd pixel of padding goes to the end. */
function samePadding(input: Shape, kernel: Pair, stride: Pair): Padding {
  const along = (axis: 0 | 1): readonly [number, number] => {
    const size = input[axis] as number;
    const pad = Math.max((Math.ceil(size / stride[axis]) - 1) * stride[axis] + kernel[axis] - size, 0);
    return [Math.floor(pad / 2), Math.ceil(pad / 2)];
  };
  const [[top, bottom], [left, right]] = [along(0), along(1)];
  return { ...padded(0), top, bottom, left, right };
}

/** The search space of layers that a case takes alone: widths as the flags list them, but not below the layer's own minimum. */
export function spaceOf(cases: readonly { readonly flags: Json; readonly config: Json; readonly layer: Layer }[]): SearchSpace {
  const layers = cases.map(({ layer }) => layer);
  return { layers, searched: layers, sites: cases.flatMap((entry) => ROLES.map((role) => siteOf(entry, role))) };
}

function siteOf(
  { flags, config, layer }: { readonly flags: Json; readonly config: Json; readonly layer: Layer },
  role: Role,
): Site {
  const { rescale, rescaleTo, wunit, aunit, sides, quantize } = optionsOf(flags, config, "bitops");
  const site = { id: siteId(layer.name, role), layer, role };
  if (role === "activation" && quantize === "weights") {
    return { ...site, candidates: [{ bits: FLOAT_BITS, scheme: "float" }], kernels: 1, pinned: true };
  }
  const rescaled = rescale === "all" || (rescale === "linear" && layer.op === "dense");
  const scheme =
    role === "weight"
      ? dorefaId(wunit as Unit, rescaled ? (rescaleTo as Rescale) : "none")
      : pactId(aunit as Unit, sides as "one" | "two");
  const least = (config[role === "weight" ? "lamda_w_min" : "lamda_a_min"] as number | undefined) ?? 0;
  const bits = candidateBits(flags, role).filter((width) => width >= least);
  const shape = role === "weight" ? layer.output : layer.input;
  // A minimum as large as the maximum leaves one width: what the method calls pinned.
  return {
    ...site,
    candidates: bits.map((width) => ({ bits: width, scheme })),
    kernels: kernelWise(flags, role) ? (shape.at(-1) as number) : 1,
    pinned: bits.length === 1,
  };
}

/** The method's relaxation under these options, opened on a space, with the published bounds. `weight` gives the weights of its layers. */
export function openPublished(
  space: SearchSpace,
  options: Options,
  weight: (layer: string) => tf.Variable = (layer) => {
    throw new RangeError(`Nobody has a weight of layer "${layer}".`);
  },
): Relaxation {
  const opening = { space, knobs: DEFAULT_KNOBS, random: createRandom(1), weight, anotherWeight: weight };
  return openFracBits(opening, options, "held");
}

/** The variable of a role's widths; undefined where all of them are pinned. */
export const widthsOf = (relaxation: Relaxation, role: Role): tf.Variable | undefined =>
  relaxation.architecture.get(`${role} bits`);

/** Sets the widths of a role, kernel after kernel of its free sites. */
export function setWidths(relaxation: Relaxation, role: Role, widths: readonly number[]): void {
  const variable = widthsOf(relaxation, role);
  if (variable) tf.tidy(() => variable.assign(tf.tensor1d([...widths])));
}

/** A "lamda" of the file: one number for a layer, or one for each kernel. */
export const listOf = (value: unknown): readonly number[] => (Array.isArray(value) ? (value as number[]) : [value as number]);

export const LAMDA: Readonly<Record<Role, "lamda_w" | "lamda_a">> = { weight: "lamda_w", activation: "lamda_a" };
