import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/**
 * Hands all recorded work to the device; resolves once the device has done it. Backends that compute when they are called have done it
 * already.
 */
export async function flush(): Promise<void> {
  if (tf.getBackend() !== "webgpu") return;
  const backend = tf.backend() as WebGPUBackend;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
}
