/** What the benchmarks report: medians with their spread, and targets beside what was measured. */

/** Median and quartiles of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

export interface Figure {
  /** What it was measured on: "WASM, 2 threads". */
  readonly where: string;
  readonly what: string;
  readonly value: Spread;
  readonly unit: string;
  /** What it is beside: "1.08 x float", "71 % of matmul". */
  readonly note: string;
}

export interface Target {
  readonly what: string;
  readonly limit: number;
  readonly kind: "at most" | "at least";
  readonly measured: number;
}

/** One part of the benchmark. */
export interface Report {
  readonly figures: readonly Figure[];
  readonly targets: readonly Target[];
  /** What could not be measured, and why. Sentences. */
  readonly notes: readonly string[];
}

/** Several reports as one. */
export const joined = (reports: readonly Report[]): Report => ({
  figures: reports.flatMap(({ figures }) => figures),
  targets: reports.flatMap(({ targets }) => targets),
  notes: reports.flatMap(({ notes }) => notes),
});

/** Quartiles are interpolated between samples. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? NaN;
    return below + (place % 1) * ((sorted[Math.ceil(place)] ?? NaN) - below);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75), samples: sorted.length };
}

/** A count, or anything else that is measured once. */
export const single = (value: number): Spread => spreadOf([value]);

/**
 * Quotient of two measurements that took turns, round by round: what slows the machine down for a while slows both, and the median of
 * the quotients does not see it.
 */
export const quotient = (a: readonly number[], b: readonly number[]): number =>
  spreadOf(a.map((value, round) => value / (b[round] ?? NaN))).median;

export const isMet = ({ kind, limit, measured }: Target): boolean => (kind === "at most" ? measured <= limit : measured >= limit);
