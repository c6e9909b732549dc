/** Plays steps from recordings where they repeat. */
import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Player, Playing } from "../player";
import { submitPending } from "./dispatch";
import { areSame, canRepeat, record, repeat, type Recording } from "./recording";

/** Recordings that may be thrown away in a row before the steps count as ones that do not repeat. */
const PATIENCE = 3;

/**
 * The first step with a key runs as it is: it compiles shaders, and variables move to the device. The next two are recorded, and repeated
 * from then on if they are equal. A knob that is being dragged gives every step a key of its own, and none is recorded.
 */
export function openStepPlayer(): Player {
  const backend = tf.backend() as WebGPUBackend;
  const fed = new Map<string, tf.Tensor>();
  let results: readonly tf.Tensor[] = [];
  let key: string | null = null;
  /** The last recorded step. */
  let last: Recording | null = null;
  /** Whether the one before it was the same. */
  let proven = false;
  let thrownAway = 0;

  const forget = (): void => {
    last?.dispose();
    [last, proven] = [null, false];
  };

  const recordNext = (step: () => readonly tf.Tensor[]): readonly tf.Tensor[] => {
    const recorded = record(backend, step);
    const before = last;
    proven = before !== null && recorded.recording !== null && areSame(before, recorded.recording);
    if (proven) thrownAway = 0;
    else if (before !== null || recorded.recording === null) thrownAway++;
    before?.dispose();
    last = recorded.recording;
    if (last === null) results = recorded.results;
    return recorded.results;
  };

  return {
    feed: <T extends tf.Tensor>(...[name, values, shape, dtype]: Parameters<Player["feed"]>) => {
      const known = fed.get(name);
      if (known) {
        write(backend, known, values);
        return known as T;
      }
      const tensor = tf.tensor(values, [...shape], dtype);
      backend.uploadToGPU(tensor.dataId);
      fed.set(name, tensor);
      return tensor as T;
    },
    play: (next, step) => {
      tf.dispose([...results]);
      results = [];
      if (next !== key) {
        forget();
        key = next;
        return (results = step());
      }
      if (last && proven && canRepeat(backend, last)) {
        repeat(backend, last);
        return last.results;
      }
      if (proven) forget();
      if (thrownAway < PATIENCE) return recordNext(step);
      forget();
      return (results = step());
    },
    dispose: () => {
      forget();
      tf.dispose([...results, ...fed.values()]);
    },
  };
}

/** Writes into the buffer of a variable. */
export const overwriteInPlace: Playing["overwrite"] = (variable, values) =>
  write(tf.backend() as WebGPUBackend, variable, values);

/** The values are there for what is recorded from here on, and not for what was recorded before. */
function write(backend: WebGPUBackend, { dataId }: tf.Tensor, values: Float32Array | Int32Array): void {
  backend.uploadToGPU(dataId);
  submitPending(backend);
  const { resource } = backend.tensorMap.get(dataId) as { readonly resource: GPUBuffer };
  backend.queue.writeBuffer(resource, 0, values as Float32Array<ArrayBuffer>);
}
