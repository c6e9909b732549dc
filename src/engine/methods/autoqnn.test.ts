import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { DEFAULT_KNOBS } from "../../core/config";
import { createRandom } from "../../core/random";
import { disposeStudy } from "../study";
import { eventsOf, lastSearched, openPlayer, type Play } from "../study/testing";
import { autoqnn } from "./autoqnn";

vi.setConfig({ testTimeout: 120_000 });

let play: Play;
beforeAll(async () => {
  play = await openPlayer();
});

describe.each(["layer", "model"])("a scheme search for each %s", (granularity) => {
  test("ends with schemes, leaves nothing behind, and repeats bit for bit", async () => {
    const before = tf.memory().numTensors;
    const run = async () => {
      const { study, events } = await play({ method: "autoqnn", epochs: 5, options: { granularity } });
      disposeStudy(study);
      return events;
    };
    const events = await run();
    expect(tf.memory().numTensors).toBe(before);
    const { relaxed } = lastSearched(events);
    const [policy] = eventsOf(events, "derived").map((event) => event.policy);
    const searched = policy!.layers.filter((layer) => layer.searched);
    for (const { weight, activation } of searched) {
      expect(weight.probabilities).toHaveLength(8);
      expect(activation.probabilities).toHaveLength(5);
      const best = Math.max(...weight.probabilities!);
      const schemes = autoqnn.options.find(({ id }) => id === "wschemes")!.values.map(({ id }) => id);
      expect(weight.scheme).toBe(schemes[weight.probabilities!.indexOf(best)]);
      expect(weight.bits).toBe({ binary: 1, ternary: 2, quaternary: 2 }[weight.scheme] ?? 3);
      expect(activation.bits).toBe(3);
      expect(best).toBeGreaterThan(1 / 8);
      expect(weight.scale[0]).toBeGreaterThan(0);
      // Of the tensor's own values: no quantizer of 3 bits steps over the whole of a normalised input, or of a weight.
      expect(activation.scale[0]).toBeGreaterThan(0.02);
      expect(activation.scale[0]).toBeLessThan(8);
    }
    if (granularity === "model") {
      expect(new Set(searched.map((layer) => layer.weight.scheme)).size).toBe(1);
      expect(new Set(searched.map((layer) => layer.activation.scheme)).size).toBe(1);
    }
    expect([...relaxed!.meters[0]!][0]).toBeLessThan(0.2);
    const results = eventsOf(events, "result").map(({ result }) => result);
    expect(results.map(({ label }) => label)).toEqual(["Fine-tune"]);
    expect(results[0]!.accuracy).toBeGreaterThan(0.6);

    const again = await run();
    expect(eventsOf(again, "result").map(({ result }) => result.accuracy)).toEqual(results.map(({ accuracy }) => accuracy));
    expect(lastSearched(again).relaxed!.probabilities).toEqual(relaxed!.probabilities);
  });
});

test("only the chosen schemes compete, at the chosen bits", async () => {
  const options = { bits: "2", wschemes: "clipq,binary", aschemes: "zoomq" };
  const { study } = await play({ method: "autoqnn", epochs: 1, options });
  expect(study.space.sites[0]!.candidates).toEqual([
    { scheme: "binary", bits: 1 },
    { scheme: "clipq", bits: 2 },
  ]);
  expect(study.space.sites[1]!.candidates).toEqual([{ scheme: "zoomq", bits: 2 }]);
  disposeStudy(study);
});

test.each([
  [{ wschemes: "" }, /Weight schemes: choose at least one/],
  [{ aschemes: "clipq,binary" }, /"binary" is not a value of Activation schemes/],
  [{ bits: "9" }, /"9" is not a value of Bits of the schemes/],
])("refuses %j with a sentence", async (options, sentence) => {
  await expect(play({ method: "autoqnn", options })).rejects.toThrow(sentence);
});

test("mixtures start nearly even, and the penalty is nothing", () => {
  const [stage] = autoqnn.stages({});
  const layer = { name: "a", inputOf: "a", weightOf: "a" };
  const candidates = ["ternary", "clipq", "zoomq"].map((scheme) => ({ scheme, bits: scheme === "ternary" ? 2 : 3 }));
  const site = (role: "weight" | "activation") =>
    ({
      id: `a/${role}`,
      layer,
      role,
      candidates: role === "weight" ? candidates : candidates.slice(1),
      kernels: 1,
      pinned: false,
    }) as never;
  const space = { layers: [layer], searched: [layer], sites: [site("weight"), site("activation")] } as never;
  const unused = (): never => {
    throw new RangeError("Nobody needs a weight.");
  };
  const relaxation = stage!.open({ space, knobs: DEFAULT_KNOBS, random: createRandom(1), weight: unused, anotherWeight: unused });
  tf.tidy(() => {
    const pass = relaxation.pass(false);
    expect(pass.probabilities("weight").shape).toEqual([1, 3]);
    for (const p of pass.probabilities("weight").dataSync()) expect(p).toBeCloseTo(1 / 3, 6);
    expect(pass.bits("weight").dataSync()[0]).toBeCloseTo(8 / 3, 5);
    expect(pass.penalty(DEFAULT_KNOBS).dataSync()[0]).toBe(0);
    // Even weights of a tensor's candidates, without noise: the mean of their values.
    const w = tf.tensor1d([-1, -0.3, 0.2, 0.9, 0.1]);
    const mixed = pass.quantize("a", "weight", w, false)[0]!.dataSync();
    const alone = candidates.map(({ scheme }) => {
      const only = scheme === "ternary" ? 0 : scheme === "clipq" ? 1 : 2;
      (relaxation.architecture.get("weight") as tf.Variable).assign(tf.tensor2d([[0, 1, 2].map((k) => (k === only ? 50 : 0))]));
      relaxation.prepare?.(1);
      return relaxation.pass(false).quantize("a", "weight", w, false)[0]!.dataSync();
    });
    mixed.forEach((value, i) => expect(value).toBeCloseTo((alone[0]![i]! + alone[1]![i]! + alone[2]![i]!) / 3, 5));
  });
  relaxation.dispose();
});
