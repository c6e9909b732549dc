import { env } from "@tensorflow/tfjs-core";
import type { BackendId } from "../core/config";
import { openBackend, type OpenBackend } from "../engine/backend";

/** Opens a backend in Node: WASM on one thread unless told otherwise. TensorFlow.js greets on standard output; scripts read that. */
export async function openNodeBackend(choice: "auto" | BackendId): Promise<OpenBackend> {
  env().set("IS_TEST", true);
  return openBackend(choice === "auto" ? "wasm" : choice, { wasmPaths: null, threads: 1 });
}
