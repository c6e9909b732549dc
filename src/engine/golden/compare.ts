/** Comparing our numbers with the golden ones. */

export interface Tolerance {
  readonly abs: number;
  readonly rel: number;
}

/** One golden case's outcome. */
export interface CaseResult {
  readonly name: string;
  readonly maxAbs: number;
  readonly maxRel: number;
  readonly tolerance: Tolerance;
  readonly pass: boolean;
  /** The quantity that missed by most, relative to its tolerance. Empty if all pass. */
  readonly worst: string;
}

/** Collects the quantities of one case. */
export interface Comparison {
  /** Compares arrays elementwise: |ours - golden| <= abs + rel |golden|. Different lengths or a number that is not finite fail. */
  readonly check: (what: string, ours: ArrayLike<number>, golden: ArrayLike<number>, tolerance?: Tolerance) => void;
  readonly result: () => CaseResult;
}

export function compare(name: string, tolerance: Tolerance): Comparison {
  let [maxAbs, maxRel, worstExcess, checked, worst] = [0, 0, 0, 0, ""];
  const fail = (what: string, excess: number): void => {
    if (excess <= worstExcess) return;
    worstExcess = excess;
    worst = what;
  };
  return {
    check: (what, ours, golden, allowed = tolerance) => {
      checked++;
      if (ours.length !== golden.length) return fail(`${what}: ${ours.length} numbers, golden has ${golden.length}`, Infinity);
      for (let i = 0; i < ours.length; i++) {
        const [a, b] = [ours[i] as number, golden[i] as number];
        const difference = Math.abs(a - b);
        if (!Number.isFinite(difference)) return fail(`${what}[${i}] = ${a}, golden ${b}`, Infinity);
        maxAbs = Math.max(maxAbs, difference);
        if (b !== 0) maxRel = Math.max(maxRel, difference / Math.abs(b));
        const excess = difference / (allowed.abs + allowed.rel * Math.abs(b));
        if (excess > 1) fail(`${what}[${i}] = ${a}, golden ${b}`, excess);
      }
    },
    result: () => ({
      name,
      maxAbs,
      maxRel,
      tolerance,
      pass: worst === "" && checked > 0,
      worst: checked > 0 ? worst : "nothing was compared",
    }),
  };
}
