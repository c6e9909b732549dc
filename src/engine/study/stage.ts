/** One stage of training, searching or not: batches, rates, and an evaluation after each epoch. */
import type { Dataset, ImageSplit } from "../../core/dataset";
import type { StageInfo } from "../../core/protocol";
import { createRandom } from "../../core/random";
import type { Verdict } from "../control";
import { trainingBatches } from "../datasets/batches";
import { accuracyOf, predictionsOf } from "../evaluate";
import type { Relaxation, Stage } from "../methods/method";
import type { Network, Quantization } from "../network";
import { createOptimizer, type Optimizer } from "../optimizer";
import { trainingLoop, type Probe } from "../training-loop";
import type { Study, Surroundings } from "./study";

/** Sample images shown with predictions. */
const SAMPLE_COUNT = 32;

export interface StageRun {
  readonly stage: Pick<StageInfo, "kind" | "label">;
  readonly network: Network;
  readonly split: ImageSplit;
  readonly optimizer: Optimizer;
  readonly passes: Stage["passes"];
  readonly openPass: Parameters<typeof trainingLoop>[0]["openPass"];
  readonly probe: Probe | null;
  readonly evaluated: (epoch: number, accuracy: number) => void;
  /** Opens the quantization for an evaluation. */
  readonly pass: () => Quantization;
}

/** Announces a stage, trains through it, and evaluates on the test images after each epoch. */
export async function runStage(study: Study, { emit, control, backendFailure }: Surroundings, run: StageRun): Promise<Verdict> {
  const { config, dataset, method } = study;
  const { info, test } = dataset;
  const random = createRandom(config.seed);
  const batches = trainingBatches(info, run.split, config.batch, config, random.fork("batches"));
  emit({ type: "stage", stage: { ...run.stage, steps: config.epochs * batches.stepsPerEpoch, epochs: config.epochs } });
  return trainingLoop({
    network: run.network,
    info,
    batches,
    epochs: config.epochs,
    optimizer: run.optimizer,
    passes: run.passes,
    openPass: run.openPass,
    rates: (step) => {
      const factor = method.training.schedule(step / batches.stepsPerEpoch, config.epochs);
      return { weights: config.weightRate * factor, architecture: config.architectureRate * factor };
    },
    random: random.fork("dropout"),
    probe: run.probe,
    control,
    backendFailure,
    onSnapshot: (snapshot) => emit({ type: "snapshot", snapshot }),
    onEpoch: async (epoch) => {
      run.evaluated(epoch, await accuracyOf(run.network, info, test, run.pass));
      const predictions = await predictionsOf(run.network, info, test, SAMPLE_COUNT, run.pass);
      emit({ type: "samples", samples: { ...sampleImages(dataset), predictions, by: run.stage.label } });
    },
  });
}

/** The first test images. */
export function sampleImages({ info, test }: Dataset): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const count = Math.min(SAMPLE_COUNT, test.labels.length);
  const pixels = info.height * info.width * info.channels;
  return { images: test.images.slice(0, count * pixels), labels: test.labels.slice(0, count) };
}

/** The optimizer of a network's variables and, in a search, of the relaxation's. */
export function openOptimizer({ config, method }: Study, network: Network, relaxation: Relaxation | null): Optimizer {
  return createOptimizer(
    {
      weights: new Map([...network.trainable, ...(relaxation?.parameters ?? [])]),
      architecture: relaxation?.architecture ?? new Map(),
    },
    { ...method.training, weightDecay: config.weightDecay },
  );
}
