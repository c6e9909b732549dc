import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Knobs, DEFAULT_CONFIG, DEFAULT_KNOBS, KNOBS, LIMITS, withMethodDefaults, type RunConfig } from "./config";
import { formatSettings, parseSettings, type Settings } from "./settings-text";

const DEFAULTS: Settings = { config: DEFAULT_CONFIG, knobs: DEFAULT_KNOBS };

/** What was read, without what the texts named. */
const read = (entries: Iterable<readonly [string, string]>) => {
  const { given: _, ...rest } = parseSettings(entries);
  return rest;
};

const within = ({ min, max }: { readonly min: number; readonly max: number }) =>
  fc.double({ min, max, noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const whole = fc.integer.bind(fc);
const name = fc.stringMatching(/^[\w.-]{1,64}$/);
const bits = fc.uniqueArray(fc.integer(LIMITS.bits), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));

const configs: fc.Arbitrary<RunConfig> = fc.record({
  model: name,
  width: whole(LIMITS.width),
  data: name,
  dataUrl: fc.oneof(fc.constant(""), fc.webUrl({ validSchemes: ["http", "https"], size: "small" })),
  side: whole(LIMITS.side),
  fit: fc.constantFrom("crop" as const, "stretch" as const, "pad" as const),
  unit: fc.constantFrom("character" as const, "word" as const),
  method: name,
  options: fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), fc.string()).map((options) => ({ ...options })),
  weightBits: bits,
  activationBits: bits,
  includeEnds: fc.boolean(),
  expensive: fc.subarray(["conv" as const, "dense" as const, "lstm" as const], { minLength: 1 }),
  excluded: fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 5 }),
  activations: fc.constantFrom("layer" as const, "tensor" as const),
  resolution: whole(LIMITS.resolution),
  normalise: fc.constantFrom("auto", "unit", "byte", "0.1307/0.3081", "0.1,0.2,0.3/1,2,3"),
  modelUrl: fc.constantFrom("", "https://example.org/a/net.onnx?x=1&y=2", "http://localhost:1/model.json"),
  adapt: fc.boolean(),
  start: fc.constantFrom("pretrained" as const, "scratch" as const),
  epochs: whole(LIMITS.epochs),
  batch: whole(LIMITS.batch),
  seed: whole(LIMITS.seed),
  weightRate: within(LIMITS.rate),
  architectureRate: within(LIMITS.rate),
  weightDecay: within(LIMITS.weightDecay),
  shift: fc.boolean(),
  flip: fc.boolean(),
  derive: fc.record({
    rule: fc.constantFrom("winner", "categorical", "multinomial"),
    draws: whole(LIMITS.draws),
    tries: whole(LIMITS.tries),
  }),
  retrainFrom: fc.constantFrom("scratch", "search"),
  retrain: fc.boolean(),
  baselines: fc.boolean(),
  backend: fc.constantFrom("auto", "webgpu", "wasm", "cpu"),
});

const knobSettings: fc.Arbitrary<Knobs> = fc.record({
  lambda: within(KNOBS.lambda),
  target: within(KNOBS.target),
  activationTarget: within(KNOBS.activationTarget),
  kappa: within(KNOBS.kappa),
});

test("the defaults need no words", () => {
  expect(formatSettings(DEFAULTS)).toEqual([]);
  expect(read([])).toEqual({ ...DEFAULTS, problems: [] });
});

test("settings survive being written and read", () => {
  fc.assert(
    fc.property(configs, knobSettings, (config, knobs) => {
      const settings = { config, knobs };
      expect(read(formatSettings(settings))).toEqual({ ...settings, problems: [] });
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("settings survive a URL", () => {
  const settings: Settings = {
    config: { ...DEFAULT_CONFIG, weightBits: [2, 8], options: { branches: "a b&c=d" } },
    knobs: { lambda: 1.25e-5, target: 2.5, activationTarget: 4, kappa: 10 },
  };
  const query = new URLSearchParams(formatSettings(settings).map(([key, text]) => [key, text])).toString();
  expect(read(new URLSearchParams(query))).toEqual({ ...settings, problems: [] });
});

describe("a value that cannot be used is told, and the default stands in for it", () => {
  test.each([
    ["width", "0", /must be a number from 2 to 256.*Using 8\./],
    ["width", "8.5", /whole number/],
    ["width", "", /must be a number/],
    ["width", "8px", /must be a number/],
    ["epochs", "Infinity", /must be a number/],
    ["lr", "NaN", /must be a number/],
    ["lambda", "-1", /must be a number/],
    ["wbits", "", /list of bit-widths/],
    ["wbits", "1,,2", /list of bit-widths/],
    ["abits", "2,9", /list of bit-widths from 0 to 8/],
    ["abits", "2.5", /list of bit-widths/],
    ["ends", "true", /0 or 1/],
    ["from", "middle", /one of scratch, search/],
    ["backend", "metal", /one of auto, webgpu, wasm, cpu/],
    ["model", "<script>", /not a name/],
    ["derive", "all", /one of winner/],
    ["speed", "9", /"speed" is not a setting/],
  ])("%s=%s", (key, text, problem) => {
    const { problems, ...settings } = read([[key, text]]);
    expect(settings).toEqual(DEFAULTS);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  test("one bad value leaves the good ones", () => {
    const { config, problems } = parseSettings([
      ["width", "16"],
      ["epochs", "never"],
      ["abits", "4,2,4"],
    ]);
    expect(config).toEqual({ ...DEFAULT_CONFIG, width: 16, activationBits: [2, 4] });
    expect(problems).toHaveLength(1);
  });
});

test("any text gives settings within their limits", () => {
  const keys = fc.constantFrom(
    "width",
    "epochs",
    "seed",
    "lr",
    "decay",
    "lambda",
    "wbits",
    "tries",
    "opt.__proto__",
    "__proto__",
    "x",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.oneof(fc.string(), fc.double().map(String)))), (entries) => {
      const { config, knobs } = parseSettings(entries);
      expect(Number.isInteger(config.width) && config.width >= LIMITS.width.min && config.width <= LIMITS.width.max).toBe(true);
      expect(config.weightRate >= LIMITS.rate.min && config.weightRate <= LIMITS.rate.max).toBe(true);
      expect(knobs.lambda >= KNOBS.lambda.min && knobs.lambda <= KNOBS.lambda.max).toBe(true);
      expect(config.weightBits.length).toBeGreaterThan(0);
      expect(Object.getPrototypeOf(config.options)).toBe(Object.prototype);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("a method's own values stand wherever nothing else was asked for", () => {
  const { config, given } = parseSettings([
    ["lr", "0.2"],
    ["lra", "1"],
  ]);
  const own = withMethodDefaults(config, { weightRate: 0.05, architectureRate: 0.01, weightBits: [2, 3] }, given);
  expect(own).toEqual({ ...DEFAULT_CONFIG, weightRate: 0.2, architectureRate: 1, weightBits: [2, 3] });
});
