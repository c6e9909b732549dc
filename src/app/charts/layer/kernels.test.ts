import { describe, expect, it } from "vitest";
import { DEFAULT_KNOBS } from "../../../core/config";
import { emptyHistory, recordEvent, type History } from "../../../core/history";
import type { Policy } from "../../../core/policy";
import type { SearchSpace } from "../../../core/search";
import { testSpace } from "../../testing";
import { uniformTotals } from "../cost/gauge-state";
import { countKernels, kernelsNow } from "./kernels";

const plain = testSpace();
/** Weights have a width for each output channel. */
const space: SearchSpace = {
  ...plain,
  sites: plain.sites.map((site) => (site.role === "weight" ? { ...site, kernels: site.layer.output.at(-1)! } : site)),
};
const [first, second, third] = space.sites as [SearchSpace["sites"][0], SearchSpace["sites"][0], SearchSpace["sites"][0]];

function searched(): History {
  const history = emptyHistory();
  recordEvent(history, { type: "stage", stage: { kind: "search", label: "Fractional", steps: 9, epochs: 1, meters: [] } });
  const kernels = Float32Array.from(
    space.sites.flatMap((site, i) => Array.from({ length: site.kernels }, (_, k) => i + k / 100)),
  );
  const relaxed = {
    probabilities: new Float32Array(),
    bits: new Float32Array(),
    totals: uniformTotals(space, 2),
    kernels,
    meters: [],
  };
  const rest = { epoch: 1, knobs: DEFAULT_KNOBS, taskLoss: 1, penalty: 1, accuracy: 1, rate: 1, speed: 1, secondsLeft: 1 };
  recordEvent(history, { type: "snapshot", snapshot: { step: 1, relaxed, ...rest } });
  return history;
}

describe("the kernels of a tensor", () => {
  it("are those of its own site in the newest snapshot", () => {
    const kernels = kernelsNow(searched(), space, third)!;
    expect(kernels.of).toBe("search");
    expect(kernels.bits).toHaveLength(third.kernels);
    expect(kernels.bits[1]).toBeCloseTo(2.01, 5);
  });

  it("are none for a tensor with one width, and not known before a search", () => {
    expect(kernelsNow(searched(), space, second)).toBeNull();
    expect(kernelsNow(emptyHistory(), space, first)).toEqual({ of: "search", bits: [] });
  });

  it("are the policy's as soon as there is one, whatever the settings would search", () => {
    const history = searched();
    history.policy = { layers: [{ name: first.layer.name, weight: { bits: [0, 2, 3] } }] } as unknown as Policy;
    expect(kernelsNow(history, plain, plain.sites[0]!)).toEqual({ of: "policy", bits: [0, 2, 3] });
  });
});

it("counts real widths at the nearest whole one", () => {
  expect(countKernels([0, 0.3, 1.6, 2, 2.4], [0, 1, 2, 3])).toEqual([2, 0, 3, 0]);
});
