/** The default job of the page and of the command line. */
import type { TrainTarget } from "../../core/protocol";
import type { Verdict } from "../control";
import { derivePolicy } from "./derive";
import { runSearch } from "./search";
import { baselineTargets, fineTune, trainTargets } from "./train";
import type { Study, Surroundings } from "./study";

/** Search, derive, fine-tune where the method does, and, as configured, retraining and baselines. Gives whether a person stopped it. */
export async function runStudy(study: Study, surroundings: Surroundings): Promise<Verdict> {
  const { config } = study;
  if ((await runSearch(study, surroundings)) === "stop") return "stop";
  const policy = await derivePolicy(study, config, surroundings);
  if ((await fineTune(study, policy, surroundings)) === "stop") return "stop";
  const targets: TrainTarget[] = [];
  if (config.retrain) targets.push({ kind: "policy", policy, from: config.retrainFrom });
  if (config.baselines) targets.push(...baselineTargets());
  return trainTargets(study, targets, surroundings);
}
