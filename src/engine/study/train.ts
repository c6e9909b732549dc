/** Training networks that no longer change: the derived policy, the float network, uniform bit-widths. */
import * as tf from "@tensorflow/tfjs-core";
import { policyMismatch, type Policy } from "../../core/policy";
import type { TrainResult, TrainTarget } from "../../core/protocol";
import { createRandom } from "../../core/random";
import type { Choice } from "../../core/search";
import type { Verdict } from "../control";
import { accuracyOf } from "../evaluate";
import { RunFailure } from "../failure";
import { fixedQuantization } from "../fixed";
import { copyNetwork, createNetwork, disposeNetwork, FLOAT, type Network } from "../network";
import { choicesOf, policyOf, totalsOf, uniformChoices, weightScales } from "../policies";
import { openOptimizer, runStage } from "./stage";
import { graphOf, weightOf, type Study, type Surroundings } from "./study";

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
    const scales = await weightScales(space, (layer) => weightOf(network, layer));
    const lambda = study.search && target.kind === "policy" ? study.search.lambda : null;
    const policy = policyOf({ config, space, backend: backend.label, lambda }, choices, scales, []);
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

function targetLabel(target: TrainTarget): string {
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
    tf.tidy(() => weightOf(network, layer).assign(tf.clone(search.relaxation.weightOf(choice))));
  }
}
