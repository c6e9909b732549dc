import { expect, it } from "vitest";
import { testSpace } from "../testing";
import { budgetOf } from "../../core/budget";
import { costTotals } from "../../core/cost";
import { fromUnit, inUnit, spent, targetProblem, targetReach, type Budget } from "./budget";

const budget: Budget = { resource: "bitops", space: testSpace() };

it("converts a target to the resource's unit and back", () => {
  for (const target of [1.5, 2, 2.71, 3.9])
    expect(inUnit(budget, fromUnit(budget, inUnit(budget, target)))).toBe(inUnit(budget, target));
  const macs = budget.space.searched.reduce((sum, layer) => sum + layer.macs, 0);
  expect(inUnit(budget, 3)).toBeCloseTo((9 * macs) / 1e6, 2);
});

it("reaches from the fewest to the most bits, and says what is beyond", () => {
  expect(targetReach(budget)).toEqual({ min: 1, max: 4 });
  expect([1, 2.5, 4].map((target) => targetProblem(budget, target))).toEqual([null, null, null]);
  expect(targetProblem(budget, 5)).toContain("from 1 to 4 bits");
});

it.each(["bitops", "size", "average"] as const)("spends its whole budget at the target's own bits: %s", (resource) => {
  const { space } = budget;
  const totals = costTotals(
    space.searched,
    space.searched.map(() => ({ weight: 3, activation: 3 })),
  );
  expect(spent({ resource, space }, totals)).toBeCloseTo(budgetOf(resource, space, 3), 6);
});
