/** A network under a fixed policy: what is retrained, what the uniform baselines are, what evaluation uses. */
import * as tf from "@tensorflow/tfjs-core";
import { ownerOf, type Layer } from "../core/layers";
import { siteId, siteParts, type Choice, type Role } from "../core/search";
import type { Calibrated } from "./forward";
import { findQuantizer, type OpenQuantizer } from "./quantizers";

export interface FixedQuantization extends Calibrated {
  /** What the quantizers learn with the weights, by name. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** Each quantized site's grid, read back in one piece. `weight` gives a layer's weight. */
  readonly grids: (weight: (layer: string) => tf.Tensor) => Promise<ReadonlyMap<string, Grid>>;
  readonly dispose: () => void;
}

/** Levels lie on `(q - zero point of the scheme) * step + origin`. */
export interface Grid {
  /** One, or one for each kernel. */
  readonly steps: readonly number[];
  readonly origin: number;
}

/** Where a fixed network takes what a search has learned. */
export interface Learned {
  /** The weight behind a choice where a search has one for each candidate. */
  readonly weightOf: (choice: Choice) => tf.Tensor;
  /** Values for the quantizers' parameters, by name. */
  readonly parameters: ReadonlyMap<string, tf.Tensor>;
}

/** Quantizes each site of `layers` as chosen; a layer without choices stays float. `learned` is null for a network of its own. */
export function fixedQuantization(
  layers: readonly Layer[],
  choices: readonly Choice[],
  learned: Learned | null = null,
): FixedQuantization {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const open = new Map<string, OpenQuantizer>();
  const bySite = new Map(choices.map((choice) => [choice.site, choice]));
  for (const { site, bits, scheme } of choices) {
    const { layer: name, role } = siteParts(site);
    const layer = byName.get(name);
    if (!layer) throw new RangeError(`This network has no layer "${name}".`);
    // This tensor is quantized at another layer.
    if (ownerOf(layer, role) !== name) continue;
    open.set(site, findQuantizer(scheme).open(layer, bits, role));
  }
  const parameters = new Map([...open.values()].flatMap((quantizer) => [...quantizer.parameters]));
  if (learned) takeOver(parameters, learned.parameters);
  return {
    parameters,
    quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T, training: boolean): readonly T[] => {
      const site = siteId(layer, role);
      const choice = bySite.get(site);
      const quantizer = open.get(site);
      if (!choice || !quantizer) return [x];
      return [quantizer.apply(role === "weight" && learned ? (learned.weightOf(choice) as T) : x, training)];
    },
    calibrate: (layer, role, x) => open.get(siteId(layer, role))?.calibrate(x),
    rectifies: (layer) => {
      const choice = bySite.get(siteId(layer, "activation"));
      return choice !== undefined && findQuantizer(choice.scheme).rectifies;
    },
    grids: async (weight) => {
      const grids = tf.tidy(() =>
        [...open].map(([site, quantizer]) => {
          const own = weight(siteParts(site).layer);
          return { steps: quantizer.steps(own), origin: quantizer.origin?.(own) ?? tf.zeros<tf.Rank.R1>([1]) };
        }),
      );
      const sizes = grids.map(({ steps }) => steps.size);
      const all = tf.tidy(() =>
        grids.length === 0 ? tf.tensor1d([]) : tf.concat(grids.flatMap(({ steps, origin }) => [steps, origin])),
      );
      tf.dispose(grids);
      const values = await all.data();
      all.dispose();
      let at = 0;
      const take = (count: number): readonly number[] => Array.from(values.slice(at, (at += count)));
      return new Map(
        [...open.keys()].map((site, i) => [site, { steps: take(sizes[i] as number), origin: take(1)[0] as number }] as const),
      );
    },
    dispose: () => {
      for (const quantizer of open.values()) quantizer.dispose();
    },
  };
}

/** Gives variables the values of others with their names. */
export function takeOver(variables: ReadonlyMap<string, tf.Variable>, from: ReadonlyMap<string, tf.Tensor>): void {
  for (const [name, variable] of variables) {
    const value = from.get(name);
    if (value) tf.tidy(() => variable.assign(tf.clone(value)));
  }
}
