/** Tensors, WebAssembly memory and heap over a long search, in Node. All of them should stay flat. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, type RunConfig } from "../../src/core/config";
import { openNodeBackend } from "../../src/cli/backend";
import { createControl } from "../../src/engine/control";
import { builtInDataset } from "../../src/engine/datasets";
import { disposeStudy, openStudy, runStudy } from "../../src/engine/study";
import { single, type Figure, type Report } from "../figures";

const EPOCHS = 36;
/** After the first epoch, in the middle and at the end. */
const REPORTED = [1, EPOCHS / 2, EPOCHS];

export async function measureMemory(say: (text: string) => void): Promise<Report> {
  const backend = await openNodeBackend("wasm");
  say(`memory over a search of ${EPOCHS} epochs`);
  const config: RunConfig = { ...DEFAULT_CONFIG, width: 4, epochs: EPOCHS, retrain: false, baselines: false };
  const study = openStudy(config, builtInDataset(config.data, config.seed));
  const figures: Figure[] = [];
  let steps = 0;
  await runStudy(study, {
    backend: backend.info,
    backendFailure: backend.failure,
    control: createControl(DEFAULT_KNOBS),
    emit: (event) => {
      if (event.type === "snapshot") steps = event.snapshot.step;
      if (event.type === "evaluated" && REPORTED.includes(event.epoch)) figures.push(...memoryAfter(steps));
    },
  });
  disposeStudy(study);
  return { figures, targets: [], notes: [] };
}

function memoryAfter(steps: number): readonly Figure[] {
  const { numTensors, numBytes } = tf.memory();
  const { heapUsed, rss } = process.memoryUsage();
  const figure = (what: string, value: number, unit: string): Figure => ({
    where: "Node, WASM, 1 thread",
    what: `${what} after ${steps} steps`,
    value: single(value),
    unit,
    note: "",
  });
  return [
    figure("tensors", numTensors, "tensors"),
    figure("bytes of tensors", numBytes / 1e3, "kB"),
    figure("heap", heapUsed / 1e6, "MB"),
    figure("process", rss / 1e6, "MB"),
  ];
}
