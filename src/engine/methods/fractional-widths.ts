/** The real bit-widths that FracBits trains: one variable for all of a role, and what a forward pass makes of it. */
import * as tf from "@tensorflow/tfjs-core";
import { ownerOf } from "../../core/layers";
import type { Random } from "../../core/random";
import { sharedCandidates, type Role, type SearchSpace, type Site } from "../../core/search";
import { makeVariable } from "../network";
import { detached } from "../ops/detached";
import type { Widths } from "../quantizers/widths";
import { gumbelSoftmax, openNoise, straightThrough, type Noise } from "./gumbel";
import { returning } from "./returning";
import { withSharedRows } from "./shared-tensors";

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

/** One role's widths in one forward pass. */
export interface WidthPass {
  readonly at: (layer: string) => Widths;
  /** Mean over the kernels of each searched layer, [layers], differentiable. */
  readonly means: () => tf.Tensor1D;
  /** Widths of one layer's kernels, [kernels]; [1] where it has one width. Differentiable. */
  readonly of: (layer: string) => tf.Tensor1D;
  /** Share of each candidate, [layers, candidates]: mean over the kernels of how much they are made of it. */
  readonly shares: () => tf.Tensor2D;
  readonly kernels: () => tf.Tensor1D | null;
}

export interface OpenWidths {
  /** All free widths of the role, one after another; null if the method's conventions fix them all. */
  readonly variable: tf.Variable<tf.Rank.R1> | null;
  /** Draws the shares of the next training step, if they are drawn at all. */
  readonly draw: () => void;
  readonly pass: (training: boolean) => WidthPass;
  readonly dispose: () => void;
}

/** Starts all free widths of a role above the target; `draws` feeds the Gumbel variant. */
export function openWidths(space: SearchSpace, role: Role, target: number, bounds: Bounds, draws: Random | null): OpenWidths {
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
  const owners = new Map(sites.map(({ layer }) => [layer.name, ownerOf(layer, role)]));
  const owner = (layer: string): string => owners.get(layer) ?? layer;
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
        of: (layer) => piece(owner(layer)),
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
          kernelWise ? everyKernel(new Map(free.map(({ layer }) => [layer.name, piece(owner(layer.name))]))) : null,
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
