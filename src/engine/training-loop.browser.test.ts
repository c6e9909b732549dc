/** The loop before a GPU: the device neither waits for batches nor falls behind. */
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { DEFAULT_KNOBS } from "../core/config";
import { graphBuilder } from "../core/models/builder";
import { createRandom } from "../core/random";
import { openBackend } from "./backend";
import { createControl } from "./control";
import { emptyShaders } from "./kernels/webgpu/empty-shaders";
import { FLOAT } from "./forward";
import { createNetwork, disposeNetwork } from "./network";
import { createOptimizer } from "./optimizer";
import { trainingLoop } from "./training-loop";
import { yieldTask } from "./yield-task";

beforeAll(async () => {
  emptyShaders();
  await openBackend("webgpu", { wasmPaths: null, threads: 1 });
});
afterEach(() => vi.restoreAllMocks());

const STEPS = 8;
const INFO = {
  ...{ kind: "images" as const, id: "t", name: "T", classes: ["a", "b"] },
  ...{
    height: 4,
    width: 4,
    channels: 1,
    trainCount: 2,
    testCount: 2,
    classCounts: { train: [1, 1], test: [1, 1] },
    resizing: null,
  },
};

/** Runs the loop on a small network; `log` gets a word for each gate before a step and each batch that is made. */
async function run(log: (word: "gate" | "batch") => void): Promise<void> {
  const builder = graphBuilder([INFO.height, INFO.width, INFO.channels]);
  builder.add(
    "fc",
    { op: "dense", units: 2, bias: true },
    builder.add("flatten", { op: "flatten" }, builder.conv("conv", "input", 4, 3)),
  );
  const network = createNetwork(builder.build("small"), createRandom(1));
  const groups = { weights: network.trainable, architecture: new Map<string, tf.Variable>() };
  const optimizer = createOptimizer(groups, { momentum: 0.9, nesterov: false, weightDecay: () => 0 });
  const inner = createControl(DEFAULT_KNOBS);
  await trainingLoop({
    network,
    optimizer,
    info: INFO,
    batches: {
      stepsPerEpoch: STEPS,
      next: () => {
        log("batch");
        return { inputs: new Float32Array(32), labels: new Int32Array(2), size: 2 };
      },
    },
    epochs: 1,
    passes: [["weights"]],
    openPass: () => ({ quantization: FLOAT, penalty: null }),
    rates: () => ({ weights: 0.1, architecture: 0 }),
    random: createRandom(1),
    probe: null,
    control: {
      ...inner,
      gate: (onHold) => {
        log("gate");
        return inner.gate(onHold);
      },
    },
    backendFailure: () => null,
    onSnapshot: () => {},
    onEpoch: () => Promise.resolve(),
  });
  optimizer.dispose();
  disposeNetwork(network);
}

test("the next batch is made when the device has this step's work", async () => {
  const words: string[] = [];
  const submit = vi.spyOn(GPUQueue.prototype, "submit");
  let before = 0;
  await run((word) => {
    // Snapshots submit too, between a batch and the gate.
    if (word === "batch" && submit.mock.calls.length > before) words.push("submit");
    before = submit.mock.calls.length;
    words.push(word);
  });
  const step = ["gate", "submit", "batch"];
  expect(words.join(" ")).toBe(
    [
      "batch",
      ...Array<string[]>(STEPS - 1)
        .fill(step)
        .flat(),
      "gate",
    ].join(" "),
  );
});

test("no more than two steps wait for a slow device", async () => {
  let waiting = 0;
  let most = 0;
  // Each submission takes the device some turns of the event loop.
  vi.spyOn(GPUQueue.prototype, "onSubmittedWorkDone").mockImplementation(async () => {
    most = Math.max(most, ++waiting);
    for (let turn = 0; turn < 20; turn++) await yieldTask();
    waiting--;
    return undefined;
  });
  await run(() => {});
  expect(most).toBe(3); // Two, and the step that has just been recorded.
});

test("a run leaves no tensor behind", async () => {
  await run(() => {});
  const { numTensors } = tf.memory();
  await run(() => {});
  expect(tf.memory().numTensors).toBe(numTensors);
});
