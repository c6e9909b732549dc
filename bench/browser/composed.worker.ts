/** Stock TensorFlow.js on its WASM backend. None of the engine's kernels may be registered here. */
import { expose } from "comlink";
import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { requestThreads } from "../../src/engine/kernels/wasm/threads";
import { COMPOSED_VARIANTS } from "../measure/composed";
import { createStepSession, type StepSession } from "../measure/session";
import { WASM_PATHS } from "./wasm-paths";

export interface ComposedWorker extends StepSession {
  readonly open: (threads: number) => Promise<void>;
}

const worker: ComposedWorker = {
  ...createStepSession(COMPOSED_VARIANTS, () => ({
    settle: () => Promise.resolve(),
    multiply: (a, b) => tf.matMul(a, b).dispose(),
  })),
  open: async (threads) => {
    setWasmPaths(WASM_PATHS);
    requestThreads(threads);
    if (!(await tf.setBackend("wasm"))) throw new Error("The stock WASM backend would not start.");
    await tf.ready();
  },
};
expose(worker);
