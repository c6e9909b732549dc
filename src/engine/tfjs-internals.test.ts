/** The kernels rely on members of TensorFlow.js that it does not publish: on those of one version, and in few places. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const PACKAGES = ["core", "backend-cpu", "backend-wasm", "backend-webgpu"].map((name) => `@tensorflow/tfjs-${name}`);
const VERSION = "4.22.0";

const readJson = (path: string): { readonly version: string; readonly dependencies: Readonly<Record<string, string>> } =>
  JSON.parse(readFileSync(path, "utf8")) as ReturnType<typeof readJson>;

test.each(PACKAGES)("%s is pinned to the version whose internals were read, and that version is installed", (name) => {
  expect(readJson("package.json").dependencies[name]).toBe(VERSION);
  expect(readJson(`node_modules/${name}/package.json`).version).toBe(VERSION);
});

/** Declarations of the classes, and the one file that may use their private members. */
const CLASSES = [
  ["tfjs-backend-webgpu/dist/backend_webgpu.d.ts", "kernels/webgpu/dispatch.ts"],
  ["tfjs-backend-wasm/dist/backend_wasm.d.ts", null],
  ["tfjs-backend-cpu/dist/backend_cpu.d.ts", null],
  ["tfjs-core/dist/engine.d.ts", null],
] as const;

/** Also the name of public functions. */
const COMMON = ["clone"];

const SOURCES = readdirSync("src/engine", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));

/** Lines of the engine, tests included, that use one of these members, in whatever way TypeScript lets through. */
function uses(members: readonly string[], except: string | null): readonly string[] {
  const use = new RegExp(`(\\.|\\["|readonly )(${members.join("|")})\\b`);
  return SOURCES.filter((path) => path !== except && path !== "tfjs-internals.test.ts").flatMap((path) =>
    readFileSync(join("src/engine", path), "utf8")
      .split("\n")
      .filter((line) => use.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
}

test.each(CLASSES)("private members in %s are used in %s alone", (declarations, file) => {
  const text = readFileSync(`node_modules/@tensorflow/${declarations}`, "utf8");
  const found = [...text.matchAll(/^\s+(?:private|protected) (?:(?:readonly|static|async) )*(\w+)/gm)].map(
    ([, name]) => name ?? "",
  );
  const members = found.filter((name) => !COMMON.includes(name));
  expect(members).not.toEqual([]);
  expect(uses(members, file)).toEqual([]);
  if (file !== null) expect(uses(members, null)).not.toEqual([]);
});

test("the memory of the WASM backend is reached in one place", () => {
  const found = uses(["wasmMemory", "HEAPF32", "HEAP32", "HEAPU8", "_malloc", "_free"], "kernels/wasm/module.ts");
  // What a run allocates is measured there, beside the estimate.
  expect(found.filter((place) => !place.startsWith("study/memory.test.ts"))).toEqual([]);
});
