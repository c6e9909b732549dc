/** Distributions whose quantization can be looked at without a network: AutoQNN compares its schemes on them (figures 1 and 2). */

export interface Distribution {
  readonly id: string;
  readonly label: string;
  /** The value below which a share `u` of (0, 1) lies. */
  readonly quantile: (u: number) => number;
}

/** Those of AutoQNN's figure 1, each with its usual parameters. */
export const DISTRIBUTIONS: readonly Distribution[] = [
  { id: "normal", label: "Normal", quantile: normalQuantile },
  { id: "logistic", label: "Logistic", quantile: (u) => Math.log(u / (1 - u)) },
  { id: "exponential", label: "Exponential", quantile: (u) => -Math.log(1 - u) },
  { id: "uniform", label: "Uniform", quantile: (u) => 2 * u - 1 },
  { id: "log-normal", label: "Log-normal", quantile: (u) => Math.exp(normalQuantile(u)) },
];

/** `count` ascending values that lie as the distribution does, no noise of a sample. A RangeError for an unknown `id`. */
export function valuesOf(id: string, count: number): Float32Array {
  const distribution = DISTRIBUTIONS.find((known) => known.id === id);
  if (!distribution)
    throw new RangeError(`No distribution "${id}". Known: ${DISTRIBUTIONS.map((known) => known.id).join(", ")}.`);
  return Float32Array.from({ length: count }, (_, i) => distribution.quantile((i + 0.5) / count));
}

/** Inverse of the standard normal distribution function, by bisection on its series: exact to single precision. */
function normalQuantile(u: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < u) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Share of the standard normal distribution below x: 1/2 + density(x) (x + x^3/3 + x^5/(3 5) + ...). */
function normalShare(x: number): number {
  let term = x;
  let sum = x;
  for (let i = 3; Math.abs(term) > 1e-17 * Math.abs(sum) && i < 500; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
