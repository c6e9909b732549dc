/** Training networks that no longer change: the derived policy, the float network, uniform bit-widths. */
import { policyMismatch, type Policy, type PolicyLayer } from "../../core/policy";
import type { TrainResult, TrainTarget } from "../../core/protocol";
import { withSharedTensors, type Choice, type Role, type SearchSpace } from "../../core/search";
import type { Verdict } from "../control";
import { evaluate, type Evaluation } from "../evaluate";
import { RunFailure } from "../failure";
import { fixedQuantization, takeOver, type FixedQuantization } from "../fixed";
import { FLOAT } from "../forward";
import { disposeNetwork, type Network } from "../network";
import { checkKernels, choicesOf, policyOf, testAccuracy, totalsOf, uniformChoices } from "../policies";
import { knobsOf } from "./derive";
import { refuseTooLarge } from "./memory";
import { keepTrained } from "./newest";
import { continueSearch, searchEpochs } from "./search";
import { statisticsDoubt } from "./statistics";
import { calibrateOn, openOptimizer, runStage, type Epochs } from "./stage";
import { newNetwork, weightOf, type Study, type Surroundings } from "./study";

/** Float and the uniform networks that every comparison shows. */
export const baselineTargets = (): readonly TrainTarget[] => [
  { kind: "float" },
  ...[2, 3, 4].map((bits) => ({ kind: "uniform", weightBits: bits, activationBits: bits }) as const),
];

/** Trains each target in turn and reports its result. */
export async function trainTargets(study: Study, targets: readonly TrainTarget[], surroundings: Surroundings): Promise<Verdict> {
  refuseTooLarge(study, surroundings.backend);
  for (const target of targets) {
    if ((await trainTarget(study, target, surroundings)) === "stop") return "stop";
  }
  return "go";
}

/**
 * Trains the decided network on from where the search left it, through the epochs that the method's search leaves for that. Nothing for
 * a method that leaves none.
 */
export async function fineTune(study: Study, policy: Policy, surroundings: Surroundings): Promise<Verdict> {
  const { config, method } = study;
  if (method.training.fineTuning === 0) return "go";
  const from = searchEpochs(study);
  const epochs = { from, to: Math.max(config.epochs, from + 1), of: Math.max(config.epochs, from + 1) };
  return trainTarget(study, { kind: "policy", policy, from: "search" }, surroundings, { label: "Fine-tune", epochs });
}

/** How a training is called and which epochs of the schedule it runs through. */
interface Plan {
  readonly label: string;
  readonly epochs: Epochs;
}

async function trainTarget(study: Study, target: TrainTarget, surroundings: Surroundings, given?: Plan): Promise<Verdict> {
  const { config, dataset, space } = study;
  const { emit, control, backend } = surroundings;
  const choices = targetChoices(study, target);
  const { label, epochs } = given ?? {
    label: targetLabel(space, target),
    epochs: { from: 0, to: config.epochs, of: config.epochs },
  };
  const network = newNetwork(study);
  const fixed = fixedQuantization(space.layers, choices);
  if (target.kind === "policy" && target.from === "search") startFromSearch(study, network, fixed, choices);
  else calibrateOn(study, network, dataset.train, () => fixed);
  const quantization = target.kind === "float" ? FLOAT : fixed;
  const optimizer = openOptimizer(study, network, fixed.parameters, new Map());
  const evaluations: Evaluation[] = [];
  const started = performance.now();
  const pausedBefore = control.pausedSeconds();
  try {
    const verdict = await runStage(study, surroundings, {
      stage: { kind: "train", label, meters: [] },
      epochs,
      network,
      split: dataset.train,
      optimizer,
      passes: [["weights"]],
      openPass: () => ({ quantization, penalty: null }),
      probe: null,
      evaluated: (epoch, evaluation) => {
        evaluations.push(evaluation);
        emit({ type: "evaluated", label, epoch, ...evaluation });
      },
      pass: () => quantization,
    });
    if (verdict === "stop") return "stop";
    const evaluation = evaluations.at(-1) ?? (await evaluate(network, dataset.info, dataset.test, () => quantization));
    const grids = await fixed.grids((layer) => weightOf(network, layer));
    const knobs = study.search && target.kind === "policy" ? knobsOf(study, study.search.knobs) : {};
    const policy = policyOf(
      { config, network: study.source.imported?.info ?? null, space, backend: backend.label, knobs },
      choices,
      grids,
      [],
    );
    const result: TrainResult = {
      label,
      kind: target.kind,
      ...evaluation,
      accuracies: evaluations.map(({ accuracy }) => accuracy),
      totals: totalsOf(space, choices),
      epochs: evaluations.length,
      seconds: (performance.now() - started) / 1000 - (control.pausedSeconds() - pausedBefore),
      policy: target.kind === "float" ? null : trainedPolicy(policy, target, evaluation),
    };
    await keepTrained(study, label, target.kind, network);
    emit({ type: "result", result });
    const doubt = target.kind === "float" ? null : await statisticsDoubt(network, dataset, () => quantization, evaluation);
    if (doubt !== null) emit({ type: "log", text: `${label}: ${doubt}` });
    return verdict;
  } finally {
    optimizer.dispose();
    fixed.dispose();
    disposeNetwork(network);
  }
}

/** The trained policy keeps what the derived one said about its search; scales and accuracy are those of the trained network. */
function trainedPolicy(trained: Policy, target: TrainTarget, evaluation: Evaluation): Policy {
  const totals = { ...trained.totals, accuracy: testAccuracy(evaluation, "retrained") };
  if (target.kind !== "policy") return { ...trained, totals };
  const own = new Map(trained.layers.map((layer) => [layer.name, layer]));
  const scaled = (layer: PolicyLayer, role: Role): PolicyLayer[Role] => ({
    ...layer[role],
    scale: own.get(layer.name)?.[role].scale ?? layer[role].scale,
    zeroPoint: own.get(layer.name)?.[role].zeroPoint ?? layer[role].zeroPoint,
  });
  const layers = target.policy.layers.map((layer) => ({
    ...layer,
    weight: scaled(layer, "weight"),
    activation: scaled(layer, "activation"),
  }));
  return { ...target.policy, layers, totals: { ...target.policy.totals, ...totals } };
}

function targetChoices(study: Study, target: TrainTarget): readonly Choice[] {
  switch (target.kind) {
    case "float":
      return [];
    case "uniform":
      return uniformChoices(
        study.space,
        { weight: target.weightBits, activation: target.activationBits },
        study.method.uniformScheme,
      );
    case "policy": {
      const mismatch = policyMismatch(target.policy, study.space.layers);
      if (mismatch !== null) throw new RunFailure("config", mismatch);
      const choices = withSharedTensors(study.space, choicesOf(target.policy));
      checkKernels(choices, study.space.layers);
      return choices;
    }
  }
}

function targetLabel({ sites }: SearchSpace, target: TrainTarget): string {
  switch (target.kind) {
    case "float":
      return "Float";
    case "uniform": {
      const quantized = (role: Role): boolean => sites.some((site) => site.role === role && !site.pinned);
      return `W${target.weightBits}${quantized("activation") ? `A${target.activationBits}` : ""}`;
    }
    case "policy":
      return "Retrain";
  }
}

function startFromSearch(study: Study, network: Network, fixed: FixedQuantization, choices: readonly Choice[]): void {
  continueSearch(study, network, choices);
  if (study.search) takeOver(fixed.parameters, study.search.relaxation.parameters);
}
