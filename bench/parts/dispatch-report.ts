/** WebGPU dispatches of one training step, and the JavaScript that records them. */
import { joined, single, spreadOf, type Figure, type Report, type Target } from "../figures";
import type { EngineSession } from "../measure/engine-session";
import type { NetworkId } from "../measure/networks";
import { takeTurns, type Lane, type Stepper } from "../rounds";

const ROUNDS = 15;
const LIMIT = 500;
const GOAL = 350;

type Recorder = Stepper & Pick<EngineSession, "encode" | "dispatches" | "skipExecution">;

/** On an open session. */
export async function reportDispatches(engine: Recorder, where: string, say: (text: string) => void): Promise<Report> {
  const skipped = await engine.skipExecution();
  const notes = skipped ? ["Steps were recorded but not executed: the adapter is software."] : [];
  const reports: Report[] = [{ figures: [], targets: [], notes }];
  for (const network of ["ResNet-8", "ResNet-20"] as const) {
    say(`dispatches of ${network} on ${where}`);
    reports.push(await reportNetwork(engine, where, network));
    await engine.release();
  }
  return joined(reports);
}

async function reportNetwork(engine: Recorder, where: string, network: NetworkId): Promise<Report> {
  const lanes: Lane[] = [];
  const notes: string[] = [];
  for (const variant of await engine.variants()) {
    const opened = await engine.prepare(network, variant);
    if ("reason" in opened) notes.push(`${variant}: ${opened.reason}`);
    else lanes.push({ where, variant, measure: () => engine.encode(network, variant) });
  }
  const counts = new Map<string, number>();
  const figures: Figure[] = [];
  for (const [{ variant }, values] of await takeTurns(lanes, ROUNDS)) {
    const count = await engine.dispatches(network, variant);
    counts.set(variant, count);
    const what = `${network}, ${variant}`;
    const note = `${((1000 * spreadOf(values).median) / count).toFixed(1)} us per dispatch`;
    figures.push(
      { where, what, value: single(count), unit: "dispatches", note: "" },
      { where, what, value: spreadOf(values), unit: "ms of JavaScript", note },
    );
  }
  return { figures, targets: network === "ResNet-20" ? targetsOf(counts) : [], notes };
}

function targetsOf(counts: ReadonlyMap<string, number>): readonly Target[] {
  const most = Math.max(...counts.values());
  const count = (candidates: string): number => counts.get(`EdMIPS ${candidates}`) ?? NaN;
  const what = "ResNet-20 on WebGPU: dispatches per step, the most of all variants";
  return [
    { what, limit: LIMIT, kind: "at most", measured: most },
    { what: `${what} (goal)`, limit: GOAL, kind: "at most", measured: most },
    {
      what: "ResNet-20 on WebGPU: dispatches with 8+8 candidates / with 4x3",
      limit: 1,
      kind: "at most",
      measured: count("8+8") / count("4x3"),
    },
  ];
}
