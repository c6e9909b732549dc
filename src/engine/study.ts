/** One configuration's network, search and trainings. Everything a person can start goes through here. */
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../core/config";
import { costTotals } from "../core/cost";
import type { Dataset, ImageSplit } from "../core/dataset";
import { layersOf } from "../core/layers";
import { findModel } from "../core/models";
import { policyMismatch, type Policy } from "../core/policy";
import type { BackendInfo, DerivedTry, RelaxedState, RunEvent, StageInfo, TrainResult, TrainTarget } from "../core/protocol";
import { createRandom } from "../core/random";
import { ROLES, searchSpace, type Choice, type SearchSpace } from "../core/search";
import type { Control, Verdict } from "./control";
import { holdOut, trainingBatches } from "./datasets/batches";
import { accuracyOf, predictionsOf } from "./evaluate";
import { RunFailure } from "./failure";
import { fixedQuantization } from "./fixed";
import { findMethod, type Method } from "./methods";
import { candidatesFor, type Ballot, type Relaxation, type Stage } from "./methods/method";
import { copyNetwork, createNetwork, disposeNetwork, FLOAT, heNormal, makeVariable, type Network } from "./network";
import { createOptimizer, type Optimizer } from "./optimizer";
import { choicesOf, policyOf, totalsOf, uniformChoices, weightScales } from "./policies";
import { trainingLoop, type Probe } from "./training-loop";

/** Sample images shown with predictions. */
export const SAMPLE_COUNT = 32;
/** Share of the training images that a sampling rule keeps for choosing among its policies. */
const HELD_OUT = 0.1;

export type Emit = (event: RunEvent) => void;

/** What a study needs of the world around it. */
export interface Surroundings {
  readonly backend: BackendInfo;
  readonly backendFailure: () => string | null;
  readonly control: Control;
  readonly emit: Emit;
}

/** A configuration, checked and opened; the results of its last search stay until it is disposed. */
export interface Study {
  readonly config: RunConfig;
  readonly dataset: Dataset;
  readonly space: SearchSpace;
  readonly method: Method;
  /** The searched network; before a search, and after `dispose`, null. */
  search: Search | null;
}

/** A search that has begun. */
export interface Search {
  readonly stage: Stage;
  readonly network: Network;
  readonly relaxation: Relaxation;
  readonly validation: ImageSplit;
  /** Whether the validation images were kept out of the search. */
  readonly heldOut: boolean;
  /** Lambda of the last step. */
  lambda: number;
}

/** Checks a configuration against a data set and builds its search space. Throws a RunFailure "config" with a sentence. */
export function openStudy(config: RunConfig, dataset: Dataset): Study {
  try {
    const method = findMethod(config.method);
    const space = spaceOf(config, dataset, method);
    method.stages(config.options);
    return { config, dataset, space, method, search: null };
  } catch (error) {
    if (error instanceof RangeError) throw new RunFailure("config", error.message);
    throw error;
  }
}

/** Frees the searched network. */
export function disposeStudy(study: Study): void {
  if (!study.search) return;
  study.search.relaxation.dispose();
  disposeNetwork(study.search.network);
  study.search = null;
}

/** The default job: search, derive and, as configured, retraining and baselines. Gives whether a person stopped it. */
export async function runStudy(study: Study, surroundings: Surroundings): Promise<Verdict> {
  const { config } = study;
  if ((await searchStages(study, surroundings)) === "stop") return "stop";
  const policy = await derivePolicy(study, config, surroundings);
  const targets: TrainTarget[] = [];
  if (config.retrain) targets.push({ kind: "policy", policy, from: config.retrainFrom });
  if (config.baselines) targets.push(...baselineTargets());
  return trainTargets(study, targets, surroundings);
}

/** Float and the uniform networks that every comparison shows. */
export const baselineTargets = (): readonly TrainTarget[] => [
  { kind: "float" },
  ...[2, 3, 4].map((bits) => ({ kind: "uniform", weightBits: bits, activationBits: bits }) as const),
];

/** Trains each target in turn and reports its result. */
export async function trainTargets(study: Study, targets: readonly TrainTarget[], surroundings: Surroundings): Promise<Verdict> {
  for (const target of targets) {
    if ((await trainTarget(study, target, surroundings)) === "stop") return "stop";
  }
  return "go";
}

async function searchStages(study: Study, surroundings: Surroundings): Promise<Verdict> {
  const { config, dataset, method, space } = study;
  const { control, emit } = surroundings;
  for (const stage of method.stages(config.options)) {
    disposeStudy(study);
    const random = createRandom(config.seed);
    const network = createNetwork(graphOf(config, dataset), random.fork("weights"));
    const weight = (layer: string): tf.Variable => network.trainable.get(`${layer}.weight`) as tf.Variable;
    const relaxation = stage.open({
      space,
      weight,
      anotherWeight: (layer, label) => makeVariable(heNormal(weight(layer).shape, random.fork(label)), true),
    });
    const heldOut = config.derive.rule !== "winner";
    const { fit, validation } = holdOut(dataset, HELD_OUT);
    const search: Search = { stage, network, relaxation, validation, heldOut, lambda: control.knobs().lambda };
    study.search = search;
    const optimizer = openOptimizer(study, network, relaxation);
    const pass = (): ReturnType<Relaxation["pass"]> => relaxation.pass();
    try {
      const verdict = await runStage(study, surroundings, {
        stage: { kind: "search", label: stage.name },
        network,
        split: heldOut ? fit : dataset.train,
        optimizer,
        passes: stage.passes,
        openPass: (knobs) => {
          const relaxed = pass();
          search.lambda = knobs.lambda;
          return { quantization: relaxed, penalty: stage.penalty(relaxed, space, knobs) };
        },
        probe: relaxedProbe(relaxation, space),
        evaluated: (epoch, accuracy) => emit({ type: "evaluated", label: "relaxed", epoch, accuracy }),
        pass,
      });
      if (verdict === "stop") return "stop";
    } finally {
      optimizer.dispose();
    }
  }
  return "go";
}

/** Reads the ballots of the last search and decides a policy by the rule of `config`. */
export async function derivePolicy(study: Study, config: RunConfig, surroundings: Surroundings): Promise<Policy> {
  const { search, space, dataset } = study;
  const { emit, backend } = surroundings;
  if (!search) throw new RunFailure("config", "There is nothing to derive a policy from yet: start a search first.");
  emit({ type: "stage", stage: { kind: "derive", label: "Derive", steps: 0, epochs: 0 } });
  const { rule, tries } = config.derive;
  const ballots = await ballotsOf(search.relaxation, space);
  const random = createRandom(config.seed).fork("derive");
  const accuracy = async (choices: readonly Choice[], split: ImageSplit): Promise<number> => {
    const quantization = fixedQuantization(choices);
    const value = await accuracyOf(search.network, dataset.info, split, () => quantization);
    quantization.dispose();
    return value;
  };
  const budget = costTotals(space.searched, expectedBits(ballots)).bitOps;
  const candidates: { readonly choices: readonly Choice[]; readonly bitOps: number; readonly accuracy: number | null }[] = [];
  for (let i = 0; i < (rule === "winner" ? 1 : tries); i++) {
    const choices = search.stage.decide(ballots, config.derive, random);
    const value = rule === "winner" ? null : await accuracy(choices, search.validation);
    candidates.push({ choices, bitOps: totalsOf(space, choices).bitOps, accuracy: value });
  }
  if (rule !== "winner" && !search.heldOut) {
    emit({
      type: "log",
      text: "The policies were compared on training images that the search had seen. Choose the sampling rule before the start to keep them apart.",
    });
  }
  const within = candidates.filter((candidate) => candidate.bitOps <= budget * (1 + 1e-9));
  const best = within.length > 0 ? maximum(within, (c) => c.accuracy ?? 0) : maximum(candidates, (c) => -c.bitOps);
  const scales = await weightScales(space, (layer) => search.network.trainable.get(`${layer}.weight`) as tf.Variable);
  const context = {
    config: { ...study.config, derive: config.derive },
    space,
    modelName: modelLabel(study),
    backend: backend.label,
    lambda: search.lambda,
  };
  const policy = policyOf(context, best.choices, scales, ballots);
  const value = await accuracy(best.choices, dataset.test);
  const rated: Policy = {
    ...policy,
    totals: { ...policy.totals, accuracy: { value, metric: "top1", split: "test", kind: "derived" } },
  };
  const tried: DerivedTry[] = candidates.map((candidate) => ({
    averageBits: totalsOf(space, candidate.choices).averageBits,
    bitOps: candidate.bitOps,
    accuracy: candidate.accuracy,
    withinBudget: within.includes(candidate),
    chosen: candidate === best,
  }));
  emit({ type: "derived", policy: rated, tried });
  return rated;
}

async function trainTarget(study: Study, target: TrainTarget, surroundings: Surroundings): Promise<Verdict> {
  const { config, dataset, space } = study;
  const { emit, control, backend } = surroundings;
  const choices = targetChoices(study, target);
  const label = targetLabel(target);
  const random = createRandom(config.seed);
  const network = createNetwork(graphOf(config, dataset), random.fork("weights"));
  const fromSearch = target.kind === "policy" && target.from === "search";
  if (fromSearch) startFromSearch(study, network, choices);
  const fixed = fixedQuantization(choices);
  const quantization = target.kind === "float" ? FLOAT : fixed;
  const optimizer = openOptimizer(study, network, null);
  const accuracies: number[] = [];
  const started = performance.now();
  const pausedBefore = control.pausedSeconds();
  try {
    const verdict = await runStage(study, surroundings, {
      stage: { kind: "train", label },
      network,
      split: dataset.train,
      optimizer,
      passes: [["weights"]],
      openPass: () => ({ quantization, penalty: null }),
      probe: null,
      evaluated: (epoch, accuracy) => {
        accuracies.push(accuracy);
        emit({ type: "evaluated", label, epoch, accuracy });
      },
      pass: () => quantization,
    });
    if (verdict === "stop") return "stop";
    const accuracy = accuracies.at(-1) ?? (await accuracyOf(network, dataset.info, dataset.test, () => quantization));
    const scales = await weightScales(space, (layer) => network.trainable.get(`${layer}.weight`) as tf.Variable);
    const lambda = study.search && target.kind === "policy" ? study.search.lambda : null;
    const policy = policyOf({ config, space, modelName: modelLabel(study), backend: backend.label, lambda }, choices, scales, []);
    const result: TrainResult = {
      label,
      kind: target.kind,
      accuracy,
      accuracies,
      totals: totalsOf(space, choices),
      epochs: accuracies.length,
      seconds: (performance.now() - started) / 1000 - (control.pausedSeconds() - pausedBefore),
      policy: target.kind === "float" ? null : trainedPolicy(policy, target, accuracy),
    };
    emit({ type: "result", result });
    return verdict;
  } finally {
    optimizer.dispose();
    fixed.dispose();
    disposeNetwork(network);
  }
}

/** The trained policy keeps what the derived one said about its search; scales and accuracy are those of the trained network. */
function trainedPolicy(trained: Policy, target: TrainTarget, value: number): Policy {
  const totals = { ...trained.totals, accuracy: { value, metric: "top1", split: "test", kind: "retrained" } };
  if (target.kind !== "policy") return { ...trained, totals };
  const scales = new Map(trained.layers.map((layer) => [layer.name, layer.weight.scale]));
  const layers = target.policy.layers.map((layer) => ({
    ...layer,
    weight: { ...layer.weight, scale: scales.get(layer.name) ?? layer.weight.scale },
  }));
  return { ...target.policy, layers, totals: { ...target.policy.totals, ...totals } };
}

function targetChoices(study: Study, target: TrainTarget): readonly Choice[] {
  switch (target.kind) {
    case "float":
      return [];
    case "uniform":
      return uniformChoices(study.space, { weight: target.weightBits, activation: target.activationBits });
    case "policy": {
      const mismatch = policyMismatch(target.policy, study.space.layers);
      if (mismatch !== null) throw new RunFailure("config", mismatch);
      return choicesOf(target.policy);
    }
  }
}

export function targetLabel(target: TrainTarget): string {
  switch (target.kind) {
    case "float":
      return "Float";
    case "uniform":
      return `W${target.weightBits}A${target.activationBits}`;
    case "policy":
      return "Retrain";
  }
}

function startFromSearch(study: Study, network: Network, choices: readonly Choice[]): void {
  const { search } = study;
  if (!search)
    throw new RunFailure("config", "There are no search weights to start from: start a search first, or retrain from scratch.");
  copyNetwork(search.network, network);
  for (const choice of choices) {
    const [layer, role] = [
      choice.site.slice(0, choice.site.lastIndexOf("/")),
      choice.site.slice(choice.site.lastIndexOf("/") + 1),
    ];
    if (role !== "weight") continue;
    tf.tidy(() => network.trainable.get(`${layer}.weight`)?.assign(tf.clone(search.relaxation.weightOf(choice))));
  }
}

interface StageRun {
  readonly stage: Pick<StageInfo, "kind" | "label">;
  readonly network: Network;
  readonly split: ImageSplit;
  readonly optimizer: Optimizer;
  readonly passes: Stage["passes"];
  readonly openPass: Parameters<typeof trainingLoop>[0]["openPass"];
  readonly probe: Probe | null;
  readonly evaluated: (epoch: number, accuracy: number) => void;
  readonly pass: () => ReturnType<Relaxation["pass"]> | typeof FLOAT;
}

/** Announces a stage, trains through it, and evaluates on the test images after each epoch. */
async function runStage(study: Study, { emit, control, backendFailure }: Surroundings, run: StageRun): Promise<Verdict> {
  const { config, dataset, method } = study;
  const { info, test } = dataset;
  const random = createRandom(config.seed);
  const batches = trainingBatches(info, run.split, config.batch, config, random.fork("batches"));
  emit({ type: "stage", stage: { ...run.stage, steps: config.epochs * batches.stepsPerEpoch, epochs: config.epochs } });
  return trainingLoop({
    network: run.network,
    info,
    batches,
    epochs: config.epochs,
    optimizer: run.optimizer,
    passes: run.passes,
    openPass: run.openPass,
    rates: (progress) => {
      const factor = method.training.schedule(progress);
      return { weights: config.weightRate * factor, architecture: config.architectureRate * factor };
    },
    random: random.fork("dropout"),
    probe: run.probe,
    control,
    backendFailure,
    onSnapshot: (snapshot) => emit({ type: "snapshot", snapshot }),
    onEpoch: async (epoch) => {
      run.evaluated(epoch, await accuracyOf(run.network, info, test, run.pass));
      const predictions = await predictionsOf(run.network, info, test, SAMPLE_COUNT, run.pass);
      emit({ type: "samples", samples: { ...sampleImages(dataset), predictions, by: run.stage.label } });
    },
  });
}

/** The first test images. */
export function sampleImages({ info, test }: Dataset): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const count = Math.min(SAMPLE_COUNT, test.labels.length);
  const pixels = info.height * info.width * info.channels;
  return { images: test.images.slice(0, count * pixels), labels: test.labels.slice(0, count) };
}

function openOptimizer({ config, method }: Study, network: Network, relaxation: Relaxation | null): Optimizer {
  return createOptimizer(
    {
      weights: new Map([...network.trainable, ...(relaxation?.parameters ?? [])]),
      architecture: relaxation?.architecture ?? new Map(),
    },
    { ...method.training, weightDecay: config.weightDecay },
  );
}

/** What a search's snapshot holds: probabilities site after site, expected bits layer after layer. */
function relaxedProbe(relaxation: Relaxation, space: SearchSpace): Probe {
  const layers = space.searched.length;
  const counts = ROLES.map((role) => space.sites.find((site) => site.role === role)?.candidates.length ?? 0) as [number, number];
  const perLayer = counts[0] + counts[1];
  return {
    tensors: () => {
      const pass = relaxation.pass();
      const bits = ROLES.map((role) => tf.reshape(pass.bits(role), [layers, 1]));
      return [tf.concat([pass.probabilities("weight"), pass.probabilities("activation")], 1), tf.concat(bits, 1)];
    },
    state: (values): RelaxedState => {
      const probabilities = values.slice(0, layers * perLayer);
      const bits = values.slice(layers * perLayer);
      const totals = costTotals(
        space.searched,
        space.searched.map((_, i) => ({ weight: bits[2 * i] as number, activation: bits[2 * i + 1] as number })),
      );
      return { probabilities, bits, totals };
    },
  };
}

async function ballotsOf(relaxation: Relaxation, { sites }: SearchSpace): Promise<readonly Ballot[]> {
  const rows = tf.tidy(() => {
    const pass = relaxation.pass();
    return { weight: pass.probabilities("weight"), activation: pass.probabilities("activation") };
  });
  const values = { weight: await rows.weight.array(), activation: await rows.activation.array() };
  tf.dispose(rows);
  return sites.map((site, i) => ({ site, probabilities: values[site.role][Math.floor(i / 2)] as number[] }));
}

const expectedBits = (ballots: readonly Ballot[]): readonly { weight: number; activation: number }[] => {
  const expected = ballots.map(({ site, probabilities }) =>
    probabilities.reduce((sum, p, k) => sum + p * (site.candidates[k]?.bits ?? 0), 0),
  );
  return Array.from({ length: ballots.length / 2 }, (_, i) => ({
    weight: expected[2 * i] as number,
    activation: expected[2 * i + 1] as number,
  }));
};

function spaceOf(config: RunConfig, dataset: Dataset, method: Method): SearchSpace {
  for (const [role, bits] of [["weight", config.weightBits] as const, ["activation", config.activationBits] as const]) {
    if (bits.length === 0) throw new RangeError(`Choose at least one candidate bit-width for ${role}s.`);
  }
  return searchSpace(layersOf(graphOf(config, dataset)), {
    includeEnds: config.includeEnds,
    candidates: (role) => candidatesFor(method, role, role === "weight" ? config.weightBits : config.activationBits),
  });
}

function graphOf(config: RunConfig, { info }: Dataset): Network["graph"] {
  return findModel(config.model).build({
    width: config.width,
    input: [info.height, info.width, info.channels],
    classes: info.classes.length,
  });
}

const modelLabel = ({ config }: Study): string => config.model;

const maximum = <T>(values: readonly T[], score: (value: T) => number): T =>
  values.reduce((best, value) => (score(value) > score(best) ? value : best));
