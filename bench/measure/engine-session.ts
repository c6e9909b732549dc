/** Everything measured on the engine itself: steps, single kernels, dispatches. */
import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { openBackend, type BackendOptions } from "../../src/engine/backend";
import { countDispatches } from "../../src/engine/kernels/webgpu/count-dispatches";
import { measureKernels, type KernelTimes } from "./kernels";
import type { NetworkId } from "./networks";
import { createStepSession, timed, type Device, type StepSession } from "./session";
import { VARIANTS } from "./trainings";

export interface EngineSession extends StepSession {
  /** Opens a backend; gives its label. Once, before anything else. */
  readonly open: (backend: "wasm" | "webgpu", options: BackendOptions) => Promise<string>;
  /** `calls` of each kernel in a row are one of `samples` times. */
  readonly kernels: (samples: number, calls: number, productSize: number) => Promise<readonly KernelTimes[]>;
  /**
   * On a software adapter: from here on steps are recorded but not executed, which would take seconds each. Neither their number of
   * dispatches nor the JavaScript depends on values. Tells whether it is so.
   */
  readonly skipExecution: () => Promise<boolean>;
  /** Compute dispatches of one step. */
  readonly dispatches: (network: NetworkId, variant: string) => Promise<number>;
  /** Milliseconds of JavaScript in one step, the device idle before it and not waited for. */
  readonly encode: (network: NetworkId, variant: string) => Promise<number>;
}

/** A session whose backend is still to be opened. */
export function createEngineSession(): EngineSession {
  let opened: (Device & { readonly stock: StockKernels; readonly check: () => void }) | null = null;
  const device = (): NonNullable<typeof opened> => {
    if (!opened) throw new Error("The session is not open.");
    return opened;
  };
  const session = createStepSession(VARIANTS, device);
  return {
    ...session,
    open: async (backend, options) => {
      const stock = await stockKernels(backend);
      const { info, failure } = await openBackend(backend, options);
      const check = (): void => {
        const reason = failure();
        if (reason !== null) throw new Error(reason);
      };
      opened = { ...deviceOf(backend, stock, check), stock, check };
      return info.label;
    },
    kernels: (samples, calls, productSize) => {
      const { stock } = device();
      return measureKernels(stock, productSize, async (call) => {
        call();
        const times: number[] = [];
        for (let i = 0; i < samples; i++) times.push(await timed(device(), calls, () => tf.tidy(() => void call())));
        return times;
      });
    },
    skipExecution: async () => {
      const { probeWebGpu } = await import("../../src/engine/kernels/webgpu/device");
      const probe = await probeWebGpu();
      const skip = "software" in probe && probe.software;
      if (skip) {
        // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the queue as `this` below.
        const { submit } = GPUQueue.prototype;
        GPUQueue.prototype.submit = function () {
          submit.call(this, []);
        };
      }
      return skip;
    },
    dispatches: async (network, variant) => {
      const { step } = session.training(network, variant);
      const { total } = countDispatches(step);
      await device().settle();
      return total;
    },
    encode: async (network, variant) => {
      const { step } = session.training(network, variant);
      await device().settle();
      const start = performance.now();
      step();
      const ms = performance.now() - start;
      await device().settle();
      return ms;
    },
  };
}

export type StockKernels = (name: string, inputs: tf.NamedTensorInfoMap, attrs: object) => void;

/** Kernels as TensorFlow.js brings them, taken before ours replace them; what a call computes is freed. */
async function stockKernels(backend: "wasm" | "webgpu"): Promise<StockKernels> {
  await (backend === "wasm" ? import("@tensorflow/tfjs-backend-wasm") : import("@tensorflow/tfjs-backend-webgpu"));
  const stock = new Map([tf.Conv2D, tf.BatchMatMul].map((name) => [name as string, tf.getKernel(name, backend).kernelFunc]));
  return (name, inputs, attrs) => {
    const kernel = stock.get(name);
    if (!kernel) throw new RangeError(`The stock kernel ${name} was not kept.`);
    const out = kernel({ inputs, attrs: attrs as tf.NamedAttrMap, backend: tf.backend() }) as tf.TensorInfo;
    tf.backend().disposeData(out.dataId);
  };
}

function deviceOf(backend: "wasm" | "webgpu", stock: StockKernels, check: () => void): Device {
  const multiply: Device["multiply"] = (a, b) => {
    // Kernels multiply batches of matrices.
    const [x, y] = [a, b].map((matrix) => ({ ...infoOf(matrix), shape: [1, ...matrix.shape] })) as [tf.TensorInfo, tf.TensorInfo];
    stock(tf.BatchMatMul, { a: x, b: y }, { transposeA: false, transposeB: false });
  };
  if (backend === "wasm") return { multiply, settle: () => Promise.resolve() };
  return {
    multiply,
    settle: async () => {
      const webGpu = tf.backend() as WebGPUBackend;
      webGpu.ensureCommandEncoderReady(); // A submission needs one.
      webGpu.endComputePassEncoder();
      webGpu.submitQueue();
      await webGpu.queue.onSubmittedWorkDone();
      check();
    },
  };
}

const infoOf = ({ dataId, dtype, shape }: tf.Tensor): tf.TensorInfo => ({ dataId, dtype, shape });
