/** What every command needs first: packages installed, generated files up to date. Each part does nothing when there is nothing to do. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const inRoot = (path) => join(root, path);

/** Runs a command in the project and ends this process if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32", ...options });
  if (result.status !== 0) {
    if (result.error) console.error(`${command}: ${result.error.message}`);
    process.exit(result.status ?? 1);
  }
}

/** Installs the locked packages unless exactly these are installed. */
export function installPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(inRoot("package-lock.json")))
    .digest("hex");
  const stamp = inRoot("node_modules/.cache/bitloom-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("Installing packages ...");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** Compiles the WebAssembly kernels. */
export function buildKernels() {
  run(process.execPath, [inRoot(".ci/build-wasm.mjs")]);
}

/** Builds the page into dist/. */
export function buildPage() {
  buildKernels();
  if (isNewer("dist/index.html", ["src", "workers", "public", "index.html", "vite.config.ts", "package-lock.json"])) return;
  console.log("Building the page ...");
  run(process.execPath, [inRoot("node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"]);
}

/** Builds the workers that the benchmark measures in a browser. */
export function buildBenchPage() {
  buildKernels();
  const output = "node_modules/.cache/bitloom-bench";
  if (isNewer(`${output}/index.html`, ["src", "bench", "vite.config.ts", "package-lock.json"])) return;
  const options = ["--config", "vite.config.ts", "--outDir", inRoot(output), "--emptyOutDir", "--logLevel", "error"];
  // Standard output belongs to the program.
  run(process.execPath, [inRoot("node_modules/vite/bin/vite.js"), "build", "bench/browser", ...options], {
    stdio: ["ignore", 2, 2],
  });
}

/** Bundles the GPU benchmark into one file that needs no package but `webgpu`; gives its path. */
export function buildGpuProgram() {
  buildKernels();
  const output = "node_modules/.cache/bitloom-gpu/gpu.js";
  if (!isNewer(output, ["src", "bench", "vite.gpu.config.ts", "package-lock.json"])) {
    run(
      process.execPath,
      [inRoot("node_modules/vite/bin/vite.js"), "build", "--config", "vite.gpu.config.ts", "--logLevel", "error"],
      { stdio: ["ignore", 2, 2] },
    );
  }
  return inRoot(output);
}

/** Dawn for Node. No dependency of the project: 130 MB that only the GPU benchmark needs. */
const WEBGPU = "webgpu@0.6.2";

/** Installs WebGPU for Node beside the locked packages unless it is there; `npm ci` removes it again. */
export function installWebGpu() {
  if (existsSync(inRoot("node_modules/webgpu"))) return;
  console.error(`Installing ${WEBGPU} ...`);
  run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", WEBGPU], { stdio: ["ignore", 2, 2] });
}

/** Bundles the command line and the benchmarks for Node; gives the path of one of them. */
export function buildProgram(name) {
  buildKernels();
  const output = `node_modules/.cache/bitloom-cli/${name}.js`;
  if (!isNewer(output, ["src", "bench", "vite.cli.config.ts", "package-lock.json"])) {
    run(
      process.execPath,
      [inRoot("node_modules/vite/bin/vite.js"), "build", "--config", "vite.cli.config.ts", "--logLevel", "warn"],
      {
        stdio: ["ignore", 2, 2],
      },
    );
  }
  return inRoot(output);
}

/** Whether `output` exists and is newer than every source. */
function isNewer(output, sources) {
  const path = inRoot(output);
  if (!existsSync(path)) return false;
  const made = statSync(path).mtimeMs;
  return sources.every((source) => newest(inRoot(source)) < made);
}

function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
