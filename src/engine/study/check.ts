/** What a network says as it is, before any training here. */
import { costTotals, FLOAT_BITS } from "../../core/cost";
import { policyMismatch, type Policy } from "../../core/policy";
import type { TrainResult } from "../../core/protocol";
import { withSharedTensors, type Choice } from "../../core/search";
import type { Verdict } from "../control";
import { evaluate, logitsOf, type Evaluation } from "../evaluate";
import { RunFailure } from "../failure";
import { fixedQuantization } from "../fixed";
import { FLOAT } from "../forward";
import { disposeNetwork } from "../network";
import { checkKernels, choicesOf } from "../policies";
import { calibrateOn, observeOn } from "./stage";
import { newNetwork, type Study, type Surroundings } from "./study";

/** Examples whose outputs are given. */
const LOGITS = 8;

export interface AsIs extends Evaluation {
  /** Outputs before any softmax for the first eight test examples. */
  readonly logits: readonly (readonly number[])[];
}

/** Evaluates the study's network with the weights that it starts from: in float, or quantized as a policy says, without training. */
export async function evaluateAsIs(study: Study, policy: Policy | null): Promise<AsIs> {
  const { dataset, space } = study;
  const mismatch = policy && policyMismatch(policy, space.layers);
  if (mismatch) throw new RunFailure("config", mismatch);
  const choices: readonly Choice[] = policy ? withSharedTensors(space, choicesOf(policy)) : [];
  checkKernels(choices, space.layers);
  const network = newNetwork(study);
  const fixed = fixedQuantization(space.layers, choices);
  try {
    if (policy) {
      calibrateOn(study, network, dataset.train, () => fixed);
      observeOn(study, network, dataset.train, fixed);
    }
    const pass = () => (policy ? fixed : FLOAT);
    const evaluation = await evaluate(network, dataset.info, dataset.test, pass);
    return { ...evaluation, logits: await logitsOf(network, dataset.info, dataset.test, LOGITS, pass) };
  } finally {
    fixed.dispose();
    disposeNetwork(network);
  }
}

/** Reports the accuracy of an imported network as a result; a sentence in the log where its outputs are not the data's classes. */
export async function checkNetwork(study: Study, { emit }: Surroundings): Promise<Verdict> {
  const { space, source, dataset } = study;
  if (source.renewed !== null) {
    emit({
      type: "log",
      text: `The network's outputs are not the ${dataset.info.classes.length} classes of the data: its last layer, ${source.renewed}, starts anew.`,
    });
    return "go";
  }
  const started = performance.now();
  const { accuracy, perplexity } = await evaluateAsIs(study, null);
  const result: TrainResult = {
    ...{ label: "As imported", kind: "float", accuracy, perplexity, accuracies: [accuracy], epochs: 0, policy: null },
    totals: costTotals(
      space.searched,
      space.searched.map(() => ({ weight: FLOAT_BITS, activation: FLOAT_BITS })),
    ),
    seconds: (performance.now() - started) / 1000,
  };
  emit({ type: "result", result });
  return "go";
}
