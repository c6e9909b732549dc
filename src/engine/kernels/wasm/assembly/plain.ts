/**
 * Kernels over the memory of the TensorFlow.js WASM backend. A job is one kernel over numbered chunks; what a chunk computes does not
 * depend on who computes it, so results are the same on any number of threads.
 *
 * The module owns no memory: no static data, no allocation, no classes.
 */
import { JOB_CHUNKS } from "../kernel-ids";
import { compute } from "./compute";

/** Computes all chunks on the calling thread. */
export function runAlone(job: usize): void {
  const chunks = load<i32>(job, JOB_CHUNKS);
  for (let chunk = 0; chunk < chunks; chunk++) compute(job, chunk);
}
