/** Counts what a step costs in dispatches: on fast GPUs their number, not their arithmetic, limits small networks. */

export interface DispatchCount {
  readonly total: number;
  /** Per label of the pipeline: a kernel key of ours, or the class name of a stock program (shortened in a minified build). */
  readonly byLabel: ReadonlyMap<string, number>;
}

/** Runs `step` and counts the compute dispatches that it records, ours and those of stock kernels alike. */
export function countDispatches(step: () => void): DispatchCount {
  const watch = watchDispatches();
  try {
    step();
    return watch.take();
  } finally {
    watch.stop();
  }
}

export interface DispatchWatch {
  /** What was counted since the last call, or the start. */
  readonly take: () => DispatchCount;
  readonly stop: () => void;
}

/** Counts until it is stopped. */
export function watchDispatches(): DispatchWatch {
  const prototype = GPUComputePassEncoder.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the encoder as `this` below.
  const { setPipeline, dispatchWorkgroups } = prototype;
  let byLabel = new Map<string, number>();
  let label = "";
  prototype.setPipeline = function (pipeline) {
    label = pipeline.label;
    setPipeline.call(this, pipeline);
  };
  prototype.dispatchWorkgroups = function (x, y, z) {
    byLabel.set(label, (byLabel.get(label) ?? 0) + 1);
    dispatchWorkgroups.call(this, x, y, z);
  };
  return {
    take: () => {
      const taken = byLabel;
      byLabel = new Map();
      return { total: [...taken.values()].reduce((sum, count) => sum + count, 0), byLabel: taken };
    },
    stop: () => void Object.assign(prototype, { setPipeline, dispatchWorkgroups }),
  };
}
