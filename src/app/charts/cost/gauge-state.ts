/** What a search costs now and what its policy costs. Everything is over the searched layers. */
import { FLOAT_BITS, costTotals, type CostTotals } from "../../../core/cost";
import { budgetOf, uniformBits } from "../../../core/budget";
import { standingPolicy, type History } from "../../../core/history";
import type { Described } from "../../../core/protocol";
import type { SearchSpace } from "../../../core/search";
import { pointAt, relaxedPoints } from "../time-axis";

export interface GaugeState {
  /** Expected bits: of the search; before it those of uniform probabilities, or those that the target stands for. */
  readonly now: CostTotals;
  readonly begun: boolean;
  /** Of the policy, null before there is one and while a search moves on from it. */
  readonly decided: CostTotals | null;
  /** What the target allows, in the resource; null for a method without a budget. */
  readonly budget: number | null;
}

/** What is described, and the target in bits that is set: what holds before a search. */
export type Gauged = Pick<Described, "space" | "resource"> & { readonly target: number };

/** The state at a time, null for now. */
export function gaugeState(history: History, { space, resource, target }: Gauged, time: number | null): GaugeState {
  const point = pointAt(relaxedPoints(history), time);
  const relaxed = point?.snapshot.relaxed ?? null;
  const layers = new Map(standingPolicy(history)?.layers.map((layer) => [layer.name, layer]));
  const decided = space.searched.flatMap(({ name }) => {
    const layer = layers.get(name);
    return layer ? [{ weight: layer.weight.bits, activation: layer.activation.bits }] : [];
  });
  return {
    now: relaxed?.totals ?? (resource === null ? initialTotals(space) : targetTotals(space, target)),
    begun: relaxed !== null,
    decided: decided.length === space.searched.length ? costTotals(space.searched, decided) : null,
    budget: resource === null ? null : budgetOf(resource, space, point?.snapshot.knobs.target ?? target),
  };
}

/** Totals at the same bits for all searched layers: 32 is the float network. */
export const uniformTotals = (space: SearchSpace, bits: number): CostTotals =>
  costTotals(
    space.searched,
    space.searched.map(() => ({ weight: bits, activation: bits })),
  );

/** Totals that stand where so many BitOps stand on the gauge. */
export const withBitOps = (totals: CostTotals, bitOps: number): CostTotals => ({
  ...totals,
  bitOps,
  averageBits: totals.averageBits * Math.sqrt(bitOps / totals.bitOps),
});

/** How many times less than float. */
export const timesSmaller = (totals: CostTotals): number => totals.bitOpsFloat / totals.bitOps;

/** Place of a cost on the gauge, 0..1: logarithmic from 1/1 bits to float. */
export const gaugePosition = ({ averageBits }: CostTotals): number =>
  Math.min(1, Math.max(0, Math.log(averageBits) / Math.log(FLOAT_BITS)));

const targetTotals = (space: SearchSpace, target: number): CostTotals => costTotals(space.searched, uniformBits(space, target));

function initialTotals(space: SearchSpace): CostTotals {
  const mean = (site: number): number => {
    const candidates = space.sites[site]?.candidates ?? [];
    return candidates.reduce((sum, { bits }) => sum + bits, 0) / candidates.length;
  };
  return costTotals(
    space.searched,
    space.searched.map((_, i) => ({ weight: mean(2 * i), activation: mean(2 * i + 1) })),
  );
}
