/**
 * The engine on a graphics processor, in Node with Dawn, and the float PyTorch step of the same networks beside it.
 *
 *     npm run bench:gpu [-- --json] [-- --only steps,kernels,dispatches,torch] [-- --rounds 15]
 *
 * For a machine without this repository: copy node_modules/.cache/bitloom-gpu/gpu.js there, node_modules/webgpu beside it as
 * node_modules/webgpu, and run `node gpu.js`. It needs a driver for Vulkan, Metal or Direct3D 12; a software one will do, slowly.
 */
import * as tf from "@tensorflow/tfjs-core";
import { parseArguments } from "../src/cli/arguments";
import { probeWebGpu } from "../src/engine/kernels/webgpu/device";
import { createEngineSession } from "./measure/engine-session";
import { provideWebGpu } from "./node-webgpu";
import { reportDispatches } from "./parts/dispatch-report";
import { HARDWARE, measureGpuKernels, measureGpuSteps, SOFTWARE } from "./parts/gpu";
import { measureTorch } from "./parts/torch";
import { runParts } from "./report";

const { flags } = parseArguments(process.argv.slice(2), ["json"]);

/** Progress, apart from what scripts read. */
const say = (text: string): void => console.error(`... ${text}`);

// TensorFlow.js greets on standard output otherwise.
tf.enableProdMode();
await provideWebGpu();
const probe = await probeWebGpu();
if ("reason" in probe) {
  console.error("bench:gpu: Dawn finds no graphics adapter here. It needs a driver for Vulkan, Metal or Direct3D 12.");
  process.exit(1);
}
const session = createEngineSession();
const where = await session.open("webgpu", { wasmPaths: null, threads: 1 });
const usual = probe.software ? SOFTWARE : HARDWARE;
const pace = { ...usual, rounds: Number(flags.get("rounds") ?? usual.rounds) };

const parts = {
  steps: () => measureGpuSteps(session, where, pace, say),
  kernels: () => measureGpuKernels(session, where, pace, say),
  dispatches: () => reportDispatches(session, where, say),
  torch: () => measureTorch(pace, say),
};
process.exit(await runParts(parts, flags));
