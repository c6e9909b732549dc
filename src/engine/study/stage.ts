/** One stage of training, searching or not: batches, rates, and an evaluation after each epoch. */
import * as tf from "@tensorflow/tfjs-core";
import type { Dataset, Split } from "../../core/dataset";
import type { Samples, StageInfo } from "../../core/protocol";
import { createRandom } from "../../core/random";
import type { Verdict } from "../control";
import { countOf, sliceSplit, trainingBatches } from "../datasets/batches";
import { evaluate, predictionsOf, upload, type Evaluation } from "../evaluate";
import type { Stage } from "../methods/method";
import { calibrate, observe, type Calibrated, type Quantization } from "../forward";
import type { Network } from "../network";
import { createOptimizer, type Optimizer } from "../optimizer";
import { trainingLoop, type LoopOptions, type Probe } from "../training-loop";
import type { Study, Surroundings } from "./study";

/** Sample images or texts shown with predictions. */
const SAMPLE_COUNT = 32;

/** Which epochs of a schedule a stage trains through. */
export interface Epochs {
  readonly from: number;
  readonly to: number;
  /** Of the whole schedule. */
  readonly of: number;
}

export interface StageRun {
  readonly stage: Pick<StageInfo, "kind" | "label" | "meters" | "space">;
  readonly epochs: Epochs;
  readonly network: Network;
  readonly split: Split;
  readonly optimizer: Optimizer;
  readonly passes: Stage["passes"];
  readonly prepare?: LoopOptions["prepare"];
  readonly openPass: LoopOptions["openPass"];
  readonly probe: Probe | null;
  readonly architectureSchedule?: Stage["architectureSchedule"];
  readonly evaluated: (epoch: number, evaluation: Evaluation) => void;
  /** Opens the quantization for an evaluation. */
  readonly pass: () => Quantization;
}

/** Announces a stage, trains through it, and evaluates on the test data after each epoch. */
export async function runStage(study: Study, { emit, control, backendFailure }: Surroundings, run: StageRun): Promise<Verdict> {
  const { config, dataset, method } = study;
  const { info, test } = dataset;
  const random = createRandom(config.seed);
  const batches = trainingBatches(info, run.split, config.batch, config, random.fork("batches"));
  const epochs = run.epochs.to - run.epochs.from;
  emit({ type: "stage", stage: { ...run.stage, steps: epochs * batches.stepsPerEpoch, epochs } });
  return trainingLoop({
    network: run.network,
    info,
    batches,
    epochs,
    optimizer: run.optimizer,
    passes: run.passes,
    ...(run.prepare && { prepare: run.prepare }),
    openPass: run.openPass,
    rates: (step) => {
      const factor = method.training.schedule(run.epochs.from + step / batches.stepsPerEpoch, run.epochs.of);
      const architecture = config.architectureRate * (run.architectureSchedule?.(factor) ?? factor);
      return { weights: config.weightRate * factor, architecture };
    },
    random: random.fork("dropout"),
    probe: run.probe,
    control,
    backendFailure,
    onSnapshot: (snapshot) => emit({ type: "snapshot", snapshot }),
    onEpoch: async (epoch) => {
      run.evaluated(epoch, await evaluate(run.network, info, test, run.pass));
      const predictions = await predictionsOf(run.network, info, test, SAMPLE_COUNT, run.pass);
      emit({ type: "samples", samples: { data: sampleData(dataset), predictions, by: run.stage.label } });
    },
  });
}

/** Starts what the quantizers of a new network learn from its first training batch. */
export function calibrateOn(study: Study, network: Network, split: Split, quantization: () => Calibrated): void {
  tf.tidy(() => calibrate(network, firstBatch(study, split), quantization()));
}

/** Shows that batch to quantizers that follow the data, and leaves what they learn. */
export function observeOn(study: Study, network: Network, split: Split, quantization: Quantization): void {
  tf.tidy(() => observe(network, firstBatch(study, split), quantization));
}

function firstBatch({ config, dataset: { info } }: Study, split: Split): tf.Tensor {
  const random = createRandom(config.seed).fork("calibration");
  return upload(info, trainingBatches(info, split, config.batch, config, random).next()).x;
}

/** Copies of the first test images, texts or rows. */
export function sampleData({ info, test }: Dataset): Samples["data"] {
  const first = sliceSplit(info, test, 0, Math.min(SAMPLE_COUNT, countOf(info, test)));
  const labels = first.labels.slice();
  if ("tokens" in first) return { tokens: first.tokens.slice(), labels };
  return "values" in first ? { values: first.values.slice(), labels } : { images: first.images.slice(), labels };
}

/** The optimizer of a network's variables, of what quantizers learn with them, and, in a search, of the architecture's. */
export function openOptimizer(
  { config, method, space }: Pick<Study, "config" | "method" | "space">,
  network: Network,
  parameters: ReadonlyMap<string, tf.Variable>,
  architecture: ReadonlyMap<string, tf.Variable>,
): Optimizer {
  const layers = new Map(space.layers.map((layer) => [`${layer.name}.weight`, layer]));
  return createOptimizer(
    { weights: new Map([...network.trainable, ...parameters]), architecture },
    {
      ...method.training,
      weightDecay: (name) => (method.training.decays(layers.get(name) ?? null) ? config.weightDecay : 0),
    },
  );
}
