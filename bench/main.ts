/**
 * What training costs on this machine, everything side by side in one run.
 *
 *     npm run bench [-- --json] [-- --only steps,kernels,dispatches,page,memory] [-- --rounds 15]
 *
 * Medians with quartiles; ratios are medians of the quotients of measurements that took turns.
 */
import { parseArguments } from "../src/cli/arguments";
import { measureDispatches } from "./parts/dispatches";
import { measureKernels } from "./parts/kernels";
import { measureMemory } from "./parts/memory";
import { measurePage } from "./parts/page";
import { measureSteps } from "./parts/steps";
import { runParts } from "./report";

const { flags } = parseArguments(process.argv.slice(2), ["json"]);
const rounds = Number(flags.get("rounds") ?? 15);

/** Progress, apart from what scripts read. */
const say = (text: string): void => console.error(`... ${text}`);

const parts = {
  steps: () => measureSteps(rounds, say),
  kernels: () => measureKernels(say),
  dispatches: () => measureDispatches(say),
  page: () => measurePage(say),
  memory: () => measureMemory(say),
};
process.exit(await runParts(parts, flags));
