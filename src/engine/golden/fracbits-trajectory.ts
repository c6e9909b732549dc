/**
 * fracbits.trajectory/1: whole searches, step by step, and the rounding that ends them, through the engine's own network, method, step
 * and optimizer.
 */
import * as tf from "@tensorflow/tfjs-core";
import { resourceOf, targetFor } from "../../core/budget";
import { DEFAULT_KNOBS, type Knobs } from "../../core/config";
import { createRandom } from "../../core/random";
import { ROLES, type SearchSpace } from "../../core/search";
import { fracbits } from "../methods/fracbits";
import { forward } from "../forward";
import { disposeNetwork } from "../network";
import { createOptimizer, type Optimizer } from "../optimizer";
import { computeGradients, trainStep, type Batch, type Pass } from "../step";
import { compare, type CaseResult, type Comparison } from "./compare";
import { LAMDA, listOf, UNIT, widthsOf } from "./fracbits-published";
import { checkRounding } from "./fracbits-rounding";
import { alphaName, freeSites, lamdaName, layerOfClip, openRun, type Run } from "./fracbits-run";
import { field, tensorOf, toleranceOf, type Json } from "./read";
import { bothWays, disposeStep, gradientsOf, type Extent } from "./training";

export async function checkFractionalTrajectory(json: Json, extent: Extent): Promise<readonly CaseResult[]> {
  const run = openRun(json);
  const { network, relaxation, batches, space, resource } = run;
  const optimizer = openOptimizer(run);
  const flags = field<Json>(json, "config", "flags");
  // The loss counts in units of the network at 1 bit.
  const unit =
    resourceOf(resource, space.searched, everywhere(space, 1)) - resourceOf(resource, space.searched, everywhere(space, 0));
  const kappa = (field<number>(flags, "kappa") * unit) / UNIT[resource];
  const knobs: Knobs = { ...DEFAULT_KNOBS, target: targetFor(resource, space, run.target), kappa };
  const openPass = (): Pass => {
    const pass = relaxation.pass(true);
    return { quantization: pass, penalty: pass.penalty(knobs) };
  };
  const mode = { training: true, random: createRandom(3) } as const;
  const comparisons = [
    checkFirstStep(run, () =>
      computeGradients(network, batches[0] as Batch, openPass, optimizer, ["weights", "architecture"], mode),
    ),
  ];
  const steps = field<readonly Json[]>(json, "steps").slice(0, extent === "all steps" ? undefined : 1);
  const comparison = compare(extent === "all steps" ? `${steps.length} steps` : "first step", bothWays(json, "ce"));
  for (const step of steps) {
    const rate = field<number>(step, "lr");
    const batch = batches[field<number>(step, "batch")] as Batch;
    const result = trainStep(network, batch, openPass, optimizer, { weights: rate, architecture: rate }, mode);
    tf.tidy(() => {
      const [t, penalty] = [field<number>(step, "step"), result.penalty as tf.Scalar];
      const relative = { abs: 0, rel: field<number>(json, "tolerance", "penalty_rel") };
      comparison.check(`ce ${t}`, result.taskLoss, [field(step, "ce")]);
      comparison.check(`penalty ${t}`, tf.div(penalty, field<number>(flags, "kappa")), [field(step, "penalty")], {
        tolerance: relative,
      });
      comparison.check(`total ${t}`, tf.add(result.taskLoss, penalty), [field(step, "total")]);
    });
    disposeStep(result);
    checkLearned(run, step, comparison);
  }
  comparisons.push(comparison);
  if (extent === "all steps") comparisons.push(checkState(run), await checkRounding(run));

  const results = await Promise.all(comparisons.map((entry) => entry.result()));
  for (const batch of batches) tf.dispose([batch.x, batch.labels]);
  optimizer.dispose();
  relaxation.dispose();
  disposeNetwork(network);
  return results;
}

/** The method's own training, with the file's momentum and weight decay. */
function openOptimizer({ json, space, network, relaxation }: Run): Optimizer {
  const decay = field<number>(json, "optimizer", "weight_decay");
  const layers = new Map(space.layers.map((layer) => [`${layer.name}.weight`, layer]));
  return createOptimizer(
    { weights: new Map([...network.trainable, ...relaxation.parameters]), architecture: relaxation.architecture },
    {
      momentum: field(json, "optimizer", "momentum"),
      nesterov: fracbits.training.nesterov,
      weightDecay: (name) => (fracbits.training.decays(layers.get(name) ?? null) ? decay : 0),
    },
  );
}

/** Logits and gradients of the first step. */
function checkFirstStep(
  { json, network, relaxation, space, batches }: Run,
  compute: () => ReturnType<typeof computeGradients>,
): Comparison {
  const comparison = compare("step 0 logits and gradients", toleranceOf(json, "step0_grads"));
  tf.tidy(() => {
    const mode = { training: true, random: createRandom(3) } as const;
    const { logits, running } = forward(network, (batches[0] as Batch).x, relaxation.pass(true), mode);
    comparison.check("logits", logits, tensorOf(field(json, "step0", "logits")).data);
    tf.dispose([...running.values()]);
  });
  const golden = field<Json>(json, "step0", "grads");
  gradientsOf(network, compute, (gradients) => {
    for (const [name, gradient] of gradients.get("weights") ?? []) {
      const published = network.trainable.has(name) ? name : alphaName(name);
      comparison.check(published, gradient, tensorOf(golden[published]).data);
    }
    for (const role of ROLES) {
      const gradient = gradients.get("architecture")?.get(`${role} bits`);
      // Activations that stay float have no widths, here and in the file.
      if (!gradient) continue;
      comparison.check(
        LAMDA[role],
        gradient,
        freeSites(space, role).flatMap((site) => [...tensorOf(golden[lamdaName(site)]).data]),
      );
    }
  });
  return comparison;
}

/** Widths and clips after a step. The file's widths of pinned sites are parameters that nothing reads. */
function checkLearned({ json, relaxation, space }: Run, step: Json, comparison: Comparison): void {
  for (const role of ROLES) {
    const widths = widthsOf(relaxation, role);
    if (!widths) continue;
    const golden = freeSites(space, role).flatMap((site) => listOf(field(step, LAMDA[role], site.layer.name)));
    comparison.check(LAMDA[role], widths, golden, { tolerance: bothWays(json, "lamda") });
  }
  for (const [name, clip] of relaxation.parameters) {
    const golden = field<number>(step, "alpha", layerOfClip(name));
    comparison.check(name, clip, [golden], { tolerance: bothWays(json, "alpha") });
  }
}

/** Parameters and running statistics when the fractional phase ends. */
function checkState({ json, network, relaxation }: Run): Comparison {
  const comparison = compare("state before rounding", bothWays(json, "parameters"));
  const parameters = field<Json>(json, "before_rounding", "parameters");
  for (const [name, variable] of network.trainable) comparison.check(name, variable, tensorOf(parameters[name]).data);
  for (const [name, clip] of relaxation.parameters) comparison.check(name, clip, tensorOf(parameters[alphaName(name)]).data);
  for (const [name, value] of Object.entries(field<Json>(json, "before_rounding", "buffers"))) {
    const own = name.replace(".running_mean", ".mean").replace(".running_var", ".variance");
    comparison.check(name, network.running.get(own) as tf.Variable, tensorOf(value).data);
  }
  return comparison;
}

const everywhere = ({ searched }: SearchSpace, bits: number) => searched.map(() => ({ weight: bits, activation: bits }));
