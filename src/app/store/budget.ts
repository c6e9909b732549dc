/** What a target means for the network that is set: its resource, its reach, and whether it can be met. */
import { budgetOf, checkTarget, reachOf, resourceOf, RESOURCES, targetFor, type Resource } from "../../core/budget";
import type { CostTotals } from "../../core/cost";
import type { Described } from "../../core/protocol";
import type { SearchSpace } from "../../core/search";
import { isBusy, shownDescription, useRun, type RunState } from "./run";
import { useSettings } from "./settings";
import type { Limits } from "./validate";

export interface Budget {
  readonly resource: Resource;
  readonly space: SearchSpace;
}

/** The budget that the target is about: of the running search, else of the settings. Null for a method without one. */
export function budgetIn(state: RunState): Budget | null {
  const described = isBusy(state.status) ? shownDescription(state) : state.described;
  return described && hasBudget(described) ? described : null;
}

export const hasBudget = <T extends Pick<Described, "resource">>(described: T): described is T & Budget =>
  described.resource !== null;

/** Why the target cannot be met, in a sentence; null if it can be, or if there is no budget. */
export function useTargetProblem(): string | null {
  const budget = useRun(budgetIn);
  return useSettings(({ knobs }) => budget && targetProblem(budget, knobs.target));
}

export function targetProblem({ resource, space }: Budget, target: number): string | null {
  try {
    checkTarget(resource, space, target);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Targets in bits that can be met. */
export const targetReach = ({ resource, space }: Budget): Limits => reachOf(resource, space);

/** A target's budget in the resource's unit, with the digits that a field shows. */
export const inUnit = ({ resource, space }: Budget, target: number): number =>
  Number((budgetOf(resource, space, target) / RESOURCES[resource].divisor).toPrecision(4));

/** What a network with these totals spends of the resource. */
export function spent({ resource, space: { searched } }: Budget, totals: CostTotals): number {
  switch (resource) {
    case "bitops":
      return totals.bitOps;
    case "size":
      // Biases count too, and nothing moves them.
      return (
        totals.weightBytes +
        resourceOf(
          "size",
          searched,
          searched.map(() => ({ weight: 0, activation: 0 })),
        )
      );
    case "average":
      return (totals.averageWeightBits + totals.averageActivationBits) / 2;
  }
}

/** The target in bits of a budget in the resource's unit. */
export const fromUnit = ({ resource, space }: Budget, value: number): number =>
  Number(targetFor(resource, space, value * RESOURCES[resource].divisor).toPrecision(5));
