/** The search: every stage of the method in turn. */
import * as tf from "@tensorflow/tfjs-core";
import { costTotals } from "../../core/cost";
import type { RelaxedState } from "../../core/protocol";
import { createRandom } from "../../core/random";
import { ROLES, type SearchSpace } from "../../core/search";
import type { Verdict } from "../control";
import { holdOut } from "../datasets/batches";
import type { Relaxation } from "../methods/method";
import { createNetwork, heNormal, makeVariable } from "../network";
import type { Probe } from "../training-loop";
import { openOptimizer, runStage } from "./stage";
import { disposeStudy, graphOf, weightOf, type Search, type Study, type Surroundings } from "./study";

/** Share of the training images that a sampling rule keeps for choosing among its policies. */
const HELD_OUT = 0.1;

/** Runs all stages; what the last one found stays in `study.search`. */
export async function runSearch(study: Study, surroundings: Surroundings): Promise<Verdict> {
  const { config, dataset, method, space } = study;
  const { control, emit } = surroundings;
  for (const stage of method.stages(config.options)) {
    disposeStudy(study);
    const random = createRandom(config.seed);
    const network = createNetwork(graphOf(config, dataset), random.fork("weights"));
    const weight = (layer: string): tf.Variable => weightOf(network, layer);
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
