/**
 * The operations that Bitloom adds to TensorFlow.js: names, inputs, outputs. Each backend folder (`cpu`, `wasm`, `webgpu`)
 * registers one kernel for each name; `ops.ts` calls them and registers their gradients.
 *
 * A *grid* describes K candidate uniform quantizers as data, a float32 tensor [K, 6] with one row per candidate
 * (at most eight: bit-widths 1 to 8):
 * `step, shift, qMin, qMax, passMin, passMax`. With `s = step * scale` candidate k maps
 *
 *     Q_k(x) = (clamp(roundHalfEven(x / s + shift), qMin, qMax) - shift) * s
 *
 * in float32, dividing (a reciprocal flips ties). `scale` is the sample standard deviation of the tensor for weights and 1 for
 * activations. The straight-through gradient passes where `passMin <= x <= passMax` (activations only; weights pass everywhere).
 */
export const GRID_COLUMNS = 6;

export const KERNELS = {
  /** {x: any shape, grid: [K, 6], p: [K]} -> [y = sum_k p_k Q_k(x), same shape; scale: [1] = sample standard deviation (N - 1) of x]. */
  mixWeight: "BitloomMixWeight",
  /** {x, scale: [1], grid, dy} -> dp: [K], dp_k = sum(dy * Q_k(x)). (dx is dy, since p sums to one.) */
  mixWeightGrad: "BitloomMixWeightGrad",
  /** {x: any shape, grid: [K, 6], p: [K]} -> y = sum_k p_k Q_k(x), scale 1. */
  mixActivation: "BitloomMixActivation",
  /**
   * {x, grid, p, dy}, attrs {learned: boolean} -> [dx = dy * sum_k p_k [passMin_k <= x <= passMax_k]; dp: [K] as for weights].
   * With `learned` false nobody asks for dp: the kernel may return zeros for it.
   */
  mixActivationGrad: "BitloomMixActivationGrad",
  /**
   * {x: [..., C], gamma: [C], beta: [C], runningMean: [C], runningVariance: [C]}, attrs {epsilon, momentum} ->
   * [y = (x - mean) / sqrt(variance + epsilon) * gamma + beta; mean: [C]; variance: [C] (biased, /n); newRunningMean: [C];
   * newRunningVariance: [C]] with new = (1 - momentum) * old + momentum * batch, the variance unbiased (n / (n - 1)) there.
   */
  batchNormTrain: "BitloomBatchNormTrain",
  /** {x, dy, gamma, mean, variance}, attrs {epsilon} -> [dx, dgamma: [C], dbeta: [C]]. */
  batchNormTrainGrad: "BitloomBatchNormTrainGrad",
  /**
   * {logits: [N, C], labels: int32 [N]} -> [loss: [] mean over N of -log softmax(logits)[label]; correct: [] number of rows whose
   * first largest logit is the label; dLogits: [N, C] = (softmax - onehot) / N].
   */
  crossEntropy: "BitloomCrossEntropy",
  /**
   * {p, v, g: one shape}, attrs {rate, momentum, weightDecay, nesterov: boolean} -> [newP, newV]:
   * g' = g + weightDecay * p; v' = momentum * v + g'; p' = p - rate * (nesterov ? g' + momentum * v' : v').
   * `rate` changes from step to step: it is a uniform, never shader text.
   */
  sgdMomentum: "BitloomSgdMomentum",
} as const;

export interface BatchNormAttrs {
  readonly epsilon: number;
  readonly momentum: number;
}

export interface SgdAttrs {
  readonly rate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}
