/**
 * Compiles the WebAssembly kernels of `src/engine/kernels/wasm/assembly` for both binaries of the TensorFlow.js WASM backend, plain and
 * with shared memory, into a module that holds the bytes as text: the same import works in Vite workers, in Vitest and in Node.
 * Does nothing when the output is newer than every source.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../src/engine/kernels/wasm/", import.meta.url));
const output = `${folder}build/binaries.ts`;
const sources = [
  fileURLToPath(import.meta.url),
  `${folder}kernel-ids.ts`,
  `${folder}assembly`,
  ...readdirSync(`${folder}assembly`).map((name) => `${folder}assembly/${name}`),
];

const common = ["--baseDir", folder, "-O3", "--converge", "--noAssert", "--runtime", "stub", "--importMemory"];
const variants = {
  plainBinary: ["assembly/plain.ts", "--enable", "simd"],
  // 65536 pages is what the threaded TensorFlow.js binary declares; a module that imports its memory may not declare less.
  sharedBinary: ["assembly/shared.ts", "--enable", "simd,threads", "--sharedMemory", "--maximumMemory", "65536"],
};

if (!isUpToDate()) {
  const lines = [`// Written by .ci/build-wasm.mjs from ../assembly; not kept in git.`];
  for (const [name, flags] of Object.entries(variants)) {
    lines.push(`export const ${name} = "${Buffer.from(await compile(flags)).toString("base64")}";`);
  }
  mkdirSync(`${folder}build`, { recursive: true });
  writeFileSync(output, `${lines.join("\n")}\n`);
}

function isUpToDate() {
  const written = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources.every((path) => statSync(path).mtimeMs < written);
}

async function compile(flags) {
  // Loading the compiler takes longer than finding out that it is not needed.
  const { default: asc } = await import("assemblyscript/asc");
  let binary;
  const { error, stderr } = await asc.main([...common, "--outFile", "kernels.wasm", ...flags], {
    writeFile: (_name, contents) => {
      binary = contents;
    },
  });
  if (error) throw new Error(`AssemblyScript: ${error.message}\n${stderr.toString()}`);
  return binary;
}
