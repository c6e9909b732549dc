/** The default job of the page and of the command line. */
import type { TrainTarget } from "../../core/protocol";
import type { Policy } from "../../core/policy";
import type { Choice } from "../../core/search";
import type { Verdict } from "../control";
import { choicesOf } from "../policies";
import { derivePolicy } from "./derive";
import { runSearch } from "./search";
import { baselineTargets, fineTune, trainTargets } from "./train";
import type { Study, Surroundings } from "./study";

/** Search, derive, fine-tune where the method does, and, as configured, retraining and baselines. Gives whether a person stopped it. */
export async function runStudy(study: Study, surroundings: Surroundings): Promise<Verdict> {
  const { config } = study;
  let policy: Policy | null = null;
  for (const stage of study.method.stages(config.options)) {
    const found: readonly Choice[] | null = policy && choicesOf(policy);
    if ((await runSearch(study, stage, found, surroundings)) === "stop") return "stop";
    policy = await derivePolicy(study, config, surroundings);
  }
  if (!policy) throw new RangeError(`The method ${study.method.label} has no search.`);
  if ((await fineTune(study, policy, surroundings)) === "stop") return "stop";
  const targets: TrainTarget[] = [];
  if (config.retrain) targets.push({ kind: "policy", policy, from: config.retrainFrom });
  if (config.baselines) targets.push(...baselineTargets());
  return trainTargets(study, targets, surroundings);
}
