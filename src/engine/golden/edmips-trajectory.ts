/** edmips.trajectory/1: whole searches, step by step, through the engine's own network, method, step and optimizer. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../core/config";
import { graphBuilder } from "../../core/models/builder";
import { residualBlock } from "../../core/models/resnet";
import type { Graph } from "../../core/graph";
import { layersOf } from "../../core/layers";
import { createRandom } from "../../core/random";
import { ROLES, searchSpace, type Role } from "../../core/search";
import { edmips } from "../methods/edmips";
import type { Relaxation } from "../methods/method";
import { anotherWeight, createNetwork, disposeNetwork, type Network } from "../network";
import { createOptimizer } from "../optimizer";
import { computeGradients, trainStep, type Batch } from "../step";
import { compare, type CaseResult, type Comparison, type Tolerance } from "./compare";
import { field, tensorOf, toTensor, type Json } from "./read";
import { bothWays, disposeStep, gradientsOf, type Extent } from "./training";

const ROLE_WORD: Readonly<Record<Role, string>> = { weight: "weight", activation: "activ" };

export async function checkTrajectory(json: Json, extent: Extent): Promise<readonly CaseResult[]> {
  const tolerance = tolerancesOf(json);
  const layers = searchedNames(json);
  const config = field<Json>(json, "config");
  const shared = field<boolean>(config, "share_weight");
  const graph = goldenGraph(config);
  const network = createNetwork(graph, createRandom(1));
  const space = searchSpace(layersOf(graph), {
    includeEnds: false,
    site: edmips.site({
      ...DEFAULT_CONFIG,
      weightBits: field<number[]>(config, "wbits"),
      activationBits: field<number[]>(config, "abits"),
    }),
  });
  const stage = edmips.stages({ branches: shared ? "shared" : "non-shared" })[0];
  if (!stage) throw new RangeError("EdMIPS has no stage.");
  const weight = (layer: string): tf.Variable => network.trainable.get(`${layer}.weight`) as tf.Variable;
  const relaxation = stage.open({
    space,
    knobs: DEFAULT_KNOBS,
    random: createRandom(4),
    weight,
    anotherWeight: (layer, label) => anotherWeight(network, layer, createRandom(label)),
  });
  const names = goldenNames(network, relaxation, layers, shared);
  setInitial(field<Json>(json, "initial"), names, network, relaxation, layers);

  const optimizer = createOptimizer(
    { weights: new Map([...network.trainable, ...relaxation.parameters]), architecture: relaxation.architecture },
    { momentum: field(config, "momentum"), nesterov: false, weightDecay: () => field(config, "weight_decay") },
  );
  const lambda = field<number>(config, "complexity_decay");
  const openPass = (): { quantization: ReturnType<Relaxation["pass"]>; penalty: tf.Scalar } => {
    const pass = relaxation.pass(true);
    return { quantization: pass, penalty: pass.penalty({ ...DEFAULT_KNOBS, lambda }) };
  };
  const mode = { training: true, random: createRandom(3) } as const;
  const batches = field<readonly Json[]>(json, "batches").map(toBatch);
  const comparisons: Comparison[] = [];

  comparisons.push(
    checkFirstStep(json, { network, relaxation, names, layers }, () =>
      computeGradients(network, batches[0] as Batch, openPass, optimizer, ["weights", "architecture"], mode),
    ),
  );

  const steps = field<readonly Json[]>(json, "steps").slice(0, extent === "all steps" ? undefined : 1);
  const run = compare(extent === "all steps" ? `${steps.length} steps` : "first step", tolerance.loss);
  steps.forEach((step, t) => {
    const epoch = Math.floor(t / field<number>(config, "steps_per_epoch"));
    const factor = 0.1 ** Math.floor(epoch / field<number>(config, "step_epoch"));
    const rates = { weights: field<number>(config, "lr") * factor, architecture: field<number>(config, "lra") * factor };
    const result = trainStep(network, batches[field<number>(step, "batch")] as Batch, openPass, optimizer, rates, mode);
    const penalty = result.penalty as tf.Scalar;
    tf.tidy(() => {
      run.check(`ce ${t}`, result.taskLoss, [field(step, "ce")]);
      run.check(`complexity ${t}`, tf.div(penalty, lambda), [field(step, "complexity")], { tolerance: tolerance.complexity });
      run.check(`total ${t}`, tf.add(result.taskLoss, penalty), [field(step, "total")]);
    });
    disposeStep(result);
    checkProbabilities(relaxation, layers, step, run, tolerance.alpha);
  });
  comparisons.push(run);
  if (extent === "all steps") comparisons.push(checkFinal(json, { network, relaxation, names, layers }));

  const results = await Promise.all(comparisons.map((comparison) => comparison.result()));
  for (const batch of batches) tf.dispose([batch.x, batch.labels]);
  optimizer.dispose();
  relaxation.dispose();
  disposeNetwork(network);
  return results;
}

interface Run {
  readonly network: Network;
  readonly relaxation: Relaxation;
  readonly names: Names;
  /** Searched layers in network order. */
  readonly layers: readonly string[];
}

/** Gradients of the first step. */
function checkFirstStep(
  json: Json,
  { network, names, layers }: Run,
  compute: () => ReturnType<typeof computeGradients>,
): Comparison {
  const comparison = compare("step 0 gradients", field<Tolerance>(json, "tolerance", "step0_grads"));
  gradientsOf(network, compute, (gradients) => {
    const golden = field<Json>(json, "step0", "grads");
    for (const [goldenName, name] of names) {
      comparison.check(goldenName, gradients.get("weights")?.get(name) as tf.Tensor, tensorOf(golden[goldenName]).data);
    }
    for (const role of ROLES) {
      const rows = gradients.get("architecture")?.get(role) as tf.Tensor;
      comparison.check(
        `alpha ${role}`,
        rows,
        layers.flatMap((layer) => [...tensorOf(golden[alphaName(layer, role)]).data]),
      );
    }
  });
  return comparison;
}

function checkProbabilities(
  relaxation: Relaxation,
  layers: readonly string[],
  step: Json,
  run: Comparison,
  tolerance: Tolerance,
): void {
  tf.tidy(() => {
    const pass = relaxation.pass(false);
    for (const role of ROLES) {
      const word = ROLE_WORD[role];
      const rows = (what: string): readonly number[] => layers.flatMap((layer) => field<number[]>(step, what, layer));
      run.check(`alpha_${word}`, relaxation.architecture.get(role) as tf.Variable, rows(`alpha_${word}`), { tolerance });
      run.check(`p_${word}`, pass.probabilities(role), rows(`p_${word}`), { tolerance });
    }
  });
}

function checkFinal(json: Json, { network, relaxation, names, layers }: Run): Comparison {
  const comparison = compare("final state and policy", tolerancesOf(json).parameters);
  const parameters = field<Json>(json, "final", "parameters");
  const all = new Map([...network.trainable, ...relaxation.parameters]);
  for (const [goldenName, name] of names) {
    comparison.check(goldenName, all.get(name) as tf.Variable, tensorOf(parameters[goldenName]).data);
  }
  for (const [goldenName, value] of Object.entries(field<Json>(json, "final", "buffers"))) {
    const own = goldenName.replace(".running_mean", ".mean").replace(".running_var", ".variance");
    const variable = network.running.get(own);
    if (variable) comparison.check(goldenName, variable, tensorOf(value).data);
  }
  const policy = field<readonly Json[]>(json, "final", "policy");
  const config = field<Json>(json, "config");
  tf.tidy(() => {
    for (const role of ROLES) {
      const word = ROLE_WORD[role];
      const winners = tf.argMax(relaxation.architecture.get(role) as tf.Variable, 1);
      const bits = field<number[]>(config, role === "weight" ? "wbits" : "abits");
      const golden = layers.map((layer) =>
        bits.indexOf(
          field(
            policy.find((entry) => entry["name"] === layer),
            `${word}_bits`,
          ),
        ),
      );
      comparison.check(`${word} candidate`, winners, golden, { tolerance: { abs: 0.5, rel: 0 } });
    }
  });
  return comparison;
}

interface Tolerances {
  readonly loss: Tolerance;
  readonly complexity: Tolerance;
  readonly alpha: Tolerance;
  readonly parameters: Tolerance;
}

function tolerancesOf(json: Json): Tolerances {
  return {
    loss: bothWays(json, "ce"),
    complexity: bothWays(json, "complexity"),
    alpha: bothWays(json, "alpha"),
    parameters: bothWays(json, "parameters"),
  };
}

const searchedNames = (json: Json): readonly string[] => field<string[]>(json, "architecture", "searched_layers");

/** Golden parameter names of the weight group, with ours. */
type Names = ReadonlyMap<string, string>;

function goldenNames(network: Network, relaxation: Relaxation, searched: readonly string[], shared: boolean): Names {
  const names = new Map<string, string>();
  for (const name of network.trainable.keys()) {
    const layer = name.replace(/\.weight$/, "");
    const isSearched = name.endsWith(".weight") && searched.includes(layer);
    const suffix = shared ? "mix_weight.conv.weight" : "mix_weight.conv_list.0.weight";
    names.set(isSearched ? `${layer}.${suffix}` : name, name);
  }
  for (const name of relaxation.parameters.keys())
    names.set(name.replace(/\.weight\.(\d+)$/, ".mix_weight.conv_list.$1.weight"), name);
  return names;
}

function setInitial(initial: Json, names: Names, network: Network, relaxation: Relaxation, layers: readonly string[]): void {
  const all = new Map([...network.trainable, ...relaxation.parameters]);
  tf.tidy(() => {
    for (const [goldenName, name] of names) (all.get(name) as tf.Variable).assign(toTensor(tensorOf(initial[goldenName])));
    for (const role of ROLES) {
      const rows = layers.map((layer) => [...tensorOf(initial[alphaName(layer, role)]).data]);
      relaxation.architecture.get(role)?.assign(tf.tensor2d(rows));
    }
  });
}

const alphaName = (layer: string, role: Role): string =>
  role === "weight" ? `${layer}.mix_weight.alpha_weight` : `${layer}.mix_activ.alpha_activ`;

/** The architecture that the golden README describes. */
function goldenGraph(config: Json): Graph {
  const size = field<number>(config, "hw");
  const [first, second] = field<[number, number]>(config, "planes");
  const net = graphBuilder([size, size, field<number>(config, "in_channels")]);
  let x = net.batchNorm("stem_bn", net.conv("stem", "input", first, 3));
  x = residualBlock(net, "block1", x, first, first, 1);
  x = residualBlock(net, "block2", x, first, second, 2);
  x = net.add("pool", { op: "globalAveragePool" }, net.add("relu", { op: "relu" }, x));
  net.add("fc", { op: "dense", units: field<number>(config, "classes"), bias: true }, x);
  return net.build("golden");
}

const toBatch = (json: Json): Batch => ({
  x: toTensor(tensorOf(json["x"])),
  labels: tf.tensor1d(field<number[]>(json, "labels"), "int32"),
});
