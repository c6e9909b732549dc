/** Counts what a step costs in dispatches: on fast GPUs their number, not their arithmetic, limits small networks. */

export interface DispatchCount {
  readonly total: number;
  /** Per label of the pipeline: a kernel key of ours, or the class name of a stock program (shortened in a minified build). */
  readonly byLabel: ReadonlyMap<string, number>;
}

/** Runs `step` and counts the compute dispatches that it records, ours and those of stock kernels alike. */
export function countDispatches(step: () => void): DispatchCount {
  const prototype = GPUComputePassEncoder.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the encoder as `this` below.
  const { setPipeline, dispatchWorkgroups } = prototype;
  const byLabel = new Map<string, number>();
  let total = 0;
  let label = "";
  prototype.setPipeline = function (pipeline) {
    label = pipeline.label;
    setPipeline.call(this, pipeline);
  };
  prototype.dispatchWorkgroups = function (x, y, z) {
    total++;
    byLabel.set(label, (byLabel.get(label) ?? 0) + 1);
    dispatchWorkgroups.call(this, x, y, z);
  };
  try {
    step();
  } finally {
    Object.assign(prototype, { setPipeline, dispatchWorkgroups });
  }
  return { total, byLabel };
}
