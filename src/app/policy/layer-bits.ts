/** Bits of a layer as the table shows them: the policy's, or the expected ones while a search has none yet or moves on from one. */
import { FLOAT_BITS, costTotals, layerBitOps, type CostTotals, type LayerBits } from "../../core/cost";
import { searchPoints, standingPolicy, type History } from "../../core/history";
import type { Layer } from "../../core/layers";
import type { SearchSpace } from "../../core/search";

export interface ShownBits {
  /** "none" before the first snapshot. */
  readonly of: "policy" | "expected" | "none";
  /** Bits of each layer of the space, null where nothing is known; layers outside the search count as float. */
  readonly bits: readonly (LayerBits | null)[];
  /** Totals over the searched layers, null while nothing is known. */
  readonly totals: CostTotals | null;
}

/** What is shown now for all layers. */
export function shownBits(space: SearchSpace, history: History): ShownBits {
  const policy = standingPolicy(history);
  const expected = policy ? null : (searchPoints(history).at(-1)?.snapshot.relaxed ?? null);
  const float = { weight: FLOAT_BITS, activation: FLOAT_BITS };
  const bits = space.layers.map((layer): LayerBits | null => {
    if (policy) {
      const own = policy.layers.find(({ name }) => name === layer.name);
      return own ? { weight: own.weight.bits, activation: own.activation.bits } : null;
    }
    const at = space.searched.indexOf(layer);
    if (at < 0) return float;
    const [weight, activation] = [expected?.bits[2 * at], expected?.bits[2 * at + 1]];
    return weight === undefined || activation === undefined ? null : { weight, activation };
  });
  const known = space.searched.map((layer) => bits[space.layers.indexOf(layer)] ?? null);
  const complete = known.filter((entry) => entry !== null);
  return {
    of: policy ? "policy" : expected ? "expected" : "none",
    bits,
    totals: complete.length === space.searched.length ? costTotals(space.searched, complete) : null,
  };
}

/** A searched layer's share of the searched layers' BitOps, 0..1; null for a layer outside or without bits. */
export function bitOpsShare(layer: Layer, space: SearchSpace, { bits, totals }: ShownBits): number | null {
  const own = bits[space.layers.indexOf(layer)];
  return own && totals && space.searched.includes(layer) ? layerBitOps(layer, own) / totals.bitOps : null;
}
