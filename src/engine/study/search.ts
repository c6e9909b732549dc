/** The search: one stage of the method. */
import * as tf from "@tensorflow/tfjs-core";
import { costTotals } from "../../core/cost";
import type { RelaxedState } from "../../core/protocol";
import { createRandom } from "../../core/random";
import { candidateColumns, ROLES, siteParts, spaceOf, type Bits, type Choice, type SearchSpace } from "../../core/search";
import type { Control, Verdict } from "../control";
import { holdOut } from "../datasets/batches";
import type { Relaxation, Stage } from "../methods/method";
import { RunFailure } from "../failure";
import { anotherWeight, copyNetwork, type Network } from "../network";
import type { Probe } from "../training-loop";
import { calibrateOn, openOptimizer, runStage } from "./stage";
import { disposeStudy, newNetwork, weightOf, type Search, type Study, type Surroundings } from "./study";

/** Share of the training images that a sampling rule keeps for choosing among its policies. */
const HELD_OUT = 0.1;

/**
 * Runs one stage; what it found stays in `study.search`. With `found`, what the stage before it decided, it goes on with the network of
 * the last search, if there was one.
 */
export async function runSearch(
  study: Study,
  stage: Stage,
  found: readonly Choice[] | null,
  surroundings: Surroundings,
): Promise<Verdict> {
  const { config, dataset, method } = study;
  const { control, emit } = surroundings;
  const { layers, searched } = study.space;
  const own = found && stage.site?.(config, found);
  const space = own ? spaceOf(layers, searched, own) : study.space;
  stage.check(space, control.knobs());
  const random = createRandom(config.seed);
  const network = newNetwork(study);
  if (found && study.search) continueSearch(study, network, found);
  disposeStudy(study);
  const weight = (layer: string): tf.Variable => weightOf(network, layer);
  const relaxation = stage.open({
    space,
    knobs: control.knobs(),
    random: random.fork("relaxation"),
    weight,
    anotherWeight: (layer, label) => anotherWeight(network, layer, random.fork(label)),
  });
  const heldOut = method.sampling && config.derive.rule !== "winner";
  const { fit, validation } = holdOut(dataset, HELD_OUT);
  const search: Search = { stage, space, network, relaxation, validation, heldOut, knobs: control.knobs() };
  study.search = search;
  const optimizer = openOptimizer(study, network, relaxation.parameters, relaxation.architecture);
  calibrateOn(study, network, fit, () => relaxation.pass(false));
  try {
    return await runStage(study, surroundings, {
      stage: { kind: "search", label: stage.name, meters: stage.meters, ...(own && { space }) },
      epochs: { from: 0, to: searchEpochs(study), of: config.epochs },
      network,
      split: heldOut ? fit : dataset.train,
      optimizer,
      passes: stage.passes,
      ...(stage.architectureSchedule && { architectureSchedule: stage.architectureSchedule }),
      ...(relaxation.prepare && { prepare: relaxation.prepare }),
      openPass: (knobs) => {
        const pass = relaxation.pass(true);
        search.knobs = knobs;
        return { quantization: pass, penalty: pass.penalty(knobs) };
      },
      probe: relaxedProbe(relaxation, stage, space, control),
      evaluated: (epoch, evaluation) => emit({ type: "evaluated", label: "relaxed", epoch, ...evaluation }),
      pass: () => relaxation.pass(false),
    });
  } finally {
    optimizer.dispose();
  }
}

/** Gives a network the weights of the last search, each layer's the one behind what was decided for it. */
export function continueSearch({ search }: Study, network: Network, choices: readonly Choice[]): void {
  if (!search)
    throw new RunFailure("config", "There are no search weights to start from: start a search first, or retrain from scratch.");
  copyNetwork(search.network, network);
  for (const choice of choices) {
    const { layer, role } = siteParts(choice.site);
    if (role !== "weight") continue;
    tf.tidy(() => weightOf(network, layer).assign(tf.clone(search.relaxation.weightOf(choice))));
  }
}

/** Epochs of the search: what the method's fine-tuning leaves of them. */
export function searchEpochs({ config, method }: Study): number {
  const { fineTuning } = method.training;
  return fineTuning === 0 ? config.epochs : Math.max(1, config.epochs - Math.max(1, Math.round(fineTuning * config.epochs)));
}

/** What a search's snapshot holds, and where in the values that are read back. */
function relaxedProbe(relaxation: Relaxation, stage: Stage, space: SearchSpace, control: Control): Probe {
  const layers = space.searched.length;
  const columns = ROLES.map((role) => candidateColumns(space, role));
  const kernels = ROLES.map((role) => space.sites.filter((site) => site.role === role).map((site) => site.kernels));
  const kernelWise = kernels.map((counts) => counts.some((count) => count > 1));
  return {
    tensors: () => {
      const pass = relaxation.pass(false);
      return [
        ...ROLES.map((role) => pass.probabilities(role)),
        ...ROLES.map((role) => pass.bits(role)),
        ...ROLES.flatMap((role) => pass.kernels(role) ?? []),
        ...pass.meters(control.knobs()),
      ];
    },
    state: (values): RelaxedState => {
      let at = 0;
      const take = (count: number): Float32Array => values.slice(at, (at += count));
      const [weightRows, activationRows] = columns.map((count) => take(layers * count)) as [Float32Array, Float32Array];
      const means = ROLES.map(() => take(layers)) as [Float32Array, Float32Array];
      const widths = ROLES.map((_, role) => (kernelWise[role] ? splitBy(take(total(kernels[role])), kernels[role] ?? []) : null));
      const meters = stage.meters.map(({ per }) => take(per === "layer" ? layers : 1));
      const bitsAt = (role: number, layer: number): Bits => widths[role]?.[layer] ?? (means[role]?.[layer] as number);
      return {
        probabilities: probabilitiesOf(space, [weightRows, activationRows]),
        bits: Float32Array.from({ length: 2 * layers }, (_, i) => means[i % 2]?.[i >> 1] as number),
        totals: costTotals(
          space.searched,
          space.searched.map((_, i) => ({ weight: bitsAt(0, i), activation: bitsAt(1, i) })),
        ),
        kernels: kernelWise.includes(true)
          ? Float32Array.from(space.sites.flatMap((_, i) => [bitsAt(i % 2, i >> 1)].flat()))
          : null,
        meters,
      };
    },
  };
}

/** Probabilities site after site: a row of the role's matrix, or certainty where the method fixes the width. */
export function probabilitiesOf(
  { sites }: SearchSpace,
  [weights, activations]: readonly [Float32Array, Float32Array],
): Float32Array {
  const layers = sites.length / 2;
  const rows = sites.map(({ role, pinned, candidates }, i) => {
    const matrix = role === "weight" ? weights : activations;
    const columns = matrix.length / layers;
    return pinned ? [1] : [...matrix.subarray((i >> 1) * columns, (i >> 1) * columns + candidates.length)];
  });
  return Float32Array.from(rows.flat());
}

const total = (counts: readonly number[] = []): number => counts.reduce((sum, count) => sum + count, 0);

function splitBy(values: Float32Array, counts: readonly number[]): readonly Bits[] {
  let at = 0;
  return counts.map((count) => {
    const piece = Array.from(values.subarray(at, (at += count)));
    return count === 1 ? (piece[0] as number) : piece;
  });
}
