/**
 * Dispatches that wait: for others to share one dispatch with, or for a consumer that can do their work along with its own. A tensor's
 * deferred work runs before anything uses the tensor, so nobody but the kernels here knows of it.
 */
import type { DataId, TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

interface Deferred {
  readonly outputs: readonly TensorInfo[];
  /** What `work` reads, if others may free it. */
  readonly inputs: readonly TensorInfo[];
  /** Computes the outputs. */
  readonly work: () => void;
}

interface Waiting {
  readonly byOutput: Map<DataId, Deferred>;
  readonly byInput: Map<DataId, Set<Deferred>>;
}

const waiting = new WeakMap<WebGPUBackend, Waiting>();

/** The work is done once an output is used, or an output or input is about to be freed. */
export function defer(backend: WebGPUBackend, deferred: Deferred): void {
  let all = waiting.get(backend);
  if (!all) waiting.set(backend, (all = watchUse(backend)));
  for (const { dataId } of deferred.outputs) {
    // Small stock operations run on the CPU if no input is on the GPU: this one will be.
    backend.uploadToGPU(dataId);
    all.byOutput.set(dataId, deferred);
  }
  for (const { dataId } of deferred.inputs) {
    const others = all.byInput.get(dataId) ?? new Set();
    all.byInput.set(dataId, others.add(deferred));
  }
}

/** Forgets the work that computes `output`: somebody else does it now. */
export function settle(backend: WebGPUBackend, output: TensorInfo): void {
  const all = waiting.get(backend);
  const deferred = all?.byOutput.get(output.dataId);
  if (all && deferred) forget(all, deferred);
}

/** Does all work that reads `input`, which is about to change. */
export function finishReaders(backend: WebGPUBackend, input: TensorInfo): void {
  const all = waiting.get(backend);
  if (all) runReaders(all, input.dataId);
}

function runReaders(all: Waiting, input: DataId): void {
  for (const deferred of [...(all.byInput.get(input) ?? [])]) run(all, deferred);
}

function run(all: Waiting, deferred: Deferred): void {
  forget(all, deferred);
  deferred.work();
}

function forget({ byOutput, byInput }: Waiting, deferred: Deferred): void {
  for (const { dataId } of deferred.outputs) byOutput.delete(dataId);
  for (const { dataId } of deferred.inputs) {
    const others = byInput.get(dataId);
    others?.delete(deferred);
    if (others?.size === 0) byInput.delete(dataId);
  }
}

/** Has the backend do a tensor's work before a kernel binds the tensor, before it is read, and before its buffer is freed. */
function watchUse(backend: WebGPUBackend): Waiting {
  const all: Waiting = { byOutput: new Map(), byInput: new Map() };
  const uploadToGPU = backend.uploadToGPU.bind(backend);
  const read = backend.read.bind(backend);
  const readSync = backend.readSync.bind(backend);
  const disposeData = backend.disposeData.bind(backend);
  const compute = (dataId: DataId): void => {
    // Work may put off its last part in turn.
    for (let deferred = all.byOutput.get(dataId); deferred; deferred = all.byOutput.get(dataId)) run(all, deferred);
  };
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
    if (backend.refCount(dataId) === 1) {
      compute(dataId);
      runReaders(all, dataId);
    }
    return disposeData(dataId, force);
  };
  return all;
}
