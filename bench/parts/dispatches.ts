/** WebGPU dispatches in Chromium. */
import { launchWithWebGpu, openDesk } from "../chromium";
import type { Report } from "../figures";
import { reportDispatches } from "./dispatch-report";

export async function measureDispatches(say: (text: string) => void): Promise<Report> {
  const desk = await openDesk(await launchWithWebGpu());
  try {
    const engine = await desk.engine();
    return await reportDispatches(engine, await engine.open("webgpu", 1), say);
  } finally {
    await desk.close();
  }
}
