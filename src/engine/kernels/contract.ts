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
 *
 * A *fractional width* (FracBits) mixes the unit quantizers of two neighbouring integer widths, Q(v) = (1 - h) q_floor(v) + h q_ceil(v)
 * on [0, 1]. They are data: `widths` [2, C'] holds floor and ceil (0 to 8, whole numbers, equal at a whole width), `share` [C'] holds
 * h. C' is 1, or one per channel: element i of the flat tensor belongs to channel i mod C'. At b bits, in float32,
 *
 *     original  q_b(v) = roundHalfEven((2^b - 1) v) / (2^b - 1)      modified  q_b(v) = min(floor(2^b v), 2^b - 1) / 2^b
 *
 * and q_0 is the constant that maps to the output 0: 1/2, and 0 for one-sided activations. A NaN stays a NaN at every width. Levels
 * are those of IEEE division; what they are multiplied to may differ by a few units in the last place.
 *
 * The *statistics* of a tensor, float32 [13], are what the schemes of AutoQNN scale their levels with (see `STATISTIC`): the mean
 * magnitudes of the residuals r_0 = x, r_{j+1} = r_j - mean|r_j| sign(r_j); the sample standard deviation; the minimum; maximum
 * less minimum; the largest magnitude; and sum(t x) / sum|t| with t = 1 where 2 x > 1.4 mean|x|, -1 where -x is that large, else 0.
 *
 * *Scheme rows* describe K candidates (scheme, bits) as data, float32 [K, 12] (at most eight): `form, statistic, factor, added,
 * power, fromMinimum, scale, low, high, offset, pass, zero` (see `scheme-row.ts`). With s, the statistic at index `statistic` or, if
 * `power`, the largest power of two up to it: a = max(factor * s + added, SCHEME_LEAST_STEP), z = fromMinimum * minimum, and m = the
 * statistic at index `scale`, or a where that is negative. In float32, dividing, and with sign(0) = `zero`:
 *
 *     FLOOR, ROUND   Q(x) = (clamp(floor or roundHalfEven((x - z) / a), low, high) + offset) * m + z
 *     POWER          Q(x) = sign(x) * level(e) * m, e = clamp(floor(log2(|x| / a * sqrt 2)), low, high), level(e) = 2^e, but level(0) = 1/2
 *     RESIDUAL       Q(x) = sum over j < high of mean|r_j| sign(r_j), the residuals of this x
 *
 * A NaN stays one. The straight-through gradient passes where |x - z| <= pass * a, and everywhere if `pass` is 0.
 */
export const GRID_COLUMNS = 6;

export const SCHEME_COLUMNS = 12;
export const SCHEME_STATISTICS = 13;

/** Places in the statistics of a tensor. The first RESIDUALS are the mean magnitudes of the residuals, that of x itself first. */
export const STATISTIC = { magnitude: 0, deviation: 8, minimum: 9, range: 10, largest: 11, ternary: 12 } as const;

/** Most residuals that the statistics describe. */
export const RESIDUALS = 8;

/** Ternary weights become zero where 2 |w| is at most this many mean magnitudes (Li et al. 2016). */
export const TERNARY_FACTOR = 1.4;

/** What rounds a value to a level. */
export const SCHEME_FORM = { floor: 0, round: 1, power: 2, residual: 3 } as const;

/** Steps below it are those of a constant tensor. It stands in for them: no quotient overflows for values below 2^64. */
export const SCHEME_LEAST_STEP = 2 ** -60;

/** Weights quantized to values that deviate less than this are all one value but for rounding: nothing can rescale them. */
export const FRAC_LEAST_DEVIATION = 1e-6;

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
   * {w: any shape, widths: [2, C'], share: [C']}, attrs FracWeightAttrs -> [y = s (2 Q(u) - 1), same shape; scale: [1] = s;
   * largest: [1] = max |w|], with t = tanh(w), m = max |t|, u = t / 2m + 1/2 (1/2 where m is 0). s is 1, or with `rescale` the
   * wanted deviation over the sample standard deviation of 2 Q(u) - 1: 1 / sqrt(fanOut), or that of w. Where the latter is at most
   * FRAC_LEAST_DEVIATION, s is 1.
   */
  fracWeight: "BitloomFracWeight",
  /**
   * {w, widths, share, scale, largest, dy}, attrs {modified} -> [dw; dshare: [C']], s constant, straight through Q: with g = s dy,
   * dt = g / m, and dm = -sum(g t) / m^2 goes to the elements of magnitude `largest` in equal parts; dw = dt (1 - t^2), and 0 where
   * m is 0; dshare_c = sum over channel c of 2 g (q_ceil - q_floor).
   */
  fracWeightGrad: "BitloomFracWeightGrad",
  /**
   * {x: any shape, widths: [2, C'], share: [C'], clip: [1]}, attrs FracActivationAttrs -> y = a (low + (1 - low) Q(v)), same shape,
   * with a = |clip|, low = -1 if two-sided, else 0, t = clamp(x / a, low, 1), v = (t - low) / (1 - low).
   */
  fracActivation: "BitloomFracActivation",
  /**
   * {x, widths, share, clip, dy}, attrs FracActivationAttrs -> [dx = dy where low a < x < a, else 0; dshare: [C'], dshare_c = sum
   * over channel c of dy a (1 - low) (q_ceil - q_floor); dclip: [1] = sign(clip) sum(dy (low + (1 - low) Q(v) - t)), without the
   * - t where dx is 0]. With `learned` false nobody asks for dshare: the kernel may return zeros for it.
   */
  fracActivationGrad: "BitloomFracActivationGrad",
  /**
   * {x: any shape}, attrs SchemeStatisticsAttrs -> statistics: [13]. Residuals from `residuals` on, and without `ternary` its scale,
   * are 0.
   */
  schemeStatistics: "BitloomSchemeStatistics",
  /** {average: [13], statistics: [13]}, attrs {momentum} -> momentum * average + (1 - momentum) * statistics. */
  schemeAverage: "BitloomSchemeAverage",
  /** {x: any shape, rows: [K, 12], statistics: [13], p: [K]}, attrs SchemeMixAttrs -> y = sum_k p_k Q_k(x), same shape. */
  schemeMix: "BitloomSchemeMix",
  /**
   * {x, rows, statistics, p, dy}, attrs SchemeMixAttrs -> [dx = dy * sum_k p_k [Q_k passes x]; dp: [K], dp_k = sum(dy * Q_k(x)),
   * or with `errors` sum(dy * (Q_k(x) - [Q_k passes x] x))]. With `learned` false nobody asks for dp: the kernel may return zeros.
   */
  schemeMixGrad: "BitloomSchemeMixGrad",
  /**
   * {x: [..., C], gamma: [C], beta: [C], runningMean: [C], runningVariance: [C]}, attrs {epsilon, momentum} ->
   * [y = (x - mean) / sqrt(variance + epsilon) * gamma + beta; mean: [C]; variance: [C] (biased, /n); newRunningMean: [C];
   * newRunningVariance: [C]] with new = (1 - momentum) * old + momentum * batch, the variance unbiased (n / (n - 1)) there.
   */
  batchNormTrain: "BitloomBatchNormTrain",
  /** {x, dy, gamma, mean, variance}, attrs {epsilon} -> [dx, dgamma: [C], dbeta: [C]]. */
  batchNormTrainGrad: "BitloomBatchNormTrainGrad",
  /**
   * {z: [N, 4 U], the sums of the gates i, f, g, o side by side, bias: [4 U], c: [N, U]} -> [h: [N, U], next: [N, U],
   * gates: [N, 4 U]], with gates = sigmoid, sigmoid, tanh, sigmoid of z + bias, next = f c + i g and h = o tanh(next).
   */
  lstmCell: "BitloomLstmCell",
  /** {gates, c, next, dh: [N, U], dnext: [N, U]} -> [dz: [N, 4 U], dc: [N, U]]. */
  lstmCellGrad: "BitloomLstmCellGrad",
  /**
   * {logits: [N, C], labels: int32 [N]} -> [loss: [] mean over N of -log softmax(logits)[label]; correct: [] number of rows whose
   * first largest logit is the label; dLogits: [N, C] = (softmax - onehot) / N].
   */
  crossEntropy: "BitloomCrossEntropy",
  /**
   * {velocity: [total], rate: [], p0, g0, p1, g1, ...: pairs of one shape}, attrs `SgdMomentumAttrs` -> [newVelocity, newP0, newP1, ...]:
   * g' = g + weightDecays[i] * p; v' = momentum * v + g'; p' = p - rate * (nesterov ? g' + momentum * v' : v').
   * The velocity of pair i lies at offsets[i]; elements that belong to no pair keep their value. Backends may hand the memory of
   * `velocity` and of the parameters on to the results: who calls must not use them again.
   * `rate` is a tensor because it changes from step to step, and recorded steps repeat everything but the contents of tensors.
   */
  sgdMomentum: "BitloomSgdMomentum",
} as const;

export interface BatchNormAttrs {
  readonly epsilon: number;
  readonly momentum: number;
}

export interface SgdAttrs {
  readonly momentum: number;
  readonly nesterov: boolean;
}

export interface SgdMomentumAttrs extends SgdAttrs {
  /** Where the velocity of each pair begins. */
  readonly offsets: readonly number[];
  /** Of each pair. */
  readonly weightDecays: readonly number[];
}

export interface FracWeightAttrs {
  readonly modified: boolean;
  readonly rescale: "none" | "constant" | "stddev";
  /** Output channels times kernel area. Read with `rescale` "constant" only. */
  readonly fanOut: number;
}

export interface FracActivationAttrs {
  readonly modified: boolean;
  /** Clipped to [-a, a] instead of [0, a]. */
  readonly twoSided: boolean;
  /** Whether anybody wants the gradient of the share. That of the clip is always wanted. */
  readonly learned: boolean;
}

export interface SchemeStatisticsAttrs {
  /** How many residuals' mean magnitudes are wanted, 1 to RESIDUALS. Each above the first costs a pass. */
  readonly residuals: number;
  /** Whether the ternary scale is wanted. It costs a pass. */
  readonly ternary: boolean;
  /** The sign of 0 in the residuals: -1, or 0 as in the published code. */
  readonly zero: number;
}

export interface SchemeMixAttrs {
  /** Whether anybody wants the gradient of the probabilities. */
  readonly learned: boolean;
  /** Whether that is of the errors in place of the values. */
  readonly errors: boolean;
}
