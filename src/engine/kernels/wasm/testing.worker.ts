/** Runs every threaded kernel once in a worker, on as many threads as the message says; for `threads.browser.test.ts`. */
import { getThreadsCount, setWasmPaths, type BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import * as tf from "@tensorflow/tfjs-core";
import { rowsOf, rowsTensor } from "../../quantizers/schemes";
import { KERNELS } from "../contract";
import { attachWasmModule, registerWasmKernels, requestThreads } from "./index";

export interface TrialResult {
  readonly threads: number;
  readonly threadFailure: string | null;
  readonly tfjsThreads: number;
  readonly outputs: readonly Float32Array[];
  /** Milliseconds of one pass over all kernels. */
  readonly ms: number;
}

const PASSES = 40;
const SGD = { momentum: 0.9, nesterov: true, offsets: [0], weightDecays: [1e-4] };

self.onmessage = async ({ data: threads }: MessageEvent<number>) => {
  setWasmPaths({
    "tfjs-backend-wasm.wasm": plainUrl,
    "tfjs-backend-wasm-simd.wasm": simdUrl,
    "tfjs-backend-wasm-threaded-simd.wasm": threadedUrl,
  });
  requestThreads(threads);
  registerWasmKernels();
  await tf.setBackend("wasm");
  await tf.ready();
  const module = await attachWasmModule(tf.backend() as BackendWasm, threads);
  const result: TrialResult = {
    threads: module.threads,
    threadFailure: module.threadFailure,
    tfjsThreads: getThreadsCount(),
    ...tf.tidy(passes),
  };
  self.postMessage(result);
};

function passes(): { outputs: Float32Array[]; ms: number } {
  const inputs = makeInputs();
  const outputs = pass(inputs).map((tensor) => tensor.dataSync() as Float32Array);
  const start = performance.now();
  for (let i = 0; i < PASSES; i++) tf.tidy(() => void pass(inputs));
  return { outputs, ms: (performance.now() - start) / PASSES };
}

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly grid: tf.Tensor2D;
  readonly p: tf.Tensor1D;
  readonly ones: tf.Tensor1D;
}

function makeInputs(): Inputs {
  const x = tf.tensor4d(
    Float32Array.from({ length: 32 * 32 * 32 * 16 }, (_, i) => Math.sin(i * 0.37) * 3),
    [32, 32, 32, 16],
  );
  const filter = tf.tensor4d(
    Float32Array.from({ length: 9 * 16 * 16 }, (_, i) => Math.cos(i)),
    [3, 3, 16, 16],
  );
  const grid = tf.tensor2d([0.5, 0.3, 0.2].map((step, k) => [step, 0, 0, 2 ** (k + 2) - 1, 0, 2.5]));
  return { x, filter, grid, p: tf.tensor1d([0.2, 0.3, 0.5]), ones: tf.ones([16]) };
}

function pass({ x, filter, grid, p, ones }: Inputs): tf.Tensor[] {
  const window = { strides: 1, pad: "same", dataFormat: "NHWC" };
  const [widths, share] = [tf.tensor2d([Array<number>(16).fill(2), Array<number>(16).fill(3)]), tf.fill([16], 0.3)];
  const fractional = { widths, share, clip: tf.slice(ones, 0, 1) };
  const attrs = { modified: false, twoSided: true, learned: true, rescale: "stddev", fanOut: 1 };
  const w = tf.slice(x, [0, 0, 0, 0], [8, 32, 32, 16]);
  const [y, scale, largest] = run(KERNELS.fracWeight, { w, widths, share }, attrs) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const [statistics] = run(KERNELS.schemeStatistics, { x }, { residuals: 3, ternary: true, zero: -1 }) as [tf.Tensor];
  const candidates = ["clipq", "resq", "potq"].map((scheme) => ({ scheme, bits: 3 }));
  const schemes = { x, rows: rowsTensor(rowsOf(candidates)), statistics, p };
  const depthFilter = tf.slice(filter, [0, 0, 0, 0], [3, 3, 16, 1]);
  return [
    ...run(KERNELS.mixActivation, { x, grid, p }),
    ...run(KERNELS.mixActivationGrad, { x, grid, p, dy: x }, { learned: true }),
    ...run(KERNELS.mixWeight, { x, grid, p }),
    y,
    statistics,
    ...run(KERNELS.schemeMix, schemes, { learned: true }),
    ...run(KERNELS.schemeMixGrad, { ...schemes, dy: x }, { learned: true }),
    ...run(KERNELS.fracWeightGrad, { w, widths, share, scale, largest, dy: w }, attrs),
    ...run(KERNELS.fracActivation, { x, ...fractional }, attrs),
    ...run(KERNELS.fracActivationGrad, { x, ...fractional, dy: x }, attrs),
    ...run(
      KERNELS.batchNormTrain,
      { x, gamma: ones, beta: ones, runningMean: ones, runningVariance: ones },
      { epsilon: 1e-5, momentum: 0.1 },
    ),
    ...run(KERNELS.batchNormTrainGrad, { x, dy: x, gamma: ones, mean: ones, variance: ones }, { epsilon: 1e-5 }),
    ...run(KERNELS.sgdMomentum, { velocity: tf.tile(ones, [x.size / 16]), rate: tf.scalar(0.1), p0: x, g0: x }, SGD),
    ...run(tf.Conv2DBackpropFilter, { x, dy: x }, { ...window, filterShape: filter.shape }),
    ...run(tf.Conv2DBackpropInput, { dy: x, filter }, { ...window, inputShape: x.shape }),
    ...run(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy: x }, { ...window, filterShape: depthFilter.shape }),
    ...run(tf.DepthwiseConv2dNativeBackpropInput, { dy: x, filter: depthFilter }, { ...window, inputShape: x.shape }),
  ];
}

function run(name: string, inputs: tf.NamedTensorMap, attrs: object = {}): tf.Tensor[] {
  const out = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attrs as tf.NamedAttrMap);
  return Array.isArray(out) ? out : [out];
}
