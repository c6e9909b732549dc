/** Steps of least squared error under the standard normal density: the origin of the published step tables. */

const density = (x: number): number => Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Beyond this the normal density is below float64's resolution of the error. */
const TAIL = 9;
const PIECES_PER_CELL = 32;

/** Integral of (x - level)^2 density(x) from `from` to `to` (composite Simpson). */
function cellError(from: number, to: number, level: number): number {
  const h = (to - from) / PIECES_PER_CELL;
  let sum = 0;
  for (let i = 0; i <= PIECES_PER_CELL; i++) {
    const x = from + i * h;
    const weight = i === 0 || i === PIECES_PER_CELL ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * (x - level) ** 2 * density(x);
  }
  return (sum * h) / 3;
}

/** Mean squared error on x > 0 of the levels `level(k)`, k = 0..cells-1, with cell boundaries midway. */
function positiveError(cells: number, level: (k: number) => number): number {
  let error = 0;
  for (let k = 0; k < cells; k++) {
    const from = k === 0 ? 0 : (level(k - 1) + level(k)) / 2;
    const to = k === cells - 1 ? Math.max(TAIL, from + 1) : (level(k) + level(k + 1)) / 2;
    error += cellError(from, to, level(k));
  }
  return error;
}

/** Golden-section search for the minimum of a unimodal function. */
function minimise(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  while (b - a > 1e-9) {
    const c = b - ratio * (b - a);
    const d = a + ratio * (b - a);
    if (f(c) < f(d)) b = d;
    else a = c;
  }
  return (a + b) / 2;
}

/** Steps that were computed once. */
const computed = new Map<string, number>();

function once(key: string, compute: () => number): number {
  const known = computed.get(key) ?? compute();
  computed.set(key, known);
  return known;
}

/** MSE-optimal step of the mid-rise quantizer with 2^bits levels +-s/2, +-3s/2, ... for N(0, 1). */
export function gaussianStep(bits: number): number {
  return once(`gaussian${bits}`, () => minimise((step) => positiveError(2 ** (bits - 1), (k) => (k + 0.5) * step), 1e-3, 4));
}

/**
 * MSE-optimal step for the half-wave rectified N(0, 1), levels 0, h, 2h, ..., (2^bits - 1) h. As in HWGQ (Cai et al. 2017, eq. 8) the
 * level 0 belongs to x <= 0 and every positive x to a positive level: this convention, and not the one with the nearest level
 * everywhere, gives the published table.
 */
export function halfWaveStep(bits: number): number {
  return once(`halfWave${bits}`, () => minimise((step) => positiveError(2 ** bits - 1, (k) => (k + 1) * step), 1e-3, 4));
}

/**
 * MSE-optimal step a of PotQ for N(0, 1): levels +-a {1/2, 2, 4, ..., 2^(2^(bits-1) - 1)}, the exponent rounded, so that the cells
 * meet at a 2^(e + 1/2) and not midway. The error has several minima; the search starts from the best of a fine grid.
 */
export function powerStep(bits: number): number {
  return once(`power${bits}`, () => {
    const error = powerError(2 ** (bits - 1) - 1);
    const RATIO = 1.02;
    const grid = Array.from({ length: 300 }, (_, i) => 2 / RATIO ** i);
    const errors = grid.map(error);
    const best = grid[errors.indexOf(Math.min(...errors))] as number;
    return minimise(error, best / RATIO, best * RATIO);
  });
}

/** Half the squared error of PotQ with exponents 0 to `last`, by its step. */
function powerError(last: number): (step: number) => number {
  return (step) => {
    let error = 0;
    for (let e = 0; e <= last; e++) {
      const from = e === 0 ? 0 : step * 2 ** (e - 0.5);
      const to = e === last ? TAIL : Math.min(TAIL, step * 2 ** (e + 0.5));
      if (from < TAIL) error += cellError(from, to, step * (e === 0 ? 0.5 : 2 ** e));
    }
    return error;
  };
}
