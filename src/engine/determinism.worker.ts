/** Runs a short search and answers with all variables as they are in the end; for `determinism.browser.test.ts`. */
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, type BackendId } from "../core/config";
import type { Dataset } from "../core/dataset";
import { createRandom } from "../core/random";
import { openBackend } from "./backend";
import { createControl } from "./control";
import { disposeStudy, openStudy, runStudy } from "./study";

export interface Trial {
  readonly backend: BackendId;
  readonly threads: number;
  readonly model: string;
  readonly seeds: readonly number[];
}

export interface TrialResult {
  /** What computed: "WASM: SIMD, 3 threads". */
  readonly label: string;
  readonly failure: string | null;
  /** One list for each seed. */
  readonly variables: readonly Float32Array[][];
}

const STEPS = 6;
const BATCH = 4;
const SIZE = 8;

/** Noise, brighter for higher classes. */
function noise(): Dataset {
  const random = createRandom("noise");
  const labels = Uint8Array.from({ length: STEPS * BATCH }, (_, i) => i % 3);
  const images = Uint8Array.from(
    { length: labels.length * SIZE ** 2 },
    (_, i) => random.integer(80) + 80 * (labels[Math.floor(i / SIZE ** 2)] as number),
  );
  const split = { images, labels };
  const counts = { trainCount: labels.length, testCount: labels.length };
  const size = { height: SIZE, width: SIZE, channels: 1 };
  const info = { kind: "images" as const, id: "noise", name: "Noise", classes: ["a", "b", "c"], ...size, ...counts };
  return { info, train: split, test: split };
}

self.onmessage = async ({ data: { backend: id, threads, model, seeds } }: MessageEvent<Trial>) => {
  const wasmPaths = {
    "tfjs-backend-wasm.wasm": plainUrl,
    "tfjs-backend-wasm-simd.wasm": simdUrl,
    "tfjs-backend-wasm-threaded-simd.wasm": threadedUrl,
  };
  const backend = await openBackend(id, { wasmPaths, threads });
  const variables: Float32Array[][] = [];
  for (const seed of seeds) {
    const config = { ...DEFAULT_CONFIG, model, width: 4, batch: BATCH, epochs: 1, seed, retrain: false, baselines: false };
    const study = openStudy({ ...config, shift: true, flip: true }, noise());
    const control = createControl(DEFAULT_KNOBS);
    await runStudy(study, { backend: backend.info, backendFailure: backend.failure, control, emit: () => {} });
    if (!study.search) throw new Error("The search left nothing.");
    const { network, relaxation } = study.search;
    const all = [...network.trainable.values(), ...network.running.values(), ...relaxation.architecture.values()];
    variables.push(await Promise.all(all.map(async (variable) => Float32Array.from(await variable.data()))));
    disposeStudy(study);
  }
  const result: TrialResult = { label: backend.info.label, failure: backend.failure(), variables };
  self.postMessage(result);
};
