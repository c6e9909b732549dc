import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPolicy, parsePolicy, policyJsonSchema, policyMismatch, type Policy } from "./policy";

const tensor = (bits: number): Policy["layers"][number]["weight"] => ({
  tensor: "w",
  bits,
  scheme: "hwgq",
  signed: true,
  scale: [0.1],
  zeroPoint: -0.5,
  axis: null,
  rounding: "ROUND",
  candidates: [1, 2],
  probabilities: [0.25, 0.75],
});

const layer = (name: string): Policy["layers"][number] => ({
  name,
  op: "conv",
  macs: 1000,
  weights: 100,
  searched: true,
  weight: tensor(2),
  activation: tensor(3),
});

const POLICY: Policy = {
  format: "bitloom.policy",
  version: 1,
  model: { name: "resnet8", source: "built-in" },
  method: { id: "edmips", seed: 1, lambda: 0.0005 },
  layers: [layer("a"), layer("b")],
  totals: { bitOps: 6000, bitOpsFloat: 1e6, averageWeightBits: 2.5, averageActivationBits: 3, includes: ["searched layers"] },
};

/** The policy's text with the value at `path` replaced; undefined removes it. */
function changed(path: string, value: unknown): string {
  const policy = structuredClone(POLICY);
  const keys = path.split(".");
  const last = keys.pop()!;
  const parent = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, policy);
  parent[last] = value;
  return JSON.stringify(policy);
}

function complaintAbout(text: string): string {
  const result = parsePolicy(text);
  return result.ok ? "none" : result.message;
}

test("a policy survives being written and read", () => {
  expect(parsePolicy(formatPolicy(POLICY))).toEqual({ ok: true, policy: POLICY });
});

test("bits of each kernel survive too", () => {
  const kernelWise = { ...tensor(2), bits: [0, 2, 8], scale: [0, 0.5, 0.1], axis: 0 };
  const policy: Policy = { ...POLICY, layers: [{ ...layer("a"), weight: kernelWise }] };
  expect(parsePolicy(formatPolicy(policy))).toEqual({ ok: true, policy });
});

test("unknown fields are kept, at every level", () => {
  const value = { ...POLICY, note: "mine", layers: POLICY.layers.map((item) => ({ ...item, perChannel: { bits: [1, 2] } })) };
  expect(parsePolicy(JSON.stringify(value))).toEqual({ ok: true, policy: value });
});

describe("a policy that cannot be used is refused with a sentence that names the place", () => {
  test.each<[path: string, value: unknown, message: RegExp]>([
    ["format", "other", /"format" is not "bitloom.policy"/],
    ["version", 2, /has version 2;.*studio that wrote it/],
    ["version", { a: [] }, /names no version/],
    ["version", undefined, /names no version/],
    ["layers", [], /"layers" must have 1 or more entries/],
    ["layers", {}, /"layers" must be a list/],
    ["layers.1.weight.bits", 33, /"layers\.1\.weight\.bits" must be at most 32/],
    ["layers.0.weight.bits", 2.5, /"layers\.0\.weight\.bits" must be a whole number/],
    ["layers.0.activation.bits", -1, /"layers\.0\.activation\.bits" must be at least 0/],
    ["layers.0.weight.bits", "2", /"layers\.0\.weight\.bits" must be a number/],
    ["layers.0.weight.bits", [1, 2.5], /"layers\.0\.weight\.bits" must be a whole number/],
    ["layers.0.weight.bits", [], /"layers\.0\.weight\.bits" must have 1 or more entries/],
    ["layers.0.weight.bits", [1, 2], /bits for each kernel and no axis/],
    ["layers.0.weight.scale", [-1], /"layers\.0\.weight\.scale\.0" must be at least 0/],
    ["layers.0.weight.rounding", "CEIL", /must be "ROUND" or "FLOOR"/],
    ["layers.0.weight.probabilities", [2, 0], /must be at most 1/],
    ["layers.0.activation", undefined, /"layers\.0\.activation" must be an object/],
    ["layers.1.name", "a", /two layers are called "a"/],
    ["layers.0.weight.candidates", [1], /2 probabilities for 1 candidates/],
    ["layers.0.weight.candidates", undefined, /2 probabilities for 0 candidates/],
    ["layers.0.weight.scale", [1, 2], /2 scales and no axis/],
  ])("%s: %j", (path, value, message) => {
    expect(complaintAbout(changed(path, value))).toMatch(message);
  });

  test.each<[string, string, RegExp]>([
    ["no JSON", "bits: 2", /is not JSON/],
    ["nothing", "", /is not JSON/],
    ["null", "null", /"format" is not/],
    ["a list", "[]", /"format" is not/],
    ["a number beyond float64", formatPolicy(POLICY).replace("1000", "1e999"), /too large/],
    ["NaN", formatPolicy(POLICY).replace("1000", "NaN"), /is not JSON/],
    ["an unknown field beyond float64", formatPolicy(POLICY).replace("{", '{"extra": -1e999,'), /too large/],
    ["deep nesting", formatPolicy(POLICY).replace("{", `{"extra":${"[".repeat(2e5)}${"]".repeat(2e5)},`), /levels deep/],
    ["a deep version", `{"format":"bitloom.policy","version":${"[".repeat(2e5)}${"]".repeat(2e5)}}`, /levels deep/],
    ["an endless text", " ".repeat(20_000_001), /at most 20000000/],
  ])("%s", (_name, text, message) => {
    expect(complaintAbout(text)).toMatch(message);
  });

  test("the sentence stays short when the file's texts are long", () => {
    const long = "x".repeat(1e5);
    const twice = { ...POLICY, layers: [layer(long), layer(long)] };
    expect(complaintAbout(JSON.stringify(twice)).length).toBeLessThan(200);
    expect(complaintAbout(changed("version", long)).length).toBeLessThan(200);
  });
});

test("__proto__ and constructor keys change no prototype", () => {
  const text = formatPolicy(POLICY).replaceAll(
    '"op"',
    '"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "op"',
  );
  const result = parsePolicy(text);
  expect(result.ok).toBe(true);
  if (!result.ok) return;
  expect(Object.getPrototypeOf(result.policy.layers[0])).toBe(Object.prototype);
  expect(result.policy.layers[0]).not.toHaveProperty("polluted");
  expect({}).not.toHaveProperty("polluted");
});

test("whatever the text is, the answer is a policy that can be written again or a sentence", () => {
  const valid = formatPolicy(POLICY);
  const mutated = fc
    .array(fc.tuple(fc.nat(valid.length - 1), fc.string({ maxLength: 8 }), fc.nat(12)), { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((text, [at, inserted, removed]) => text.slice(0, at) + inserted + text.slice(at + removed), valid),
    );
  const replaced = fc
    .tuple(fc.constantFrom("layers", "totals", "model", "method", "version", "format"), fc.jsonValue({ maxDepth: 3 }))
    .map(([key, value]) => JSON.stringify({ ...POLICY, [key]: value }));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), mutated, replaced), (text) => {
      const result = parsePolicy(text);
      if (result.ok) expect(parsePolicy(formatPolicy(result.policy))).toEqual(result);
      else expect(result.message).toMatch(/\.$/);
    }),
    { seed: 1, numRuns: 2000, interruptAfterTimeLimit: 4000 },
  );
});

test("the published schema is made of the same definition", () => {
  const schema = policyJsonSchema();
  expect(schema).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    required: ["format", "version", "model", "method", "layers", "totals"],
  });
  const bits = "properties.layers.items.properties.weight.properties.bits";
  const width: unknown = expect.objectContaining({ type: "integer", minimum: 0, maximum: 32 });
  expect(schema).toHaveProperty(bits, { anyOf: [width, expect.objectContaining({ type: "array", items: width })] });
  const weight = "properties.layers.items.properties.weight.required";
  expect(schema).toHaveProperty(weight, expect.not.arrayContaining(["probabilities"]));
});

describe("policyMismatch", () => {
  const own = POLICY.layers.map(({ name, macs, weights }) => ({ name, macs, weights }));

  test("accepts the network that the policy was made for", () => {
    expect(policyMismatch(POLICY, own)).toBeNull();
  });

  test("says which layer the network lacks", () => {
    expect(policyMismatch(POLICY, own.slice(1))).toMatch(/names the layer "a".*made for "resnet8"/);
  });

  test("says which layer the policy lacks", () => {
    expect(policyMismatch(POLICY, [...own, { name: "c", macs: 1, weights: 1 }])).toMatch(/nothing about the layer "c"/);
  });

  test("says which layer has another size", () => {
    expect(policyMismatch(POLICY, [own[0]!, { ...own[1]!, weights: 50 }])).toMatch(/Layer "b" has 50 weights/);
  });
});
