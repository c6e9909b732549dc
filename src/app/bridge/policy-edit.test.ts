import { beforeEach, expect, it } from "vitest";
import type { SchemeInfo } from "../../core/catalog";
import { emptyHistory } from "../../core/history";
import type { Policy } from "../../core/policy";
import { useRun } from "../store/run";
import { testSpace } from "../testing";
import { editTensor, undoEdits } from "./policy-edit";

const space = testSpace();
const tensor = {
  tensor: "t",
  bits: 3,
  scheme: "clipq",
  signed: true,
  scale: [1],
  zeroPoint: 0,
  axis: null,
  rounding: "ROUND",
} as const;
const DERIVED = {
  layers: space.layers.map(({ name }) => ({ name, searched: true, weight: tensor, activation: tensor })),
  totals: { averageWeightBits: 3 },
} as unknown as Policy;
const TERNARY: SchemeInfo = {
  id: "ternary",
  label: "Ternary",
  letter: "T",
  roles: ["weight"],
  minBits: 2,
  maxBits: 2,
  grid: { signed: true, zeroPoint: 0, rounding: "ROUND" },
};

beforeEach(() =>
  useRun.setState({
    ...useRun.getInitialState(),
    described: { space, resource: null, searches: [], memory: null },
    history: { ...emptyHistory(), policy: DERIVED },
    policySource: { type: "derived" },
  }),
);

const layer = space.searched[0]!.name;
const editWeight = (): void => editTensor({ layer, role: "weight", scheme: TERNARY, bits: 3 });

it("shows the edited policy, says that it is one, and takes all edits back at once", () => {
  editWeight();
  editTensor({ layer: space.searched[1]!.name, role: "weight", scheme: TERNARY, bits: 3 });
  const { history, policySource, version } = useRun.getState();
  expect(history.policy!.layers.find(({ name }) => name === layer)!.weight).toMatchObject({ scheme: "ternary", bits: 2 });
  expect(history.policy!.totals.averageWeightBits).toBeLessThan(3);
  expect(policySource).toEqual({ type: "edited", before: DERIVED, source: { type: "derived" } });
  expect(version).toBe(2);
  undoEdits();
  expect(useRun.getState().history.policy).toBe(DERIVED);
  expect(useRun.getState().policySource).toEqual({ type: "derived" });
});

it("is derived again where the last edit returns to what was derived", () => {
  editWeight();
  const clip = { ...TERNARY, id: "clipq", maxBits: 8 };
  editTensor({ layer, role: "weight", scheme: clip, bits: 3 });
  expect(useRun.getState().policySource).toEqual({ type: "derived" });
  expect(useRun.getState().history.policy).toBe(DERIVED);
});
