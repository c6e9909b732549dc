/** Arguments of the running kernel: 32-bit integers (pointers, sizes), then floats, in the job block. */
import { JOB_FLOATS, JOB_INTS } from "../kernel-ids";

export function int(job: usize, index: i32): i32 {
  return load<i32>(job + JOB_INTS + ((<usize>index) << 2));
}

export function pointer(job: usize, index: i32): usize {
  return load<usize>(job + JOB_INTS + ((<usize>index) << 2));
}

export function float(job: usize, index: i32): f32 {
  return load<f32>(job + JOB_FLOATS + ((<usize>index) << 2));
}
