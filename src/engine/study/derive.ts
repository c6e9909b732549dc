/** From the probabilities of a search to one policy. */
import * as tf from "@tensorflow/tfjs-core";
import type { Knobs, RunConfig } from "../../core/config";
import { costTotals, type LayerBits } from "../../core/cost";
import type { Split } from "../../core/dataset";
import type { Policy } from "../../core/policy";
import type { DerivedTry } from "../../core/protocol";
import { createRandom } from "../../core/random";
import { siteId, withSharedTensors, type Bits, type Choice, type Role, type SearchSpace } from "../../core/search";
import { evaluate, type Evaluation } from "../evaluate";
import { RunFailure } from "../failure";
import { fixedQuantization, type FixedQuantization } from "../fixed";
import { optionValue, type Ballot, type Relaxation } from "../methods/method";
import { policyOf, testAccuracy, totalsOf } from "../policies";
import { probabilitiesOf } from "./search";
import { observeOn } from "./stage";
import { weightOf, type Study, type Surroundings } from "./study";

/** Reads the ballots of the last search and decides a policy by the rule of `config`. */
export async function derivePolicy(study: Study, config: RunConfig, surroundings: Surroundings): Promise<Policy> {
  const { search, dataset, method } = study;
  const { emit, backend } = surroundings;
  if (!search) throw new RunFailure("config", "There is nothing to derive a policy from yet: start a search first.");
  const { space } = search;
  emit({ type: "stage", stage: { kind: "derive", label: "Derive", steps: 0, epochs: 0, meters: [] } });
  const { tries } = config.derive;
  const rule = method.sampling ? config.derive.rule : "winner";
  const ballots = await ballotsOf(search.relaxation, space);
  const random = createRandom(config.seed).fork("derive");
  const opened = (choices: readonly Choice[]): FixedQuantization => {
    const quantization = fixedQuantization(space.layers, choices, search.relaxation);
    observeOn(study, search.network, dataset.train, quantization);
    return quantization;
  };
  const evaluated = async (choices: readonly Choice[], split: Split): Promise<Evaluation> => {
    const quantization = opened(choices);
    const value = await evaluate(search.network, dataset.info, split, () => quantization);
    quantization.dispose();
    return value;
  };
  const budget = costTotals(space.searched, expectedBits(ballots)).bitOps;
  const candidates: { readonly choices: readonly Choice[]; readonly bitOps: number; readonly accuracy: number | null }[] = [];
  for (let i = 0; i < (rule === "winner" ? 1 : tries); i++) {
    const decided = search.stage.decide(ballots, { rule: config.derive, random, space, knobs: search.knobs });
    const choices = withSharedTensors(space, decided);
    const value = rule === "winner" ? null : (await evaluated(choices, search.validation)).accuracy;
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
  const fixed = opened(best.choices);
  const grids = await fixed.grids((layer) => {
    const choice = best.choices.find(({ site }) => site === siteId(layer, "weight"));
    return choice ? search.relaxation.weightOf(choice) : weightOf(search.network, layer);
  });
  fixed.dispose();
  const context = {
    config: { ...study.config, derive: config.derive },
    network: study.source.imported?.info ?? null,
    space,
    backend: backend.label,
    knobs: knobsOf(study, search.knobs),
  };
  const policy = policyOf(context, best.choices, grids, ballots);
  const evaluation = await evaluated(best.choices, dataset.test);
  const rated: Policy = {
    ...policy,
    totals: { ...policy.totals, accuracy: testAccuracy(evaluation, "derived") },
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

async function ballotsOf(relaxation: Relaxation, space: SearchSpace): Promise<readonly Ballot[]> {
  const rows = tf.tidy(() => {
    const pass = relaxation.pass(false);
    const of = (role: Role) => ({ probabilities: pass.probabilities(role), bits: pass.kernels(role) ?? pass.bits(role) });
    return { weight: of("weight"), activation: of("activation") };
  });
  const read = async ({ probabilities, bits }: (typeof rows)[Role]) => ({
    probabilities: (await probabilities.data()) as Float32Array,
    bits: (await bits.data()) as Float32Array,
  });
  const values = { weight: await read(rows.weight), activation: await read(rows.activation) };
  tf.dispose(rows);
  const probabilities = probabilitiesOf(space, [values.weight.probabilities, values.activation.probabilities]);
  const at = { probabilities: 0, weight: 0, activation: 0 };
  return space.sites.map((site) => ({
    site,
    probabilities: Array.from(probabilities.subarray(at.probabilities, (at.probabilities += site.candidates.length))),
    bits: Array.from(values[site.role].bits.subarray(at[site.role], (at[site.role] += site.kernels))),
  }));
}

const expectedBits = (ballots: readonly Ballot[]): readonly LayerBits[] => {
  const bits = (i: number): Bits => {
    const { site, bits: widths } = ballots[i] as Ballot;
    return site.kernels === 1 ? (widths[0] as number) : widths;
  };
  return Array.from({ length: ballots.length / 2 }, (_, i) => ({ weight: bits(2 * i), activation: bits(2 * i + 1) }));
};

/** The knobs that the method reads under the options of the study: what a policy says about its search. */
export function knobsOf({ config, method }: Pick<Study, "config" | "method">, knobs: Knobs): Partial<Knobs> {
  const used = method.knobs.filter(
    ({ when }) => when === null || optionValue(method, config.options, when.option) === when.value,
  );
  return Object.fromEntries(used.map(({ knob }) => [knob, knobs[knob]]));
}

const maximum = <T>(values: readonly T[], score: (value: T) => number): T =>
  values.reduce((best, value) => (score(value) > score(best) ? value : best));
