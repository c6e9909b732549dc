/** Tensors, WebAssembly memory and heap over a long search, in Node: `npm run bench:memory`. All three should stay flat. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, type RunConfig } from "../src/core/config";
import { openNodeBackend } from "../src/cli/backend";
import { table } from "../src/cli/table";
import { createControl } from "../src/engine/control";
import { builtInDataset } from "../src/engine/datasets";
import { disposeStudy, openStudy, runStudy } from "../src/engine/study";

const EPOCHS = 36;
const REPORT_EVERY = 6;

const backend = await openNodeBackend("wasm");
const config: RunConfig = { ...DEFAULT_CONFIG, width: 4, epochs: EPOCHS, retrain: false, baselines: false };
const dataset = builtInDataset(config.data, config.seed);
const study = openStudy(config, dataset);
const rows: string[][] = [];
let steps = 0;
await runStudy(study, {
  backend: backend.info,
  backendFailure: backend.failure,
  control: createControl(DEFAULT_KNOBS),
  emit: (event) => {
    if (event.type === "snapshot") steps = event.snapshot.step;
    if (event.type !== "evaluated" || (event.epoch !== 1 && event.epoch % REPORT_EVERY !== 0)) return;
    const { numTensors, numBytes } = tf.memory();
    const { heapUsed, rss } = process.memoryUsage();
    rows.push([steps, numTensors, numBytes / 1e3, heapUsed / 1e6, rss / 1e6].map((value) => String(Math.round(value * 10) / 10)));
  },
});
disposeStudy(study);
console.log(table(["steps", "tensors", "tensor kB", "heap MB", "process MB"], rows));
