/** Runs parts of a benchmark and prints what they report. */
import { cpus, loadavg } from "node:os";
import { table } from "../src/cli/table";
import { isMet, joined, type Figure, type Report, type Target } from "./figures";

type Parts = Readonly<Record<string, () => Promise<Report>>>;

/** Runs the parts named in `--only`, or all, and prints them, as tables or as JSON (`--json`). Gives the exit code. */
export async function runParts(parts: Parts, flags: ReadonlyMap<string, string>): Promise<number> {
  const names = flags.get("only")?.split(",") ?? Object.keys(parts);
  const unknown = names.find((name) => !(name in parts));
  if (unknown !== undefined) {
    console.error(`No part "${unknown}". Known: ${Object.keys(parts).join(", ")}.`);
    return 2;
  }
  // Work beside the benchmark spoils times: the load of the minute before it is part of the result.
  const machine = { processor: cpus()[0]?.model ?? "", cores: cpus().length, load: loadavg()[0] ?? NaN, node: process.version };
  const reports = new Map<string, Report>();
  let failed = false;
  for (const name of names) {
    const report = await (parts[name] as () => Promise<Report>)().catch((error: unknown): Report => {
      // What the other parts took minutes to measure is still worth reading.
      failed = true;
      return { figures: [], targets: [], notes: [`This part failed: ${(error as Error).stack}`] };
    });
    reports.set(name, report);
  }
  if (flags.has("json")) printJson(machine, reports);
  else printTables(machine, reports);
  return failed ? 1 : 0;
}

interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly load: number;
  readonly node: string;
}

function printJson(machine: Machine, reports: ReadonlyMap<string, Report>): void {
  const parts = Object.fromEntries([...reports].map(([name, { figures, notes }]) => [name, { figures, notes }]));
  const targets = joined([...reports.values()]).targets.map((target) => ({ ...target, met: isMet(target) }));
  console.log(JSON.stringify({ machine, parts, targets }, null, 2));
}

function printTables({ processor, cores, load, node }: Machine, reports: ReadonlyMap<string, Report>): void {
  console.log(`${processor}, cores: ${cores}, load before the run: ${load.toFixed(2)}, Node ${node}`);
  for (const [name, { figures, notes }] of reports) {
    const rows = figures.length > 0 ? [table(FIGURE_HEADER, figures.map(figureRow))] : [];
    console.log([`\n== ${name}`, ...rows, ...notes].join("\n"));
  }
  const { targets } = joined([...reports.values()]);
  if (targets.length > 0) console.log(`\n== targets\n${table(TARGET_HEADER, targets.map(targetRow))}`);
}

/** Three significant digits without an exponent. */
const number = (value: number): string => {
  if (Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(digits);
};

const FIGURE_HEADER = ["where", "what", "median", "25 %", "75 %", "unit", ""];

/** One row of the table. */
function figureRow({ where, what, value, unit, note }: Figure): readonly string[] {
  const quartiles = value.samples > 1 ? [number(value.low), number(value.high)] : ["", ""];
  return [where, what, number(value.median), ...quartiles, unit, note];
}

const TARGET_HEADER = ["target", "", "limit", "measured", ""];

const targetRow = (target: Target): readonly string[] => [
  target.what,
  target.kind,
  number(target.limit),
  number(target.measured),
  isMet(target) ? "met" : "missed",
];
