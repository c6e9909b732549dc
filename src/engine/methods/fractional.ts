/** The relaxation of FracBits: real bit-widths, a layer or a kernel each, that interpolate between the two whole widths around them. */
import * as tf from "@tensorflow/tfjs-core";
import type { Resource } from "../../core/budget";
import type { Layer } from "../../core/layers";
import { ROLES, sharedCandidates, siteId, type Role, type SearchSpace } from "../../core/search";
import { findQuantizer, type OpenQuantizer } from "../quantizers";
import { quantizeWeight, type Rescale, type Unit } from "../quantizers/dorefa";
import { calibrateClip, clipName, openClip, quantizeActivation, type Sides } from "../quantizers/pact";
import { openInterpolation, type OpenInterpolation } from "../quantizers/schemes/between-widths";
import { openResource } from "./fractional-resource";
import { openWidths, type Bounds, type OpenWidths } from "./fractional-widths";
import type { Opening, Relaxation } from "./method";

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
