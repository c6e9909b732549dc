/** Whether the running statistics of a trained network's batch norms are those of the network as it is. */
import type { Dataset } from "../../core/dataset";
import { evaluate, type Evaluation } from "../evaluate";
import type { Quantization } from "../forward";
import type { Network } from "../network";

/** Accuracy that must be gained with other statistics before anybody is told. */
const WORTH_TELLING = 0.05;

/**
 * A sentence where the statistics of each test batch would serve a network much better than those that training left; null where they
 * fit. Weights or activations that jump between two levels from batch to batch leave a mean that is true of neither state, and after
 * very few steps the first values are still in it.
 */
export async function statisticsDoubt(
  network: Network,
  { info, test }: Dataset,
  pass: () => Quantization,
  { accuracy }: Evaluation,
): Promise<string | null> {
  if (network.running.size === 0) return null;
  const own = await evaluate(network, info, test, pass, "batch");
  if (own.accuracy < accuracy + WORTH_TELLING) return null;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return (
    `The running statistics of its batch normalisation do not fit this network: on the test data it reaches ${percent(accuracy)}, with the ` +
    `statistics of each test batch ${percent(own.accuracy)}. Train it for more epochs, or from another seed, before you use it.`
  );
}
