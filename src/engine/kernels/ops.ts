/** Bitloom's own differentiable operations. The arithmetic is in the kernels of each backend; the gradients are wired here. */
import * as tf from "@tensorflow/tfjs-core";
// After the line above: this deep path alone would not register the platform.
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import {
  KERNELS,
  type BatchNormAttrs,
  type FracActivationAttrs,
  type FracWeightAttrs,
  type SchemeMixAttrs,
  type SchemeStatisticsAttrs,
  type SgdAttrs,
} from "./contract";

/**
 * Mixture of quantized weights, `sum_k p_k Q_k(w)` with steps relative to the sample standard deviation of `w`
 * (EdMIPS, eq. 9 with the HWGQ quantizer). Backward: identity for `w` (`p` sums to one), `sum(dy Q_k)` for `p`.
 */
export function mixWeight<T extends tf.Tensor>(w: T, grid: tf.Tensor2D, p: tf.Tensor1D): T {
  return run<T[]>(KERNELS.mixWeight, { x: w, grid, p })[0] as T;
}

/** Step scale that `mixWeight` uses for `w`: its sample standard deviation, shape [1]. Not differentiable. */
export function weightScale(w: tf.Tensor, grid: tf.Tensor2D, p: tf.Tensor1D): tf.Tensor1D {
  return tf.tidy(() => run<tf.Tensor[]>(KERNELS.mixWeight, { x: w, grid, p })[1] as tf.Tensor1D);
}

/**
 * Mixture of quantized activations, `sum_k p_k Q_k(x)`. Backward: straight-through inside each candidate's pass range.
 * `learned` says whether anybody wants the gradient of `p`; a fixed bit-width saves that reduction.
 */
export function mixActivation<T extends tf.Tensor>(x: T, grid: tf.Tensor2D, p: tf.Tensor1D, learned: boolean): T {
  return run<T>(KERNELS.mixActivation, { x, grid, p }, { learned });
}

/**
 * Weights at a fractional width (FracBits with DoReFa's mapping and SAT's rescaling): `widths` [2, C'] holds floor and ceil, `share`
 * [C'] the part of ceil, C' being 1 or the size of the last axis (convolution and dense: output channel) or, of a depthwise filter
 * [h, w, C, 1], C. Gives `y` and the rescaling factor `scale` [1], which is not differentiable. Backward: straight through the
 * quantizer, also through max |tanh w|; to `share`; none to `widths` (compute those outside the tape: zeros travel on otherwise).
 */
export function fracWeight<T extends tf.Tensor>(
  w: T,
  widths: tf.Tensor2D,
  share: tf.Tensor1D,
  attrs: FracWeightAttrs,
): { readonly y: T; readonly scale: tf.Tensor1D } {
  const [y, scale] = run<tf.Tensor[]>(KERNELS.fracWeight, { w, widths, share }, { ...attrs });
  return { y: y as T, scale: scale as tf.Tensor1D };
}

/**
 * Activations clipped at |`clip`| [1] (PACT) at a fractional width; `widths` and `share` as in `fracWeight`, C' being 1 or the size
 * of the last axis. Backward: straight through strictly inside the clip range; to `share` if `learned`, and to `clip`.
 */
export function fracActivation<T extends tf.Tensor>(
  x: T,
  widths: tf.Tensor2D,
  share: tf.Tensor1D,
  clip: tf.Tensor1D,
  attrs: FracActivationAttrs,
): T {
  return run<T>(KERNELS.fracActivation, { x, widths, share, clip }, { ...attrs });
}

/**
 * Statistics of a tensor that the schemes of AutoQNN scale their levels with, [13], in the places of `STATISTIC`. They stay on the
 * device, and are constants for the gradient.
 */
export function schemeStatistics(x: tf.Tensor, attrs: SchemeStatisticsAttrs): tf.Tensor1D {
  const value = (): tf.Tensor1D => run<tf.Tensor1D>(KERNELS.schemeStatistics, { x }, { ...attrs });
  return tf.customGrad(() => ({ value: value(), gradFunc: () => [] }))() as tf.Tensor1D;
}

/** A moving average of statistics [13] after one more step: `momentum average + (1 - momentum) statistics`. Not differentiable. */
export const schemeAverage = (average: tf.Tensor1D, statistics: tf.Tensor1D, momentum: number): tf.Tensor1D =>
  run(KERNELS.schemeAverage, { average, statistics }, { momentum });

/**
 * Mixture of one tensor's candidates `sum_k p_k Q_k(x)` (AutoQNN), each a scheme at a width given as a row of `rows` [K, 12], with the
 * tensor's `statistics` [13]. Backward: straight-through for `x`, but outside the range of a candidate that clips; `sum(dy Q_k)` for
 * `p` [K] if `learned`, with `errors` of the errors that Q_k makes where it passes; none for the statistics, which are constants.
 */
export function schemeMix<T extends tf.Tensor>(
  x: T,
  rows: tf.Tensor2D,
  statistics: tf.Tensor1D,
  p: tf.Tensor1D,
  { learned, errors = false }: Pick<SchemeMixAttrs, "learned"> & Partial<SchemeMixAttrs>,
): T {
  return run<T>(KERNELS.schemeMix, { x, rows, statistics, p }, { learned, errors });
}

export interface BatchNormResult<T extends tf.Tensor> {
  readonly y: T;
  readonly runningMean: tf.Tensor1D;
  readonly runningVariance: tf.Tensor1D;
}

/** Batch normalisation over all axes but the last, training mode; also gives the next running statistics. */
export function batchNormTrain<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  running: { readonly mean: tf.Tensor1D; readonly variance: tf.Tensor1D },
  attrs: BatchNormAttrs,
): BatchNormResult<T> {
  const inputs = { x, gamma, beta, runningMean: running.mean, runningVariance: running.variance };
  const [y, , , runningMean, runningVariance] = run<tf.Tensor[]>(KERNELS.batchNormTrain, inputs, { ...attrs });
  return { y: y as T, runningMean: runningMean as tf.Tensor1D, runningVariance: runningVariance as tf.Tensor1D };
}

/** Mean cross-entropy of softmax(logits) [N, C] against int32 labels [N], and how many rows are right. Both scalars. */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): { loss: tf.Scalar; correct: tf.Scalar } {
  const [loss, correct] = run<tf.Tensor[]>(KERNELS.crossEntropy, { logits, labels });
  return { loss: loss as tf.Scalar, correct: correct as tf.Scalar };
}

/**
 * One time step of a long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000) from the sums of
 * its gates z [N, 4 U], side by side in the order of `GATES`, their biases [4 U] and the cell state c [N, U]: the output state `h` and
 * the `next` cell state, both [N, U].
 */
export function lstmCell(
  z: tf.Tensor2D,
  bias: tf.Tensor1D,
  c: tf.Tensor2D,
): { readonly h: tf.Tensor2D; readonly next: tf.Tensor2D } {
  const [h, next] = run<tf.Tensor[]>(KERNELS.lstmCell, { z, bias, c });
  return { h: h as tf.Tensor2D, next: next as tf.Tensor2D };
}

/** A parameter and its gradient, of one shape. */
export interface SgdPair {
  readonly parameter: tf.Tensor;
  readonly gradient: tf.Tensor;
  /** Where its velocity begins. */
  readonly offset: number;
  readonly weightDecay: number;
}

/**
 * One SGD step with momentum in PyTorch's order for many parameters at once; gives the new velocity [total] and the new parameters.
 * The old ones are used up: assign the results to their variables at once. `rate` is a scalar.
 */
export function sgdMomentum(
  velocity: tf.Tensor1D,
  pairs: readonly SgdPair[],
  rate: tf.Scalar,
  attrs: SgdAttrs,
): { readonly velocity: tf.Tensor1D; readonly parameters: readonly tf.Tensor[] } {
  const tensors = pairs.flatMap(({ parameter, gradient }, i) => [
    [`p${i}`, parameter],
    [`g${i}`, gradient],
  ]);
  const inputs = Object.fromEntries([["velocity", velocity], ["rate", rate], ...tensors]) as tf.NamedTensorMap;
  const offsets = pairs.map(({ offset }) => offset);
  const weightDecays = pairs.map(({ weightDecay }) => weightDecay);
  const [newVelocity, ...parameters] = run<tf.Tensor[]>(KERNELS.sgdMomentum, inputs, { ...attrs, offsets, weightDecays });
  return { velocity: newVelocity as tf.Tensor1D, parameters };
}

function run<T extends tf.Tensor | tf.Tensor[]>(name: string, inputs: tf.NamedTensorMap, attrs: object = {}): T {
  return tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);
}

// TensorFlow.js runs each gradient thunk in a `tidy` of its own, so a kernel that gives several gradients runs before the thunks:
// what one thunk computed beside its result would be gone when the next one asks for it.

tf.registerGradient({
  kernelName: KERNELS.mixWeight,
  inputsToSave: ["x", "grid"],
  outputsToSave: [false, true],
  gradFunc: (dy, saved) => {
    const [x, grid, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const upstream = (dy as tf.Tensor[])[0] as tf.Tensor;
    return {
      x: () => tf.clone(upstream),
      p: () => run<tf.Tensor>(KERNELS.mixWeightGrad, { x, scale, grid, dy: upstream }),
    };
  },
});

tf.registerGradient({
  kernelName: KERNELS.mixActivation,
  inputsToSave: ["x", "grid", "p"],
  gradFunc: (dy, saved, attrs) => {
    const [x, grid, p] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const grads = run<tf.Tensor[]>(KERNELS.mixActivationGrad, { x, grid, p, dy: dy as tf.Tensor }, attrs);
    return { x: () => grads[0] as tf.Tensor, p: () => grads[1] as tf.Tensor };
  },
});

tf.registerGradient({
  kernelName: KERNELS.fracWeight,
  inputsToSave: ["w", "widths", "share"],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [w, widths, share, scale, largest] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const dy = (dys as tf.Tensor[])[0] as tf.Tensor;
    const grads = run<tf.Tensor[]>(KERNELS.fracWeightGrad, { w, widths, share, scale, largest, dy }, attrs);
    return {
      w: () => grads[0] as tf.Tensor,
      share: () => grads[1] as tf.Tensor,
      widths: () => tf.zerosLike(widths),
    };
  },
});

tf.registerGradient({
  kernelName: KERNELS.fracActivation,
  inputsToSave: ["x", "widths", "share", "clip"],
  gradFunc: (dy, saved, attrs) => {
    const [x, widths, share, clip] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const inputs = { x, widths, share, clip, dy: dy as tf.Tensor };
    const grads = run<tf.Tensor[]>(KERNELS.fracActivationGrad, inputs, attrs);
    return {
      x: () => grads[0] as tf.Tensor,
      share: () => grads[1] as tf.Tensor,
      clip: () => grads[2] as tf.Tensor,
      widths: () => tf.zerosLike(widths),
    };
  },
});

tf.registerGradient({
  kernelName: KERNELS.schemeMix,
  inputsToSave: ["x", "rows", "statistics", "p"],
  gradFunc: (dy, saved, attrs) => {
    const [x, rows, statistics, p] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const grads = run<tf.Tensor[]>(KERNELS.schemeMixGrad, { x, rows, statistics, p, dy: dy as tf.Tensor }, attrs);
    return { x: () => grads[0] as tf.Tensor, p: () => grads[1] as tf.Tensor };
  },
});

tf.registerGradient({
  kernelName: KERNELS.batchNormTrain,
  inputsToSave: ["x", "gamma"],
  outputsToSave: [false, true, true, false, false],
  gradFunc: (dys, saved, attrs) => {
    const [x, gamma, mean, variance] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const dy = (dys as tf.Tensor[])[0] as tf.Tensor;
    const grads = run<tf.Tensor[]>(KERNELS.batchNormTrainGrad, { x, dy, gamma, mean, variance }, attrs);
    return {
      x: () => grads[0] as tf.Tensor,
      gamma: () => grads[1] as tf.Tensor,
      beta: () => grads[2] as tf.Tensor,
    };
  },
});

tf.registerGradient({
  kernelName: KERNELS.crossEntropy,
  inputsToSave: [],
  outputsToSave: [false, false, true],
  gradFunc: (dys, saved) => {
    const [dLogits] = saved as [tf.Tensor];
    return { logits: () => tf.mul((dys as tf.Tensor[])[0] as tf.Tensor, dLogits) };
  },
});

tf.registerGradient({
  kernelName: KERNELS.lstmCell,
  inputsToSave: ["c"],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved) => {
    const [c, next, gates] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [dh, dnext] = dys as unknown as [tf.Tensor, tf.Tensor];
    const [dz, dc] = run<tf.Tensor[]>(KERNELS.lstmCellGrad, { gates, c, next, dh, dnext }) as [tf.Tensor2D, tf.Tensor];
    const [rows, columns] = dz.shape;
    return {
      z: () => tf.clone(dz),
      // As a product: that is the fastest sum over the rows that every backend has.
      bias: () => tf.reshape(tf.matMul(tf.ones([1, rows]), dz), [columns]),
      c: () => dc,
    };
  },
});
