/** `npm run bitloom -- COMMAND` and the benchmarks in Node: bundles what changed, then runs it. Usage: bitloom.mjs PROGRAM ARGS */
import { spawnSync } from "node:child_process";
import { buildPage, buildProgram, installPackages } from "./prepare.mjs";

const [program = "bitloom", ...args] = process.argv.slice(2);
installPackages();
if (program === "page") buildPage();
const { status } = spawnSync(process.execPath, [buildProgram(program), ...args], { stdio: "inherit" });
process.exit(status ?? 1);
