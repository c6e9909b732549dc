/**
 * A step as the list of its commands, to be repeated without TensorFlow.js: on a fast GPU the JavaScript that finds kernels, shapes and
 * buffers takes longer than the arithmetic.
 *
 * A step is recorded with a buffer manager of its own, so that its intermediate tensors lie in buffers that nobody else uses. Two
 * recordings that equal each other show that nothing in the step changes from one to the next, as random numbers would.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { openEncoder, submitPending } from "./dispatch";
import { recordBuffers } from "./recorded-buffers";
import { watchCommands, type Command } from "./recorded-commands";

export interface Recording {
  /** What the step gave; a repetition writes it again. */
  readonly results: readonly tf.Tensor[];
  readonly commands: readonly Command[];
  /** Variables that the commands read or write, and where each must be. */
  readonly variables: ReadonlyMap<tf.Variable, GPUBuffer>;
  /** Buffers of the recording itself, numbered as they were made. */
  readonly own: ReadonlyMap<GPUBuffer, number>;
  /** Whether nobody has freed what the commands use besides. */
  readonly intact: () => boolean;
  /** Frees the results and all buffers of the recording. */
  readonly dispose: () => void;
}

/** A step that ran. */
export interface Recorded {
  readonly results: readonly tf.Tensor[];
  /** Null for a step that cannot be repeated; its results then are tensors like all others. */
  readonly recording: Recording | null;
}

/** Runs the step, for good, and records it. */
export function record(backend: WebGPUBackend, step: () => readonly tf.Tensor[]): Recorded {
  submitPending(backend);
  const variables = Object.values(tf.engine().state.registeredVariables);
  const before = new Map(variables.map((variable) => [variable, placeOf(backend, variable)]));
  const buffers = recordBuffers(backend, new Set(before.values()));
  const watch = watchCommands(backend);
  try {
    const results = step();
    // What still waits to be computed belongs to this step.
    for (const { dataId } of [...results, ...variables]) if (backend.tensorMap.has(dataId)) backend.uploadToGPU(dataId);
    watch.stop();
    submitPending(backend);
    const variablesStay = returnVariables(backend, before, buffers.keep, watch.commands);
    const repeats = variablesStay && watch.repeats() && buffers.used() === new Set(results.map(({ dataId }) => dataId)).size;
    const own = buffers.stop();
    if (!repeats) return { results, recording: null };
    const touched = watch.commands.flatMap((command) => (command.kind === "dispatch" ? command.buffers : [command.to]));
    const others = new Set(touched.filter((buffer) => !own.has(buffer)));
    buffers.guard(others);
    return {
      results,
      recording: {
        results,
        commands: watch.commands,
        variables: new Map([...before].flatMap(([variable, place]) => (place && others.has(place) ? [[variable, place]] : []))),
        own,
        intact: buffers.intact,
        dispose: () => {
          tf.dispose([...results]);
          submitPending(backend);
          buffers.destroy();
          for (const command of watch.commands) if (command.kind === "upload") command.from.destroy();
        },
      },
    };
  } finally {
    watch.stop();
    buffers.stop();
  }
}

/**
 * A variable that was assigned a new tensor gets its former buffer again, with the new values, so that the next repetition finds them
 * there; the copies join the commands. Tells whether all variables now are where they were.
 */
function returnVariables(
  backend: WebGPUBackend,
  before: ReadonlyMap<tf.Variable, GPUBuffer | null>,
  keep: (place: GPUBuffer) => boolean,
  commands: Command[],
): boolean {
  let all = true;
  for (const [variable, place] of before) {
    const now = placeOf(backend, variable);
    if (now === place) continue;
    if (!now || !place || backend.refCount(variable.dataId) > 1 || !keep(place)) {
      all = false;
      continue;
    }
    openEncoder(backend).copyBufferToBuffer(now, 0, place, 0, place.size);
    commands.push({ kind: "copy", from: now, to: place });
    (backend.tensorMap.get(variable.dataId) as { resource: GPUBuffer }).resource = place;
    backend.bufferManager.releaseBuffer(now);
  }
  submitPending(backend);
  return all;
}

/** Whether every command finds what it found when it was recorded. */
export const canRepeat = (backend: WebGPUBackend, { variables, intact }: Recording): boolean =>
  intact() &&
  [...variables].every(([variable, place]) => {
    // A clone would change along with the variable.
    return !variable.isDisposed && placeOf(backend, variable) === place && backend.refCount(variable.dataId) === 1;
  });

/** Puts the recorded commands into the backend's queue, after all that is there. */
export function repeat(backend: WebGPUBackend, { commands }: Recording): void {
  const encoder = openEncoder(backend);
  let pass: GPUComputePassEncoder | null = null;
  for (const command of commands) {
    if (command.kind === "dispatch") {
      pass ??= encoder.beginComputePass();
      pass.setPipeline(command.pipeline);
      pass.setBindGroup(0, command.bindGroup);
      pass.dispatchWorkgroups(...command.workgroups);
    } else {
      pass?.end();
      pass = null;
      encoder.copyBufferToBuffer(command.from, 0, command.to, 0, command.from.size);
    }
  }
  pass?.end();
}

/** Whether two recordings are the same commands on the same data, each with intermediate buffers of its own. */
export function areSame(a: Recording, b: Recording): boolean {
  const same = (x: GPUBuffer, y: GPUBuffer): boolean => x === y || (a.own.has(x) && a.own.get(x) === b.own.get(y));
  const equal = (x: Command, y: Command): boolean => {
    if (x.kind === "dispatch" && y.kind === "dispatch") {
      return (
        x.pipeline === y.pipeline &&
        x.workgroups.every((count, i) => count === y.workgroups[i]) &&
        x.buffers.length === y.buffers.length &&
        x.buffers.every((buffer, i) => same(buffer, y.buffers[i] as GPUBuffer))
      );
    }
    if (x.kind === "upload" && y.kind === "upload") {
      return same(x.to, y.to) && x.words.length === y.words.length && x.words.every((word, i) => word === y.words[i]);
    }
    return x.kind === "copy" && y.kind === "copy" && same(x.from, y.from) && same(x.to, y.to);
  };
  return a.commands.length === b.commands.length && a.commands.every((command, i) => equal(command, b.commands[i] as Command));
}

const placeOf = (backend: WebGPUBackend, { dataId }: tf.Tensor): GPUBuffer | null =>
  backend.tensorMap.has(dataId) ? ((backend.tensorMap.get(dataId).resource as GPUBuffer | null | undefined) ?? null) : null;
