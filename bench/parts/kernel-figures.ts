/** Times of single kernels as rates. */
import { spreadOf, type Figure } from "../figures";
import type { KernelTimes } from "../measure/kernels";

/** GFLOP/s with the share of the first kernel's, nanoseconds per element for the others. */
export function kernelFigures(where: string, kernels: readonly KernelTimes[]): readonly Figure[] {
  const peak = kernels[0] && rate(kernels[0]).median;
  return kernels.map((kernel) => {
    const { name, times, work } = kernel;
    if (work.unit === "elements") {
      return { where, what: name, value: spreadOf(times.map((ms) => (1e6 * ms) / work.count)), unit: "ns/element", note: "" };
    }
    const value = rate(kernel);
    const note = peak !== undefined && kernel !== kernels[0] ? `${((100 * value.median) / peak).toFixed(0)} % of matmul` : "";
    return { where, what: name, value, unit: "GFLOP/s", note };
  });
}

const rate = ({ times, work }: KernelTimes) => spreadOf(times.map((ms) => work.count / ms / 1e6));
