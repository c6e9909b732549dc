/** The engine on any of its backends. */
import { expose } from "comlink";
import { createEngineSession, type EngineSession } from "../measure/engine-session";
import { WASM_PATHS } from "./wasm-paths";

export interface EngineWorker extends Omit<EngineSession, "open"> {
  /** Gives the backend's label. */
  readonly open: (backend: "wasm" | "webgpu", threads: number) => Promise<string>;
}

const session = createEngineSession();
const worker: EngineWorker = {
  ...session,
  open: (backend, threads) => session.open(backend, { wasmPaths: WASM_PATHS, threads }),
};
expose(worker);
