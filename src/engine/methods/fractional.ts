/** The relaxation of FracBits: real bit-widths, a layer or a kernel each, that interpolate between the two whole widths around them. */
import * as tf from "@tensorflow/tfjs-core";
import { budgetOf, RESOURCES, type Resource } from "../../core/budget";
import type { Layer } from "../../core/layers";
import type { Random } from "../../core/random";
import { ROLES, sharedCandidates, siteId, type Role, type SearchSpace, type Site } from "../../core/search";
import { makeVariable } from "../network";
import { findQuantizer, type OpenQuantizer } from "../quantizers";
import { quantizeWeight, type Rescale, type Unit } from "../quantizers/dorefa";
import { calibrateClip, clipName, openClip, quantizeActivation, type Sides } from "../quantizers/pact";
import { openInterpolation, type OpenInterpolation } from "../quantizers/schemes/between-widths";
import type { Widths } from "../quantizers/widths";
import { detached } from "../ops/detached";
import { gumbelSoftmax, openNoise, straightThrough, type Noise } from "./gumbel";
import type { Opening, Relaxation } from "./method";
import { returning } from "./returning";
import { withSharedRows } from "./shared-inputs";

/** Above the target, where widths start: there is something to lose (published setting). */
const HEAD_START = 0.5;
/** Of the Gumbel draw (published code). */
const TEMPERATURE = 1;
/** Keeps the logarithm of a share of 0 finite (published code). */
const EPSILON = 1e-5;

/**
 * What becomes of a width that momentum carried past its bounds: "returning" lets gradients through that lead it back, "held" stops all
 * of them, as the published code does, so that it never comes back.
 */
export type Bounds = "returning" | "held";

interface FractionalOptions {
  readonly bounds: Bounds;
  readonly resource: Resource;
  readonly weightUnit: Unit;
  readonly activationUnit: Unit;
  readonly rescale: (layer: Layer) => Rescale;
  readonly sides: (layer: Layer) => Sides;
  readonly gumbel: boolean;
  /** Whether the candidates are of one of AutoQNN's schemes, and not the published quantizers. */
  readonly isOfSchemes: boolean;
}

export function openFractional({ space, knobs, random, weight }: Opening, options: FractionalOptions): Relaxation {
  const draws = options.gumbel ? random.fork("gumbel") : null;
  const widthsOf = (role: Role): OpenWidths => openWidths(space, role, knobs.target, options.bounds, draws);
  const widths = { weight: widthsOf("weight"), activation: widthsOf("activation") };
  const layers = new Map(space.searched.map((layer) => [layer.name, layer]));
  const pinned = new Map(
    space.sites
      .filter((site) => site.pinned)
      .map(({ id, layer, role, candidates: [only] }) => {
        if (!only) throw new RangeError(`Site ${id} has no candidates.`);
        return [id, findQuantizer(only.scheme).open(layer, only.bits, role)] as const;
      }),
  );
  const schemes = options.isOfSchemes ? openSchemesOf(space) : null;
  const clips = new Map(
    space.sites
      .filter(({ role, pinned, layer }) => role === "activation" && !pinned && layer.inputOf === layer.name && !schemes)
      .map(({ layer }) => [layer.name, openClip(layer)]),
  );
  const resource = openResource(options.resource, space);
  const pinnedAt = (layer: string, role: Role): OpenQuantizer | undefined => pinned.get(siteId(layer, role));

  return {
    architecture: new Map(
      ROLES.flatMap((role) => (widths[role].variable ? [[`${role} bits`, widths[role].variable] as const] : [])),
    ),
    parameters: new Map([
      ...[...clips].map(([layer, clip]) => [clipName(layer), clip] as const),
      ...[...pinned.values()].flatMap((quantizer) => [...quantizer.parameters]),
    ]),
    ...(draws && { prepare: () => ROLES.forEach((role) => widths[role].draw()) }),
    pass: (training) => {
      const now = { weight: widths.weight.pass(training), activation: widths.activation.pass(training) };
      return {
        quantize: <T extends tf.Tensor>(name: string, role: Role, x: T, forTraining: boolean): readonly T[] => {
          const layer = layers.get(name);
          if (!layer) return [x];
          const fixed = pinnedAt(name, role);
          if (fixed) return [fixed.apply(x, forTraining)];
          const at = now[role].at(name);
          if (schemes) return [(schemes[role] as OpenInterpolation).apply(name, x, at, forTraining)];
          if (role === "weight") return [quantizeWeight(layer, x, at, options.weightUnit, options.rescale(layer)).y];
          const how = { unit: options.activationUnit, sides: options.sides(layer), learned: true };
          return [quantizeActivation(x, at, clips.get(name) as tf.Variable<tf.Rank.R1>, how)];
        },
        calibrate: (name, role, x) => {
          const layer = layers.get(name);
          const clip = clips.get(name);
          if (layer && clip && role === "activation") calibrateClip(clip, x, options.sides(layer));
        },
        rectifies: (name) => {
          const layer = layers.get(name);
          return layer !== undefined && clips.has(name) && options.sides(layer) === "one";
        },
        bits: (role) => now[role].means(),
        probabilities: (role) => now[role].shares(),
        kernels: (role) => now[role].kernels(),
        penalty: ({ target, kappa }) => {
          const distance = tf.abs(tf.sub(resource.of(now.weight, now.activation), resource.units(target)));
          return tf.mul<tf.Scalar>(distance, tf.scalar(kappa));
        },
        meters: ({ target }) => [
          tf.reshape(tf.mul(resource.of(now.weight, now.activation), resource.shown), [1]),
          tf.tensor1d([resource.units(target) * resource.shown]),
          ...(clips.size > 0
            ? [tf.concat(space.searched.map(({ inputOf }) => tf.abs(clips.get(inputOf) ?? tf.tensor1d([0])) as tf.Tensor1D))]
            : []),
        ],
      };
    },
    weightOf: ({ site }) => weight(site.slice(0, site.lastIndexOf("/"))),
    dispose: () => {
      ROLES.forEach((role) => widths[role].dispose());
      resource.dispose();
      if (schemes) ROLES.forEach((role) => schemes[role]?.dispose());
      pinned.forEach((quantizer) => quantizer.dispose());
      tf.dispose([...clips.values()]);
    },
  };
}

/** The scheme of each role at real widths; null where the method's conventions fix all of them. */
function openSchemesOf(space: SearchSpace): Readonly<Record<Role, OpenInterpolation | null>> {
  const of = (role: Role): OpenInterpolation | null => {
    const free = space.sites.filter((site) => site.role === role && !site.pinned);
    const names = free.map(({ layer }) => layer.name);
    return free.length === 0 ? null : openInterpolation(sharedCandidates(space, role), role, names);
  };
  return { weight: of("weight"), activation: of("activation") };
}

/** One role's widths in one forward pass. */
interface WidthPass {
  readonly at: (layer: string) => Widths;
  /** Mean over the kernels of each searched layer, [layers], differentiable. */
  readonly means: () => tf.Tensor1D;
  /** Widths of one layer's kernels, [kernels]; [1] where it has one width. Differentiable. */
  readonly of: (layer: string) => tf.Tensor1D;
  /** Share of each candidate, [layers, candidates]: mean over the kernels of how much they are made of it. */
  readonly shares: () => tf.Tensor2D;
  readonly kernels: () => tf.Tensor1D | null;
}

interface OpenWidths {
  /** All free widths of the role, one after another; null if the method's conventions fix them all. */
  readonly variable: tf.Variable<tf.Rank.R1> | null;
  /** Draws the shares of the next training step, if they are drawn at all. */
  readonly draw: () => void;
  readonly pass: (training: boolean) => WidthPass;
  readonly dispose: () => void;
}

function openWidths(space: SearchSpace, role: Role, target: number, bounds: Bounds, draws: Random | null): OpenWidths {
  const sites = space.sites.filter((site) => site.role === role);
  const free = sites.filter((site) => !site.pinned);
  const candidates = sharedCandidates(space, role).map(({ bits }) => bits);
  const [min, max] = [Math.min(...candidates), Math.max(...candidates)];
  const counts = free.map(({ kernels }) => kernels);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const start = Math.min(Math.max(target + HEAD_START, min), max);
  const variable = total === 0 ? null : makeVariable<tf.Rank.R1>(tf.fill([total], start), true);
  const noise = draws && total > 0 ? openNoise(total, 2, draws) : null;
  const constant = new Map(
    sites.filter((site) => site.pinned).map(({ layer, candidates: [only] }) => [layer.name, tf.tensor1d([only?.bits ?? 0])]),
  );
  const averaging = averagingMatrix(sites, total);
  const fixedPart = tf.tensor1d(sites.map(({ pinned, candidates: [only] }) => (pinned ? (only?.bits ?? 0) : 0)));
  const grid = tf.tensor2d([candidates]);
  const kernelWise = sites.some(({ kernels }) => kernels > 1);
  const owners = new Map(role === "activation" ? sites.map(({ layer }) => [layer.name, layer.inputOf]) : []);
  const inputOf = (layer: string): string => owners.get(layer) ?? layer;
  const everyKernel = (pieces: ReadonlyMap<string, tf.Tensor1D>): tf.Tensor1D =>
    tf.concat(sites.map(({ layer }) => (pieces.get(layer.name) ?? constant.get(layer.name)) as tf.Tensor1D));

  return {
    variable,
    draw: () => noise?.draw(),
    pass: (training) => {
      if (!variable) return pinnedPass(fixedPart, constant, sites.length);
      const inside = (x: tf.Tensor): tf.Tensor => tf.clipByValue(x, min, max);
      const bits = bounds === "held" ? (inside(variable) as tf.Tensor1D) : returning(variable, inside);
      const lower = detached(() => tf.floor(bits));
      const linear: tf.Tensor1D = tf.sub(bits, lower);
      const share = noise && training ? drawnShare(linear, noise) : linear;
      const around = detached(() => tf.stack([lower, tf.ceil(bits)]) as tf.Tensor2D);
      const parts = { bits: pieces(bits, counts), share: pieces(share, counts), around: pieces(around, counts, 1) };
      const index = new Map(free.map(({ layer }, i) => [layer.name, i]));
      const piece = (layer: string): tf.Tensor1D => {
        const i = index.get(layer);
        return (i === undefined ? constant.get(layer) : parts.bits[i]) as tf.Tensor1D;
      };
      return {
        at: (layer) => {
          const i = index.get(layer) as number;
          return { widths: parts.around[i] as tf.Tensor2D, share: parts.share[i] as tf.Tensor1D };
        },
        of: (layer) => piece(inputOf(layer)),
        means: () => {
          const own: tf.Tensor1D = tf.add(
            tf.reshape(tf.matMul(averaging, tf.reshape(bits, [total, 1])), [sites.length]),
            fixedPart,
          );
          return withSharedRows(space, role, own);
        },
        // How much of a candidate a width is made of falls from 1 to 0 over one bit.
        shares: () => {
          const own = tf.matMul(averaging, tf.relu(tf.sub(1, tf.abs(tf.sub(tf.reshape(bits, [total, 1]), grid)))));
          return withSharedRows(space, role, own as tf.Tensor2D);
        },
        kernels: () =>
          kernelWise ? everyKernel(new Map(free.map(({ layer }) => [layer.name, piece(inputOf(layer.name))]))) : null,
      };
    },
    dispose: () => tf.dispose([averaging, fixedPart, grid, ...constant.values(), variable ?? [], noise?.now ?? []]),
  };
}

function pinnedPass(fixedPart: tf.Tensor1D, constant: ReadonlyMap<string, tf.Tensor1D>, layers: number): WidthPass {
  return {
    at: (layer) => {
      throw new RangeError(`The widths of layer "${layer}" are fixed.`);
    },
    of: (layer) => constant.get(layer) as tf.Tensor1D,
    means: () => tf.clone(fixedPart),
    shares: () => tf.ones([layers, 1]),
    kernels: () => null,
  };
}

const pieces = <T extends tf.Tensor>(all: T, counts: readonly number[], axis = 0): readonly T[] =>
  counts.length === 1 ? [all] : tf.split(all, [...counts], axis);

/** The upper width with the probability that is its share, drawn anew before each step; the gradient is that of the soft draw. */
function drawnShare(share: tf.Tensor1D, noise: Noise): tf.Tensor1D {
  const logits = tf.log(tf.add(tf.stack([tf.sub(1, share), share], 1), EPSILON)) as tf.Tensor2D;
  const soft = gumbelSoftmax(logits, noise.now, TEMPERATURE);
  return tf.reshape(tf.slice(straightThrough(soft), [0, 1], [share.size, 1]), [share.size]);
}

/** [sites, widths]: takes the mean over the kernels of each free site. */
function averagingMatrix(sites: readonly Site[], total: number): tf.Tensor2D {
  const matrix = new Float32Array(sites.length * total);
  let at = 0;
  sites.forEach(({ pinned, kernels }, row) => {
    if (pinned) return;
    matrix.fill(1 / kernels, row * total + at, row * total + at + kernels);
    at += kernels;
  });
  return tf.tensor2d(matrix, [sites.length, total]);
}

interface OpenResource {
  /** The resource in units of the network with 1 bit everywhere: mean weight x activation bits, or mean bits. Differentiable. */
  readonly of: (weight: WidthPass, activation: WidthPass) => tf.Scalar;
  /** A target's budget in that unit. */
  readonly units: (target: number) => number;
  /** Factor from that unit to the one that is shown. */
  readonly shown: number;
  readonly dispose: () => void;
}

/**
 * The resource is linear between two whole widths, like the interpolated quantizer (FracBits, eq. 5 and 6), so that at real widths it is
 * the same polynomial as at whole ones. Biases are left out: nothing moves them.
 */
function openResource(resource: Resource, space: SearchSpace): OpenResource {
  const { searched } = space;
  const amounts = (of: (layer: Layer) => number): { readonly total: number; readonly shares: tf.Tensor1D } => {
    const total = searched.reduce((sum, layer) => sum + of(layer), 0);
    return { total, shares: tf.tensor1d(searched.map((layer) => of(layer) / total)) };
  };
  const macs = amounts((layer) => layer.macs);
  const weights = amounts((layer) => layer.weights);
  const activations = amounts((layer) => layer.activations);
  const biases = resource === "size" ? budgetOf("size", space, 1) - bytesAtOneBit(space) : 0;
  const weighted = (bits: tf.Tensor, { shares }: { readonly shares: tf.Tensor1D }): tf.Scalar => tf.sum(tf.mul(bits, shares));
  const unit = resource === "bitops" ? macs.total : resource === "size" ? weights.total / 8 : 1;
  return {
    of: (weight, activation) => {
      switch (resource) {
        case "bitops":
          return weighted(meanProducts(space, weight, activation), macs);
        case "size":
          return weighted(weight.means(), weights);
        case "average":
          return tf.div(tf.add(weighted(weight.means(), weights), weighted(activation.means(), activations)), 2);
      }
    },
    units: (target) => (budgetOf(resource, space, target) - biases) / unit,
    shown: unit / RESOURCES[resource].divisor,
    dispose: () => tf.dispose([macs.shares, weights.shares, activations.shares]),
  };
}

function bytesAtOneBit(space: SearchSpace): number {
  return budgetOf("size", { ...space, searched: space.searched.map((layer) => ({ ...layer, biases: 0 })) }, 1);
}

/** Mean of weight bits x activation bits over each layer's products, [layers]: kernels meet the channels of their own group only. */
function meanProducts({ searched, sites }: SearchSpace, weight: WidthPass, activation: WidthPass): tf.Tensor1D {
  const products: tf.Tensor1D = tf.mul(weight.means(), activation.means());
  const paired = searched.map(({ groups }, i) => groups > 1 && kernelsAt(sites, 2 * i) > 1 && kernelsAt(sites, 2 * i + 1) > 1);
  if (!paired.includes(true)) return products;
  const rows = searched.map(({ name, groups }, i) => {
    if (!paired[i]) return tf.slice(products, i, 1);
    const means = [weight.of(name), activation.of(name)].map((bits) => tf.mean(tf.reshape(bits, [groups, -1]), 1));
    return tf.reshape(tf.mean(tf.mul(means[0] as tf.Tensor, means[1] as tf.Tensor)), [1]) as tf.Tensor1D;
  });
  return tf.concat(rows);
}

const kernelsAt = (sites: readonly Site[], i: number): number => sites[i]?.kernels ?? 1;
