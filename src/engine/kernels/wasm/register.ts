/** How the kernels of this folder are registered, and what each of them is given. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { WasmModule } from "./module";

/** One call of a kernel. */
export interface Call<Attrs> {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Attrs;
  readonly backend: BackendWasm;
  readonly module: WasmModule;
}

const modules = new WeakMap<object, WasmModule>();

/** Makes `module` the one that kernels of `backend` run in. */
export function setModule(backend: BackendWasm, module: WasmModule): void {
  modules.set(backend, module);
}

/** The module attached to `backend`, if any. */
export function moduleOf(backend: object): WasmModule | undefined {
  return modules.get(backend);
}

/** Registers a kernel for the WASM backend in place of a stock one of that name, if there is one. */
export function register<Attrs>(kernelName: string, compute: (call: Call<Attrs>) => tf.TensorInfo | tf.TensorInfo[]): void {
  // The stock set-up still runs: TensorFlow.js' own kernels call each other's functions directly.
  const stock = tf.getKernel(kernelName, "wasm") as tf.KernelConfig | undefined;
  if (stock !== undefined) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    ...stock,
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const module = modules.get(backend);
      if (module === undefined) throw new Error("The WASM kernels are not attached. Await attachWasmModule() after tf.ready().");
      return compute({
        inputs: inputs as Record<string, tf.TensorInfo>,
        attrs: attrs as Attrs,
        backend: backend as BackendWasm,
        module,
      });
    },
  });
}

/** The stock kernel of the WASM backend, taken before it is replaced. */
export function stockKernel(kernelName: string): tf.KernelFunc {
  const config = tf.getKernel(kernelName, "wasm") as tf.KernelConfig | undefined;
  if (config === undefined) throw new Error(`The WASM backend has no kernel ${kernelName}. Use TensorFlow.js 4.22.0.`);
  return config.kernelFunc;
}

/** Input `name` of a call. */
export function input(call: Call<unknown>, name: string): tf.TensorInfo {
  const tensor = call.inputs[name];
  if (tensor === undefined) throw new Error(`Kernel called without its input "${name}".`);
  return tensor;
}

/** Byte address of a tensor's values. */
export function address(call: Call<unknown>, tensor: tf.TensorInfo): number {
  return call.backend.getMemoryOffset(tensor.dataId);
}

/** A new float32 tensor, not initialised. */
export function output(call: Call<unknown>, shape: readonly number[]): tf.TensorInfo {
  return call.backend.makeOutput([...shape], "float32");
}

export function sizeOf(tensor: tf.TensorInfo): number {
  return tf.util.sizeFromShape(tensor.shape);
}
