/** Comparing our numbers with the golden ones. */
import * as tf from "@tensorflow/tfjs-core";

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

/** Elements that may be off by one quantization level. */
interface Neighbours {
  readonly indices: readonly number[];
  readonly step: number;
}

/** Collects the quantities of one case. */
export interface Comparison {
  /**
   * Compares elementwise: |ours - golden| <= abs + rel |golden|. Different lengths or a number that is not finite fail. A tensor may be
   * disposed after the call: its values are read when the result is asked for, because a GPU cannot be read at once.
   */
  readonly check: (what: string, ours: tf.Tensor | ArrayLike<number>, golden: ArrayLike<number>, how?: Partial<How>) => void;
  readonly result: () => Promise<CaseResult>;
}

interface How {
  readonly tolerance: Tolerance;
  readonly neighbours: Neighbours;
}

interface Pending {
  readonly what: string;
  readonly ours: tf.Tensor | ArrayLike<number>;
  readonly golden: ArrayLike<number>;
  readonly how: Partial<How>;
}

export function compare(name: string, tolerance: Tolerance): Comparison {
  const pending: Pending[] = [];
  return {
    check: (what, ours, golden, how = {}) => {
      pending.push({ what, ours: ours instanceof tf.Tensor ? tf.keep(tf.clone(ours)) : ours, golden, how });
    },
    result: async () => {
      let [maxAbs, maxRel, worstExcess, worst] = [0, 0, 0, ""];
      for (const { what, ours, golden, how } of pending) {
        const values = ours instanceof tf.Tensor ? await ours.data() : ours;
        if (ours instanceof tf.Tensor) ours.dispose();
        const found = difference(what, values, golden, how.tolerance ?? tolerance, how.neighbours ?? NONE);
        maxAbs = Math.max(maxAbs, found.maxAbs);
        maxRel = Math.max(maxRel, found.maxRel);
        if (found.excess > Math.max(1, worstExcess)) [worstExcess, worst] = [found.excess, found.worst];
      }
      const compared = pending.length > 0;
      return {
        name,
        maxAbs,
        maxRel,
        tolerance,
        pass: compared && worst === "",
        worst: compared ? worst : "nothing was compared",
      };
    },
  };
}

const NONE: Neighbours = { indices: [], step: 0 };

interface Difference {
  readonly maxAbs: number;
  readonly maxRel: number;
  /** Largest difference in units of its tolerance. */
  readonly excess: number;
  readonly worst: string;
}

function difference(
  what: string,
  ours: ArrayLike<number>,
  golden: ArrayLike<number>,
  allowed: Tolerance,
  neighbours: Neighbours,
): Difference {
  if (ours.length !== golden.length) {
    return { maxAbs: 0, maxRel: 0, excess: Infinity, worst: `${what}: ${ours.length} numbers, golden has ${golden.length}` };
  }
  const loose = new Set(neighbours.indices);
  let [maxAbs, maxRel, excess, worst] = [0, 0, 0, ""];
  for (let i = 0; i < ours.length; i++) {
    const [a, b] = [ours[i] as number, golden[i] as number];
    const apart = Math.abs(a - b);
    if (loose.has(i) && apart < neighbours.step * 1.001) continue;
    const over = Number.isFinite(apart) ? apart / (allowed.abs + allowed.rel * Math.abs(b)) : Infinity;
    if (over > excess) [excess, worst] = [over, `${what}[${i}] = ${a}, golden ${b}`];
    if (!Number.isFinite(apart)) continue;
    maxAbs = Math.max(maxAbs, apart);
    if (b !== 0) maxRel = Math.max(maxRel, apart / Math.abs(b));
  }
  return { maxAbs, maxRel, excess, worst };
}
