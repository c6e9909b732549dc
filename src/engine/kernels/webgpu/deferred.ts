/**
 * Dispatches that wait: for others to share one dispatch with, or for a consumer that can do their work along with its own. A tensor's
 * deferred work runs before anything uses the tensor, so nobody but the kernels here knows of it.
 */
import type { DataId, TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** Runs what was deferred. It must call `settle` before it dispatches. */
type Work = () => void;

const waiting = new WeakMap<WebGPUBackend, Map<DataId, Work>>();

/** `work` computes `outputs`; it runs once one of them is used. */
export function defer(backend: WebGPUBackend, outputs: readonly TensorInfo[], work: Work): void {
  let works = waiting.get(backend);
  if (!works) waiting.set(backend, (works = watchUse(backend)));
  for (const { dataId } of outputs) {
    // Small stock operations run on the CPU if no input is on the GPU: this one will be.
    backend.uploadToGPU(dataId);
    works.set(dataId, work);
  }
}

/** Says that the outputs are being computed now. */
export function settle(backend: WebGPUBackend, outputs: readonly TensorInfo[]): void {
  for (const { dataId } of outputs) waiting.get(backend)?.delete(dataId);
}

/** Has the backend run a tensor's work before a kernel binds the tensor, before it is read, and before its buffer is freed. */
function watchUse(backend: WebGPUBackend): Map<DataId, Work> {
  const works = new Map<DataId, Work>();
  const uploadToGPU = backend.uploadToGPU.bind(backend);
  const read = backend.read.bind(backend);
  const readSync = backend.readSync.bind(backend);
  const disposeData = backend.disposeData.bind(backend);
  const compute = (dataId: DataId): void => works.get(dataId)?.();
  backend.uploadToGPU = (dataId) => {
    compute(dataId);
    uploadToGPU(dataId);
  };
  backend.read = (dataId) => {
    compute(dataId);
    return read(dataId);
  };
  backend.readSync = (dataId) => {
    compute(dataId);
    return readSync(dataId);
  };
  backend.disposeData = (dataId, force) => {
    if (backend.refCount(dataId) === 1) compute(dataId);
    return disposeData(dataId, force);
  };
  return works;
}
