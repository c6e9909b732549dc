/**
 * The kernels' arithmetic as scalar loops: what every other backend is compared with. Values are rounded to float32 where the GPU
 * and WebAssembly kernels round; sums are kept in float64, the best that any order of summation can approach.
 */
import { roundHalfEven } from "../../../core/round";
import { GRID_COLUMNS, type BatchNormAttrs, type SgdAttrs } from "../contract";

const f = Math.fround;

/** Q_k(x) of the contract, in float32. `row` is the candidate's place in the grid. */
function quantize(x: number, grid: Float32Array, row: number, scale: number): number {
  const at = row * GRID_COLUMNS;
  const [step, shift, qMin, qMax] = [grid[at] as number, grid[at + 1] as number, grid[at + 2] as number, grid[at + 3] as number];
  const s = f(step * scale);
  const q = Math.min(Math.max(roundHalfEven(f(f(x / s) + shift)), qMin), qMax);
  return f(f(q - shift) * s);
}

/** Sample standard deviation (N - 1) of all elements; 0 for a single one. */
export function sampleStd(x: Float32Array): number {
  let sum = 0;
  for (const value of x) sum += value;
  const mean = sum / x.length;
  let squares = 0;
  for (const value of x) squares += (value - mean) ** 2;
  return f(Math.sqrt(squares / Math.max(1, x.length - 1)));
}

/** y = sum_k p_k Q_k(x) */
export function mix(x: Float32Array, grid: Float32Array, p: Float32Array, scale: number): Float32Array {
  const y = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    let sum = 0;
    for (let k = 0; k < p.length; k++) sum = f(sum + f((p[k] as number) * quantize(x[i] as number, grid, k, scale)));
    y[i] = sum;
  }
  return y;
}

/** dp_k = sum(dy Q_k(x)) */
export function mixProbabilityGrad(x: Float32Array, dy: Float32Array, grid: Float32Array, scale: number): Float32Array {
  const dp = new Float64Array(grid.length / GRID_COLUMNS);
  for (let k = 0; k < dp.length; k++) {
    for (let i = 0; i < x.length; i++) {
      dp[k] = (dp[k] as number) + (dy[i] as number) * quantize(x[i] as number, grid, k, scale);
    }
  }
  return Float32Array.from(dp);
}

/** dx = dy * sum_k p_k [passMin_k <= x <= passMax_k] */
export function mixInputGrad(x: Float32Array, dy: Float32Array, grid: Float32Array, p: Float32Array): Float32Array {
  const dx = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const value = x[i] as number;
    let passed = 0;
    for (let k = 0; k < p.length; k++) {
      const at = k * GRID_COLUMNS;
      if (value >= (grid[at + 4] as number) && value <= (grid[at + 5] as number)) passed = f(passed + (p[k] as number));
    }
    dx[i] = passed * (dy[i] as number);
  }
  return dx;
}

/** Mean and biased variance of each channel of x [rows, channels]. */
function channelMoments(x: Float32Array, channels: number): { mean: Float32Array; variance: Float32Array } {
  const rows = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) mean[i % channels] = (mean[i % channels] as number) + (x[i] as number) / rows;
  for (let i = 0; i < x.length; i++) {
    const c = i % channels;
    variance[c] = (variance[c] as number) + ((x[i] as number) - (mean[c] as number)) ** 2 / rows;
  }
  return { mean: Float32Array.from(mean), variance: Float32Array.from(variance) };
}

export interface BatchNormInputs {
  readonly x: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly runningMean: Float32Array;
  readonly runningVariance: Float32Array;
}

/** [y, mean, variance, newRunningMean, newRunningVariance] */
export function batchNorm(inputs: BatchNormInputs, { epsilon, momentum }: BatchNormAttrs): readonly Float32Array[] {
  const { x, gamma, beta, runningMean, runningVariance } = inputs;
  const channels = gamma.length;
  const rows = x.length / channels;
  const { mean, variance } = channelMoments(x, channels);
  const unbiased = rows / Math.max(1, rows - 1);
  const y = x.map((value, i) => {
    const c = i % channels;
    const normal = (value - (mean[c] as number)) / Math.sqrt((variance[c] as number) + epsilon);
    return normal * (gamma[c] as number) + (beta[c] as number);
  });
  return [
    y,
    mean,
    variance,
    runningMean.map((old, c) => (1 - momentum) * old + momentum * (mean[c] as number)),
    runningVariance.map((old, c) => (1 - momentum) * old + momentum * unbiased * (variance[c] as number)),
  ];
}

export interface BatchNormGradInputs {
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly gamma: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** [dx, dgamma, dbeta] */
export function batchNormGrad({ x, dy, gamma, mean, variance }: BatchNormGradInputs, epsilon: number): readonly Float32Array[] {
  const channels = gamma.length;
  const rows = x.length / channels;
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const normal = (i: number): number => ((x[i] as number) - (mean[i % channels] as number)) * (inverse[i % channels] as number);
  const dgamma = new Float64Array(channels);
  const dbeta = new Float64Array(channels);
  for (let i = 0; i < x.length; i++) {
    const c = i % channels;
    dgamma[c] = (dgamma[c] as number) + (dy[i] as number) * normal(i);
    dbeta[c] = (dbeta[c] as number) + (dy[i] as number);
  }
  const dx = x.map((_, i) => {
    const c = i % channels;
    const centred = (dy[i] as number) - (dbeta[c] as number) / rows - (normal(i) * (dgamma[c] as number)) / rows;
    return (gamma[c] as number) * (inverse[c] as number) * centred;
  });
  return [dx, Float32Array.from(dgamma), Float32Array.from(dbeta)];
}

/** loss (mean), number of right rows, gradient of the loss */
export function crossEntropy(
  logits: Float32Array,
  labels: Int32Array,
): { readonly loss: number; readonly correct: number; readonly dLogits: Float32Array } {
  const rows = labels.length;
  const classes = logits.length / rows;
  const dLogits = new Float32Array(logits.length);
  let [loss, correct] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const z = logits.subarray(row * classes, (row + 1) * classes);
    const label = labels[row] as number;
    const largest = z.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = z.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    if (z.indexOf(largest) === label) correct++;
    loss += (Math.log(total) + largest - (z[label] as number)) / rows;
    z.forEach((value, c) => {
      dLogits[row * classes + c] = (Math.exp(value - largest) / total - (c === label ? 1 : 0)) / rows;
    });
  }
  return { loss, correct, dLogits };
}

/** [newP, newV] in PyTorch's order of operations. */
export function sgd(
  p: Float32Array,
  v: Float32Array,
  g: Float32Array,
  { rate, momentum, weightDecay, nesterov }: SgdAttrs & { readonly rate: number; readonly weightDecay: number },
): readonly [Float32Array, Float32Array] {
  const newV = v.map((old, i) => momentum * old + (g[i] as number) + weightDecay * (p[i] as number));
  const newP = p.map((old, i) => {
    const velocity = newV[i] as number;
    const direction = nesterov ? (g[i] as number) + weightDecay * old + momentum * velocity : velocity;
    return old - rate * direction;
  });
  return [newP, newV];
}
