/** A run of fracbits.trajectory/1, opened with the engine's own network and FracBits's relaxation. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG } from "../../core/config";
import { layersOf } from "../../core/layers";
import { createRandom } from "../../core/random";
import { ROLES, searchSpace, type Role, type SearchSpace, type Site } from "../../core/search";
import { fracbits } from "../methods/fracbits";
import type { Relaxation } from "../methods/method";
import { createNetwork, type Network } from "../network";
import { clipName } from "../quantizers/pact";
import type { Batch } from "../step";
import { residualGraph } from "./fracbits-network";
import { candidateBits, LAMDA, openPublished, optionsOf, setWidths, UNIT } from "./fracbits-published";
import { field, tensorOf, toTensor, type Json } from "./read";

export interface Run {
  readonly json: Json;
  readonly resource: "bitops" | "size";
  readonly space: SearchSpace;
  readonly network: Network;
  readonly relaxation: Relaxation;
  readonly batches: readonly Batch[];
  /** In BitOps or bytes. */
  readonly target: number;
}

/** With the initial values of the file. */
export function openRun(json: Json): Run {
  const [config, flags] = [field<Json>(json, "config"), field<Json>(json, "config", "flags")];
  const resource = field<string>(config, "resource") === "comp_cost" ? "bitops" : "size";
  // Whether an activation can be negative is ours to find out.
  const options = { ...optionsOf(flags, config, resource), sides: "auto" };
  const network = createNetwork(residualGraph(config), createRandom(1));
  const [weightBits, activationBits] = [candidateBits(flags, "weight"), candidateBits(flags, "activation")];
  const space = searchSpace(layersOf(network.graph), {
    includeEnds: true,
    site: fracbits.site({ ...DEFAULT_CONFIG, options, weightBits, activationBits }),
  });
  const relaxation = openPublished(space, options, (layer) => network.trainable.get(`${layer}.weight`) as tf.Variable);
  const initial = field<Json>(json, "initial");
  tf.tidy(() => {
    for (const [name, variable] of network.trainable) variable.assign(toTensor(tensorOf(initial[name])));
    for (const [name, clip] of relaxation.parameters) clip.assign(tf.tensor1d([...tensorOf(initial[alphaName(name)]).data]));
  });
  ROLES.forEach((role) => {
    setWidths(
      relaxation,
      role,
      freeSites(space, role).flatMap((site) => [...tensorOf(initial[lamdaName(site)]).data]),
    );
  });
  const target = resource === "bitops" ? field<number>(flags, "target_bitops") : field<number>(flags, "target_size");
  const batches = field<readonly Json[]>(json, "batches").map((batch) => ({
    x: toTensor(tensorOf(batch["x_nhwc"])),
    labels: tf.tensor1d(field<number[]>(batch, "labels"), "int32"),
  }));
  return { json, resource, space, network, relaxation, batches, target: target * UNIT[resource] };
}

/** Sites of a role whose widths are learned, in the order of their variable. */
export const freeSites = ({ sites }: SearchSpace, role: Role): readonly Site[] =>
  sites.filter((site) => site.role === role && !site.pinned);

export const lamdaName = ({ layer, role }: Site): string => `${layer.name}.${LAMDA[role]}`;

export const layerOfClip = (name: string): string => name.slice(0, -clipName("").length);

export const alphaName = (clip: string): string => `${layerOfClip(clip)}.alpha`;
