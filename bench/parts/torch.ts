/** The float step of the same networks in PyTorch, where `python3` has it. */
import { spawnSync } from "node:child_process";
import { spreadOf, type Report } from "../figures";
import { BATCH, graphOf, stepOperations, type NetworkId } from "../measure/networks";
import script from "../torch_step.py?raw";
import type { Pace } from "./gpu";

interface Answer {
  readonly device: string;
  readonly matmul: readonly number[];
  readonly networks: Readonly<Record<NetworkId, readonly number[]>>;
}

/** Never rejects: without PyTorch the report says so. */
export function measureTorch({ networks: ids, rounds, steps }: Pace, say: (text: string) => void): Promise<Report> {
  say("float steps in PyTorch");
  const networks = ids.map((name) => ({ name, nodes: graphOf(name).nodes, shapes: [...graphOf(name).shapes] }));
  const input = JSON.stringify({ batch: BATCH, rounds, steps, networks });
  const { status, stdout, stderr, error } = spawnSync("python3", ["-c", script], { input, encoding: "utf8" });
  if (error || status !== 0) {
    const why = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
    return Promise.resolve({ figures: [], targets: [], notes: [`PyTorch was not measured: ${why}`] });
  }
  const { device, matmul, networks: times } = JSON.parse(stdout) as Answer;
  const peak = spreadOf(matmul);
  const figures = ids.map((name) => {
    const value = spreadOf(times[name]);
    const share = stepOperations(name) / value.median / 1e6 / peak.median;
    const note = `convolutions at ${(100 * share).toFixed(1)} % of matmul`;
    return { where: device, what: `${name}, float`, value, unit: "ms", note };
  });
  return Promise.resolve({
    figures: [...figures, { where: device, what: "matmul", value: peak, unit: "GFLOP/s", note: "" }],
    targets: [],
    notes: [],
  });
}
