/** Rates of single kernels on WASM against the stock matrix product of the same run. */
import { launchChromium, openDesk, THREADS } from "../chromium";
import type { Figure, Report } from "../figures";
import { kernelFigures } from "./kernel-figures";

const SAMPLES = 25;
const PRODUCT_SIZE = 1024;

export async function measureKernels(say: (text: string) => void): Promise<Report> {
  const desk = await openDesk(await launchChromium());
  try {
    const figures: Figure[] = [];
    for (const threads of new Set([1, THREADS])) {
      const engine = await desk.engine();
      const where = await engine.open("wasm", threads);
      say(`kernels on ${where}`);
      figures.push(...kernelFigures(where, await engine.kernels(SAMPLES, 1, PRODUCT_SIZE)));
    }
    return { figures, targets: [], notes: [] };
  } finally {
    await desk.close();
  }
}
