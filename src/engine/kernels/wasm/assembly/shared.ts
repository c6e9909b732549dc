/**
 * The kernels for shared memory: helper threads take chunks of the running job until none is left.
 *
 * A ticket of 64 bits holds the job's number and how many chunks are left. Taking a chunk is one compare-and-swap of it, so a helper
 * that wakes late, in the middle of the next job, either takes a chunk of that job or none.
 */
import { JOB_CHUNKS, JOB_COMPLETED, JOB_TICKET } from "../kernel-ids";
import { compute } from "./compute";
export { runAlone } from "./plain";

/** The upper half of the ticket: the number of the job. */
const JOB_NUMBER: usize = JOB_TICKET + 4;
/** Looks at a word before sleeping on it: some ten microseconds, less than waking up costs. */
const SPINS: i32 = 4000;
/** A helper that is silent for twice this long is dead: no chunk takes seconds. In nanoseconds. */
const STALL_NS: i64 = 15_000_000_000;
const TIMED_OUT: i32 = 2;

/** Computes all chunks together with the helpers. Gives 0 if a helper took a chunk and never came back. */
export function runShared(job: usize): i32 {
  const chunks = load<i32>(job, JOB_CHUNKS);
  const number = (atomic.load<i64>(job, JOB_TICKET) >> 32) + 1;
  atomic.store<i32>(job, 0, JOB_COMPLETED);
  atomic.store<i64>(job, (number << 32) | (<i64>chunks), JOB_TICKET);
  atomic.notify(job + JOB_NUMBER, chunks - 1);
  work(job);
  return waitForAll(job, chunks);
}

function waitForAll(job: usize, chunks: i32): i32 {
  let spins = 0;
  let stalls = 0;
  while (true) {
    const completed = atomic.load<i32>(job, JOB_COMPLETED);
    if (completed == chunks) return 1;
    if (spins++ < SPINS) continue;
    if (atomic.wait<i32>(job + JOB_COMPLETED, completed, STALL_NS) != TIMED_OUT) stalls = 0;
    else if (++stalls == 2) return 0;
  }
}

/** Never returns: the helper's worker is terminated. */
export function help(job: usize): void {
  let seen = 0;
  while (true) {
    let spins = 0;
    while (atomic.load<i32>(job, JOB_NUMBER) == seen && spins < SPINS) spins++;
    if (spins == SPINS) atomic.wait<i32>(job + JOB_NUMBER, seen, -1);
    seen = atomic.load<i32>(job, JOB_NUMBER);
    work(job);
  }
}

/** Takes and computes chunks until none is left. */
function work(job: usize): void {
  while (true) {
    const ticket = atomic.load<i64>(job, JOB_TICKET);
    const left = <i32>ticket;
    if (left == 0) return;
    if (atomic.cmpxchg<i64>(job, ticket, ticket - 1, JOB_TICKET) != ticket) continue;
    // Read before reporting: once the last chunk is reported, the block may already describe the next job.
    const chunks = load<i32>(job, JOB_CHUNKS);
    compute(job, left - 1);
    if (atomic.add<i32>(job, 1, JOB_COMPLETED) + 1 == chunks) atomic.notify(job + JOB_COMPLETED, 1);
  }
}
