import { expect, test } from "vitest";
import type { SchemeInfo } from "./catalog";
import { layersOf } from "./layers";
import { findModel } from "./models";
import { parsePolicy, formatPolicy, type Policy, type PolicyTensor } from "./policy";
import { countEdits, editPolicy } from "./policy-edit";

const LAYERS = layersOf(findModel("resnet8").build({ width: 4, input: [16, 16, 1], classes: 2 }));

const tensor = (name: string, scheme: string, bits: number): PolicyTensor => ({
  tensor: name,
  bits,
  scheme,
  signed: true,
  scale: bits === 32 ? [] : [0.1],
  zeroPoint: -3,
  axis: null,
  rounding: "FLOOR",
});

const DERIVED: Policy = {
  format: "bitloom.policy",
  version: 1,
  model: { name: "resnet8", source: "built-in" },
  method: { id: "autoqnn" },
  layers: LAYERS.map(({ name, macs, weights, end }) => ({
    name,
    op: "Conv",
    macs,
    weights,
    searched: end === null,
    weight: tensor(`${name}.weight`, end === null ? "clipq" : "float", end === null ? 3 : 32),
    activation: tensor(`${name}.input`, end === null ? "zoomq" : "float", end === null ? 3 : 32),
  })),
  totals: {
    bitOps: 9,
    bitOpsFloat: 1024,
    averageWeightBits: 3,
    averageActivationBits: 3,
    includes: ["searched layers"],
    accuracy: { value: 0.9, metric: "top1", split: "test", kind: "derived" },
  },
};

const scheme = (id: string, minBits: number, maxBits: number): SchemeInfo => ({
  id,
  label: id,
  letter: id,
  roles: ["weight", "activation"],
  minBits,
  maxBits,
  grid: { signed: false, zeroPoint: -0.5, rounding: "ROUND" },
});

const [LAYER] = LAYERS.slice(1).map(({ name }) => name) as [string];
const edit = (policy: Policy, to: SchemeInfo, bits: number): Policy =>
  editPolicy(policy, DERIVED, { layer: LAYER, role: "weight", scheme: to, bits }, LAYERS);
const weightIn = (policy: Policy): PolicyTensor => policy.layers.find(({ name }) => name === LAYER)!.weight;

test("an edit replaces one tensor's quantizer, and takes back its step and the accuracy", () => {
  const edited = edit(DERIVED, scheme("resq", 2, 8), 5);
  expect(weightIn(edited)).toEqual({
    ...tensor(`${LAYER}.weight`, "resq", 5),
    signed: false,
    scale: [],
    zeroPoint: -0.5,
    rounding: "ROUND",
    edited: true,
  });
  expect(edited.totals.accuracy).toBeUndefined();
  expect(countEdits(edited)).toBe(1);
  const others = (policy: Policy) => policy.layers.filter(({ name }) => name !== LAYER);
  expect(others(edited)).toEqual(others(DERIVED));
});

test("totals follow the bits of the searched layers", () => {
  const searched = LAYERS.filter(({ end }) => end === null);
  const bitOps = searched.reduce((sum, { name, macs }) => sum + macs * (name === LAYER ? 2 : 3) * 3, 0);
  expect(edit(DERIVED, scheme("ternary", 2, 2), 2).totals.bitOps).toBeCloseTo(bitOps, 3);
});

test("a width outside the scheme's range becomes the nearest one", () => {
  expect(weightIn(edit(DERIVED, scheme("binary", 1, 1), 8)).bits).toBe(1);
  expect(weightIn(edit(DERIVED, scheme("potq", 2, 4), 1)).bits).toBe(2);
});

test("what returns to the derived choice is the derived policy again", () => {
  const away = edit(DERIVED, scheme("ternary", 2, 2), 2);
  expect(edit(away, scheme("clipq", 2, 8), 3)).toBe(DERIVED);
});

test("an edited policy is written and read as it is", () => {
  const edited = edit(DERIVED, scheme("ternary", 2, 2), 2);
  expect(parsePolicy(formatPolicy(edited))).toEqual({ ok: true, policy: edited });
});

test("a tensor that two layers share is edited for both, and counts once", () => {
  const [first, second] = DERIVED.layers.filter(({ searched }) => searched);
  const shared = {
    ...DERIVED,
    layers: DERIVED.layers.map((layer) =>
      layer === second ? { ...layer, activation: { ...layer.activation, tensor: first!.activation.tensor } } : layer,
    ),
  };
  const edit = { layer: second!.name, role: "activation" as const, scheme: scheme("resq", 2, 8), bits: 5 };
  const policy = editPolicy(shared, shared, edit, LAYERS);
  const edited = policy.layers.filter(({ activation }) => activation.scheme === "resq");
  expect(edited.map(({ name }) => name)).toEqual([first!.name, second!.name]);
  expect(countEdits(policy)).toBe(1);
});
