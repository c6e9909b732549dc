/** `npm run bitloom -- COMMAND` and the benchmarks in Node: bundles what changed, then runs it. Usage: bitloom.mjs PROGRAM ARGS */
import { spawnSync } from "node:child_process";
import { buildBenchPage, buildGpuProgram, buildPage, buildProgram, installPackages, installWebGpu } from "./prepare.mjs";

const [program = "bitloom", ...args] = process.argv.slice(2);
installPackages();

/** Prepares a program; gives the path of its bundle. */
function prepare() {
  if (program === "gpu") {
    installWebGpu();
    return buildGpuProgram();
  }
  if (program === "bench") {
    buildPage();
    buildBenchPage();
  }
  return buildProgram(program);
}

const { status } = spawnSync(process.execPath, [prepare(), ...args], { stdio: "inherit" });
process.exit(status ?? 1);
