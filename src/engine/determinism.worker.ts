/** Runs a short search and answers with all variables as they are in the end; for `determinism.browser.test.ts`. */
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import type * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, withMethodDefaults, type BackendId } from "../core/config";
import { imageDataset, type Dataset } from "../core/dataset";
import { createRandom } from "../core/random";
import { openBackend } from "./backend";
import { createControl } from "./control";
import { PLAIN, playingOf, registerPlaying, type Playing } from "./kernels/player";
import { findMethod } from "./methods";
import { disposeStudy, openStudy, runStudy } from "./study";

export interface Trial {
  readonly backend: BackendId;
  readonly threads: number;
  readonly model: string;
  readonly runs: readonly TrialRun[];
}

interface TrialRun {
  readonly seed: number;
  /** EdMIPS if left out. */
  readonly method?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Runs every step, where a backend would repeat recorded ones. */
  readonly plain?: boolean;
}

export interface TrialResult {
  /** What computed: "WASM: SIMD, 3 threads". */
  readonly label: string;
  readonly failure: string | null;
  /** One list for each run. */
  readonly variables: readonly Float32Array[][];
  /** Of each run: steps that ran rather than being repeated. */
  readonly ran: readonly number[];
}

const STEPS = 6;
const BATCH = 4;
const SIZE = 8;

/** Noise, brighter for higher classes. */
function noise(): Dataset {
  const random = createRandom("noise");
  const labels = Uint16Array.from({ length: STEPS * BATCH }, (_, i) => i % 3);
  const images = Uint8Array.from(
    { length: labels.length * SIZE ** 2 },
    (_, i) => random.integer(80) + 80 * (labels[Math.floor(i / SIZE ** 2)] as number),
  );
  const split = { images, labels };
  const size = { height: SIZE, width: SIZE, channels: 1 };
  const about = { id: "noise", name: "Noise", classes: ["a", "b", "c"], resizing: null, ...size };
  return imageDataset(about, { train: split, test: split });
}

const answer = async ({ data: { backend: id, threads, model, runs } }: MessageEvent<Trial>): Promise<TrialResult> => {
  const wasmPaths = {
    "tfjs-backend-wasm.wasm": plainUrl,
    "tfjs-backend-wasm-simd.wasm": simdUrl,
    "tfjs-backend-wasm-threaded-simd.wasm": threadedUrl,
  };
  const backend = await openBackend(id, { wasmPaths, threads });
  const variables: Float32Array[][] = [];
  const ran: number[] = [];
  const own = playingOf(id);
  for (const { seed, method = DEFAULT_CONFIG.method, options = {}, plain = false } of runs) {
    let steps = 0;
    registerPlaying(
      id,
      counted(plain ? PLAIN : own, () => steps++),
    );
    const short = { model, width: 4, batch: BATCH, epochs: 1, retrain: false, baselines: false };
    const config = withMethodDefaults({ ...DEFAULT_CONFIG, method, seed }, findMethod(method).defaults, new Set());
    const study = openStudy({ ...config, ...short, options, shift: true, flip: true }, noise());
    const control = createControl(DEFAULT_KNOBS);
    await runStudy(study, { backend: backend.info, backendFailure: backend.failure, control, emit: () => {} });
    if (!study.search) throw new Error("The search left nothing.");
    const { network, relaxation } = study.search;
    const all = [...network.trainable.values(), ...network.running.values(), ...relaxation.architecture.values()];
    variables.push(await Promise.all(all.map(async (variable) => Float32Array.from(await variable.data()))));
    ran.push(steps);
    disposeStudy(study);
  }
  return { label: backend.info.label, failure: backend.failure(), variables, ran };
};

self.onmessage = async (event: MessageEvent<Trial>) => {
  const failed = (error: unknown): TrialResult => ({ label: "", failure: String(error), variables: [], ran: [] });
  self.postMessage(await answer(event).catch(failed));
};

/** Counts the steps that run. */
const counted = ({ open, overwrite }: Playing, count: () => void): Playing => ({
  overwrite,
  open: () => {
    const player = open();
    const noting = (step: () => readonly tf.Tensor[]) => () => {
      count();
      return step();
    };
    return { ...player, play: (key, step) => player.play(key, noting(step)) };
  },
});
