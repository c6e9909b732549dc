/** Runs parts of a benchmark and prints what they report. */
import { cpus, loadavg } from "node:os";
import { UsageError } from "../src/cli/arguments";
import { table } from "../src/cli/table";
import { isMet, joined, type Figure, type Report, type Target } from "./figures";

/** Runs parts by name and prints them, as tables or as JSON; progress goes to standard error. */
export async function runParts(parts: Readonly<Record<string, () => Promise<Report>>>, only: readonly string[], json: boolean) {
  // Work beside the benchmark spoils times: the load of the minute before it is part of the result.
  const machine = { processor: cpus()[0]?.model ?? "", cores: cpus().length, load: loadavg()[0] ?? NaN, node: process.version };
  const reports = new Map<string, Report>();
  for (const name of only) {
    const measure = parts[name];
    if (!measure) throw new UsageError(`No part "${name}". Known: ${Object.keys(parts).join(", ")}.`);
    reports.set(name, await measure());
  }
  const { targets } = joined([...reports.values()]);
  if (json) {
    const figures = Object.fromEntries([...reports].map(([name, { figures, notes }]) => [name, { figures, notes }]));
    console.log(
      JSON.stringify({ machine, parts: figures, targets: targets.map((target) => ({ ...target, met: isMet(target) })) }, null, 2),
    );
    return;
  }
  const { processor, cores, load, node } = machine;
  console.log(`${processor}, cores: ${cores}, load before the run: ${load.toFixed(2)}, Node ${node}`);
  for (const [name, { figures, notes }] of reports) {
    const rows = figures.length > 0 ? [table(FIGURE_HEADER, figures.map(figureRow))] : [];
    console.log([`\n== ${name}`, ...rows, ...notes].join("\n"));
  }
  if (targets.length > 0) console.log(`\n== targets\n${table(TARGET_HEADER, targets.map(targetRow))}`);
}

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
