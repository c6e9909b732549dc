/** From the probabilities of a search to one policy. */
import * as tf from "@tensorflow/tfjs-core";
import type { RunConfig } from "../../core/config";
import { costTotals, type LayerBits } from "../../core/cost";
import type { ImageSplit } from "../../core/dataset";
import type { Policy } from "../../core/policy";
import type { DerivedTry } from "../../core/protocol";
import { createRandom } from "../../core/random";
import type { Choice, SearchSpace } from "../../core/search";
import { accuracyOf } from "../evaluate";
import { RunFailure } from "../failure";
import { fixedQuantization } from "../fixed";
import type { Ballot, Relaxation } from "../methods/method";
import { policyOf, totalsOf, weightScales } from "../policies";
import { weightOf, type Study, type Surroundings } from "./study";

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
    const quantization = fixedQuantization(choices, search.relaxation.weightOf);
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
  const weights = new Map(best.choices.map((choice) => [choice.site, choice]));
  const scales = await weightScales(space, (layer) => {
    const choice = weights.get(`${layer}/weight`);
    return choice ? search.relaxation.weightOf(choice) : weightOf(search.network, layer);
  });
  const context = {
    config: { ...study.config, derive: config.derive },
    space,
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

async function ballotsOf(relaxation: Relaxation, { sites }: SearchSpace): Promise<readonly Ballot[]> {
  const rows = tf.tidy(() => {
    const pass = relaxation.pass();
    return { weight: pass.probabilities("weight"), activation: pass.probabilities("activation") };
  });
  const values = { weight: await rows.weight.array(), activation: await rows.activation.array() };
  tf.dispose(rows);
  return sites.map((site, i) => ({ site, probabilities: values[site.role][Math.floor(i / 2)] as number[] }));
}

const expectedBits = (ballots: readonly Ballot[]): readonly LayerBits[] => {
  const expected = ballots.map(({ site, probabilities }) =>
    probabilities.reduce((sum, p, k) => sum + p * (site.candidates[k]?.bits ?? 0), 0),
  );
  return Array.from({ length: ballots.length / 2 }, (_, i) => ({
    weight: expected[2 * i] as number,
    activation: expected[2 * i + 1] as number,
  }));
};

const maximum = <T>(values: readonly T[], score: (value: T) => number): T =>
  values.reduce((best, value) => (score(value) > score(best) ? value : best));
