/** Steps and kernels of the engine on WebGPU, in this process. */
import { joined, quotient, spreadOf, type Figure, type Report } from "../figures";
import type { EngineSession } from "../measure/engine-session";
import { stepOperations, type NetworkId } from "../measure/networks";
import { openLanes, takeTurns, type Lane } from "../rounds";
import { kernelFigures } from "./kernel-figures";

/** How much is measured at a time: a graphics processor must be kept busy to show its speed, software never ends. */
export interface Pace {
  readonly networks: readonly NetworkId[];
  readonly rounds: number;
  /** Steps, or calls of a kernel, that one sample takes the mean of. */
  readonly steps: number;
  readonly kernelSamples: number;
  /** Side of the matrices whose product stands for the peak. */
  readonly productSize: number;
}

export const HARDWARE: Pace = {
  networks: ["4-conv", "ResNet-8", "ResNet-20"],
  rounds: 15,
  steps: 20,
  kernelSamples: 15,
  productSize: 4096,
};
export const SOFTWARE: Pace = { networks: ["4-conv"], rounds: 3, steps: 1, kernelSamples: 3, productSize: 512 };

export async function measureGpuSteps(
  session: EngineSession,
  where: string,
  pace: Pace,
  say: (text: string) => void,
): Promise<Report> {
  const reports: Report[] = [];
  for (const network of pace.networks) {
    say(`steps of ${network} on ${where}`);
    const { lanes, refusals } = await openLanes(where, session, network, pace.steps);
    const peak: Lane = { where, variant: "", measure: () => session.matmul(pace.productSize) };
    const samples = await takeTurns([...lanes, peak], pace.rounds);
    const rates = samples.get(peak) ?? [];
    const float = samples.get(lanes[0] as Lane) ?? [];
    const figures = lanes.map((lane): Figure => {
      const values = samples.get(lane) ?? [];
      const value = spreadOf(values);
      const share = stepOperations(network) / value.median / 1e6 / spreadOf(rates).median;
      const beside = lane === lanes[0] ? [] : [`${quotient(values, float).toFixed(2)} x float`];
      const note = [...beside, `convolutions at ${(100 * share).toFixed(1)} % of matmul`].join(", ");
      return { where, what: `${network}, ${lane.variant}`, value, unit: "ms", note };
    });
    const product = `matmul ${pace.productSize}^3 (during ${network})`;
    figures.push({ where, what: product, value: spreadOf(rates), unit: "GFLOP/s", note: "" });
    reports.push({ figures, targets: [], notes: refusals });
    session.release();
  }
  return joined(reports);
}

export async function measureGpuKernels(
  session: EngineSession,
  where: string,
  { kernelSamples, steps, productSize }: Pace,
  say: (text: string) => void,
): Promise<Report> {
  say(`kernels on ${where}`);
  return { figures: kernelFigures(where, await session.kernels(kernelSamples, steps, productSize)), targets: [], notes: [] };
}
