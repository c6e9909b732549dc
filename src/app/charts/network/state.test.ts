import { describe, expect, it } from "vitest";
import { DEFAULT_KNOBS } from "../../../core/config";
import { costTotals } from "../../../core/cost";
import { emptyHistory, recordEvent, type History } from "../../../core/history";
import type { Policy } from "../../../core/policy";
import type { SearchSpace } from "../../../core/search";
import { testSpace } from "../../testing";
import { networkState } from "./state";

const space = testSpace();

/** A search whose weights have `weight` bits and whose activations 3. */
function searched(of: SearchSpace, weight: number): History {
  const history = emptyHistory();
  recordEvent(history, { type: "stage", stage: { kind: "search", label: "Search", steps: 9, epochs: 1, meters: [] } });
  const bits = Float32Array.from(of.sites, ({ role }) => (role === "weight" ? weight : 3));
  const probabilities = Float32Array.from(
    of.sites.flatMap(({ candidates }) => candidates.map((_, k) => (k === 0 ? 0.7 : 0.3 / (candidates.length - 1)))),
  );
  const totals = costTotals(
    of.searched,
    of.searched.map(() => ({ weight, activation: 3 })),
  );
  const rest = { epoch: 0, taskLoss: 1, penalty: 0, accuracy: 0, rate: 0.1, speed: 1, secondsLeft: 1 };
  const relaxed = { probabilities, bits, totals, kernels: null, meters: [] };
  recordEvent(history, { type: "snapshot", snapshot: { step: 1, knobs: DEFAULT_KNOBS, relaxed, ...rest } });
  return history;
}

/** A policy that gives every searched layer these bits, and some schemes. */
function decided(history: History, weight: number, schemes: readonly string[] = ["a"]): History {
  const layers = space.layers.map(({ name }, i) => ({
    name,
    searched: space.searched.some((layer) => layer.name === name),
    weight: { bits: weight, scheme: schemes[i % schemes.length]! },
    activation: { bits: 4, scheme: "a" },
  }));
  recordEvent(history, { type: "derived", policy: { layers } as unknown as Policy, tried: [] });
  return history;
}

const textAt = (history: History, site: string, of = space): string | undefined =>
  networkState(of, history, []).looks.get(site)?.text;

describe("the bits that the graph shows", () => {
  it("are none before the first snapshot, and float for layers that are not searched", () => {
    expect(textAt(emptyHistory(), "layer1.0.conv1/weight")).toBe("\u2013");
    expect(textAt(emptyHistory(), "stem/weight")).toBe("float");
    expect(networkState(space, emptyHistory(), []).shares.size).toBe(0);
  });

  it("are the expected ones during a search, in the colour of the scale", () => {
    const { looks, shares } = networkState(space, searched(space, 2.5), []);
    expect(looks.get("layer1.0.conv1/weight")).toMatchObject({
      text: "2.50",
      colour: expect.stringContaining("--bit-3") as string,
    });
    expect(looks.get("layer1.0.conv1/activation")).toMatchObject({ text: "3.00", colour: "var(--bit-3)" });
    expect([...shares.values()].reduce((sum, share) => sum + share)).toBeCloseTo(1);
  });

  it("are the policy's once it is there, and expected ones again while a search moves on from it", () => {
    const history = decided(searched(space, 2.5), 1);
    expect(textAt(history, "layer1.0.conv1/weight")).toBe("1");
    recordEvent(history, { type: "stage", stage: { kind: "search", label: "Next", steps: 9, epochs: 1, meters: [] } });
    expect(textAt(history, "layer1.0.conv1/weight")).toBe("\u2013");
  });

  it("tell the schemes of a policy only where they differ", () => {
    expect(textAt(decided(searched(space, 2), 2, ["a"]), "layer1.0.conv1/weight")).toBe("2");
    expect(textAt(decided(searched(space, 2), 2, ["a", "b"]), "layer1.0.conv1/weight")).toMatch(/^[ab] 2$/);
  });

  it("are hatched at 0 bits", () => {
    expect(networkState(space, searched(space, 0), []).looks.get("layer1.0.conv1/weight")?.isNone).toBe(true);
  });

  it("are those of no other network: a snapshot of another length counts for nothing", () => {
    const smaller = { ...space, searched: space.searched.slice(1), sites: space.sites.slice(2) };
    expect(textAt(searched(smaller, 2), "layer1.0.conv1/weight")).toBe("\u2013");
  });

  it("are the most probable scheme where schemes compete", () => {
    const schemes: SearchSpace = {
      ...space,
      sites: space.sites.map((site) => ({ ...site, candidates: ["x", "y"].map((scheme) => ({ bits: 3, scheme })) })),
    };
    expect(textAt(searched(schemes, 3), "layer1.0.conv1/weight", schemes)).toBe("x 70\u00a0%");
  });
});
