/** Training steps of the engine at every quantization that is compared. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, withMethodDefaults, type RunConfig } from "../../src/core/config";
import { layersOf } from "../../src/core/layers";
import { createRandom } from "../../src/core/random";
import { searchSpace } from "../../src/core/search";
import { fixedQuantization } from "../../src/engine/fixed";
import { openPlayer } from "../../src/engine/kernels/player";
import { METHODS, type Method } from "../../src/engine/methods";
import type { Group, Relaxation, Stage } from "../../src/engine/methods/method";
import { calibrate, FLOAT, type Calibrated } from "../../src/engine/forward";
import { anotherWeight, createNetwork, disposeNetwork, type Network } from "../../src/engine/network";
import type { Optimizer } from "../../src/engine/optimizer";
import { uniformChoices } from "../../src/engine/policies";
import { playStep, type Pass } from "../../src/engine/step";
import { openOptimizer } from "../../src/engine/study";
import { benchBatch, benchPixels, RATES } from "./batch";
import { graphOf, type NetworkId } from "./networks";

type Candidates = Pick<RunConfig, "weightBits" | "activationBits">;

const ALL_BITS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Candidate bit-widths by the name of the comparison: weights x activations, or the counts of both. */
export const CANDIDATES = {
  "2+2": { weightBits: [2, 3], activationBits: [2, 3] },
  "4x3": { weightBits: [1, 2, 3, 4], activationBits: [2, 3, 4] },
  "8+8": { weightBits: ALL_BITS, activationBits: ALL_BITS },
} as const satisfies Readonly<Record<string, Candidates>>;

/** Methods whose cost depends on the number of candidates; the others run as they start by default. */
const COMPARED: Readonly<Record<string, Readonly<Record<string, Candidates>>>> = { edmips: CANDIDATES };

/** A network that is being trained on one batch, again and again. */
export interface Training {
  /** One step; nothing is read back. Gives the cross-entropy before the update, which belongs to the training until its next step. */
  readonly step: () => tf.Scalar;
  readonly dispose: () => void;
}

export interface Variant {
  /** "float", "W2A2", "EdMIPS 4x3". */
  readonly name: string;
  readonly open: (network: NetworkId) => Training;
}

const [FIRST] = METHODS as readonly [Method];

/** All variants, the float network first: uniform 2 bits, then every stage of every method. */
export const VARIANTS: readonly Variant[] = [
  { name: "float", open: (network) => openFixed(network, FIRST, null) },
  { name: "W2A2", open: (network) => openFixed(network, FIRST, 2) },
  // A stage whose candidates follow from the stage before it is another method's, which is measured there.
  ...METHODS.filter((method) => method.stages({}).every(({ site }) => !site)).flatMap((method) => {
    const sets: Readonly<Record<string, Partial<Candidates>>> = COMPARED[method.id] ?? { "": {} };
    return [
      // What a method with a scheme of its own for uniform networks is to be compared with.
      ...(method.uniformScheme
        ? [{ name: uniformName(method), open: (network: NetworkId) => openFixed(network, method, 3) }]
        : []),
      ...Object.entries(sets).flatMap(([name, candidates]) => searches(method, name, candidates)),
    ];
  }),
];

function searches(method: Method, name: string, candidates: Partial<Candidates>): readonly Variant[] {
  const stages = method.stages({});
  return stages.map((stage) => ({
    name: [method.label, name, stages.length > 1 ? stage.name : ""].filter((word) => word !== "").join(" "),
    open: (network) => openSearch(network, method, stage, candidates),
  }));
}

/** Name of the network of 3 bits with the scheme of a method's uniform networks. */
function uniformName({ label, uniformScheme }: Method): string {
  return `${label} uniform W3A3 (${uniformScheme?.("weight") ?? ""})`;
}

/** A network in float, or with a method's quantizers at one width. */
function openFixed(id: NetworkId, method: Method, bits: number | null): Training {
  const subject = openSubject(id, method, {});
  const { network, space } = subject;
  const choices = bits === null ? [] : uniformChoices(space, { weight: bits, activation: bits }, method.uniformScheme);
  const fixed = fixedQuantization(space.layers, choices);
  const quantization = bits === null ? FLOAT : fixed;
  const optimizer = openOptimizer(subject, network, fixed.parameters, new Map());
  return training(network, optimizer, [["weights"]], () => ({ quantization, penalty: null }), fixed);
}

function openSearch(id: NetworkId, method: Method, stage: Stage, candidates: Partial<Candidates>): Training {
  const subject = openSubject(id, method, candidates);
  const { network, space } = subject;
  const random = createRandom("relaxation");
  const weight = (layer: string): tf.Variable => network.trainable.get(`${layer}.weight`) as tf.Variable;
  stage.check(space, DEFAULT_KNOBS);
  const relaxation = stage.open({
    space,
    knobs: DEFAULT_KNOBS,
    random,
    weight,
    anotherWeight: (layer, label) => anotherWeight(network, layer, random.fork(label)),
  });
  const openPass = (): Pass => {
    const pass = relaxation.pass(true);
    return { quantization: pass, penalty: pass.penalty(DEFAULT_KNOBS) };
  };
  const optimizer = openOptimizer(subject, network, relaxation.parameters, relaxation.architecture);
  startOn(network, () => relaxation.pass(false));
  return training(network, optimizer, stage.passes, openPass, relaxation);
}

function openSubject(id: NetworkId, method: Method, candidates: Partial<Candidates>) {
  const given = new Set(Object.keys(candidates) as (keyof Candidates)[]);
  const config = withMethodDefaults({ ...DEFAULT_CONFIG, method: method.id, ...candidates }, method.defaults, given);
  const graph = graphOf(id);
  const space = searchSpace(layersOf(graph), { includeEnds: false, site: method.site(config) });
  return { config, method, space, network: createNetwork(graph, createRandom("weights")) };
}

/** What quantizers learn starts from a first batch, as in the engine. */
function startOn(network: Network, quantization: () => Calibrated): void {
  tf.tidy(() => calibrate(network, benchBatch().x, quantization()));
}

function training(
  network: Network,
  optimizer: Optimizer,
  passes: readonly (readonly Group[])[],
  openPass: () => Pass,
  quantization: Pick<Relaxation, "prepare" | "dispose">,
): Training {
  const { pixels, shape, labels } = benchPixels();
  const player = openPlayer();
  const batch = {
    x: player.feed("x", pixels, shape, "float32"),
    labels: player.feed<tf.Tensor1D>("labels", labels, [labels.length], "int32"),
  };
  const rate = (group: Group): tf.Scalar => player.feed(`rate of ${group}`, Float32Array.of(RATES[group]), [], "float32");
  const rates = { weights: rate("weights"), architecture: rate("architecture") };
  const steps = { network, optimizer, passes, openPass, random: createRandom("dropout") };
  return {
    step: () => {
      quantization.prepare?.(0);
      return playStep(player, "", steps, batch, rates).taskLoss;
    },
    dispose: () => {
      quantization.dispose();
      optimizer.dispose();
      disposeNetwork(network);
      player.dispose();
    },
  };
}
