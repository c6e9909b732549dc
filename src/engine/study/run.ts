/** The default job of the page and of the command line. */
import type { TrainTarget } from "../../core/protocol";
import { policyMismatch, type Policy } from "../../core/policy";
import type { Choice } from "../../core/search";
import type { Verdict } from "../control";
import { RunFailure } from "../failure";
import { choicesOf } from "../policies";
import { checkNetwork } from "./check";
import { derivePolicy } from "./derive";
import { refuseTooLarge } from "./memory";
import { runSearch } from "./search";
import { baselineTargets, fineTune, trainTargets } from "./train";
import type { Study, Surroundings } from "./study";

/** Search, derive, fine-tune where the method does, and, as configured, retraining and baselines. Gives whether a person stopped it. */
export const runStudy = (study: Study, surroundings: Surroundings): Promise<Verdict> => runFrom(study, 0, null, surroundings);

/**
 * The same from the method's second search on, which takes `policy` for what the first one decided. It goes on with the weights of the
 * study's last search, with new ones where there was none. Throws a RunFailure or a RangeError with a sentence for a policy that the
 * search cannot start from.
 */
export async function resumeStudy(study: Study, policy: Policy, surroundings: Surroundings): Promise<Verdict> {
  const mismatch = policyMismatch(policy, study.space.layers);
  if (mismatch !== null) throw new RunFailure("config", mismatch);
  return runFrom(study, 1, policy, surroundings);
}

/** The method's searches from the one at `first` on, and what follows them. */
async function runFrom(study: Study, first: number, found: Policy | null, surroundings: Surroundings): Promise<Verdict> {
  const { config, method } = study;
  refuseTooLarge(study, surroundings.backend);
  const stages = method.stages(config.options);
  if (first === 0 && study.source.imported && config.start === "pretrained") await checkNetwork(study, surroundings);
  if (first >= stages.length)
    throw new RunFailure("config", `The method ${method.label} has no search that could go on from here.`);
  let policy = found;
  for (const stage of stages.slice(first)) {
    const decided: readonly Choice[] | null = policy && choicesOf(policy);
    if ((await runSearch(study, stage, decided, surroundings)) === "stop") return "stop";
    policy = await derivePolicy(study, config, surroundings);
    if (stage.waits) {
      surroundings.emit({ type: "log", text: stage.waits });
      return "go";
    }
  }
  if (!policy) throw new RangeError(`The method ${method.label} has no search.`);
  if ((await fineTune(study, policy, surroundings)) === "stop") return "stop";
  const targets: TrainTarget[] = [];
  if (config.retrain) targets.push({ kind: "policy", policy, from: config.retrainFrom });
  if (config.baselines) targets.push(...baselineTargets());
  return trainTargets(study, targets, surroundings);
}
