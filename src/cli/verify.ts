/** `bitloom verify`: golden cases against our code. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { checkGolden, type CaseResult } from "../engine/golden";
import { parseArguments, UsageError } from "./arguments";
import { openNodeBackend } from "./backend";
import type { Command } from "./command";
import { table } from "./table";

interface FileResult {
  readonly file: string;
  /** Null: no checker for this schema yet. */
  readonly cases: readonly CaseResult[] | null;
}

export const verify: Command = {
  name: "verify",
  usage: `verify [DIR] [--only TEXT] [--backend wasm|cpu] [--json]
    Runs every golden case found under DIR (default: golden) and prints its errors. Exit 1 on a failure, or if there is no case.
    --only TEXT   files whose path contains TEXT, such as edmips`,
  run: async (args) => {
    const parsed = parseArguments(args, ["json"]);
    const [dir = "golden", ...more] = parsed.words;
    if (more.length > 0) throw new UsageError("verify takes one folder.");
    const only = parsed.flags.get("only") ?? "";
    const backend = parsed.flags.get("backend") ?? "wasm";
    for (const name of parsed.flags.keys()) {
      if (!["only", "backend", "json"].includes(name)) throw new UsageError(`verify has no option --${name}.`);
    }
    if (backend !== "wasm" && backend !== "cpu") throw new UsageError(`--backend ${backend}: it must be wasm or cpu.`);
    const { info } = await openNodeBackend(backend);
    const results = await checkFolder(dir, only);
    const cases = results.flatMap((result) => result.cases ?? []);
    const failed = cases.filter((entry) => !entry.pass).length;
    if (parsed.flags.has("json"))
      console.log(JSON.stringify({ backend: info.label, passed: cases.length - failed, failed, files: results }, null, 2));
    else print(results, cases.length - failed, failed);
    return failed > 0 || cases.length === 0 ? 1 : 0;
  },
};

async function checkFolder(dir: string, only: string): Promise<readonly FileResult[]> {
  const found = await stat(dir).catch(() => null);
  if (!found?.isDirectory()) throw new UsageError(`There is no folder ${dir}.`);
  const entries = await readdir(dir, { recursive: true });
  const files = entries.filter((name) => name.endsWith(".json") && name.includes(only)).sort();
  const results: FileResult[] = [];
  for (const name of files)
    results.push({ file: relative(".", join(dir, name)), cases: await checkText(await readFile(join(dir, name), "utf8")) });
  return results;
}

/** A file that is damaged fails as a case of its own: it must not hide the others. */
async function checkText(text: string): Promise<readonly CaseResult[] | null> {
  try {
    return await checkGolden(JSON.parse(text), { exact: true });
  } catch (error) {
    return [
      { name: "(file)", maxAbs: NaN, maxRel: NaN, tolerance: { abs: 0, rel: 0 }, pass: false, worst: (error as Error).message },
    ];
  }
}

function print(results: readonly FileResult[], passed: number, failed: number): void {
  const rows = results.flatMap(({ file, cases }) =>
    cases === null
      ? [[file, "", "", "", "", "not covered"]]
      : cases.map((entry) => [
          file,
          entry.name,
          entry.maxAbs.toExponential(1),
          entry.maxRel.toExponential(1),
          `${entry.tolerance.abs} + ${entry.tolerance.rel} rel`,
          entry.pass ? "pass" : `FAIL ${entry.worst}`,
        ]),
  );
  console.log(table(["file", "case", "max abs", "max rel", "tolerance", "result"], rows));
  const uncovered = results.filter((result) => result.cases === null).length;
  console.log(`\n${passed} passed, ${failed} failed, ${uncovered} files not covered`);
}
