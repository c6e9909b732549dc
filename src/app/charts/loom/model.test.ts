import { expect, test } from "vitest";
import { DEFAULT_KNOBS } from "../../../core/config";
import { costTotals } from "../../../core/cost";
import { emptyHistory, recordEvent, type History } from "../../../core/history";
import type { Policy } from "../../../core/policy";
import type { RunEvent } from "../../../core/protocol";
import type { SearchSpace } from "../../../core/search";
import { shownBits } from "../../policy/layer-bits";
import { testSpace } from "../../testing";
import { loomModel } from "./model";

const plain = testSpace();
/** What a scheme search decided: two schemes, a layer each in turn. */
const schemeOf = (layer: number): string => ["clipq", "zoomq"][layer % 2]!;
const space: SearchSpace = {
  ...plain,
  sites: plain.sites.map((site, i) => ({
    ...site,
    candidates: [2, 3, 4].map((bits) => ({ bits, scheme: schemeOf(i >> 1) })),
  })),
};

const POLICY = {
  layers: space.searched.map(({ name }, i) => ({
    name,
    searched: true,
    weight: { bits: 3, scheme: schemeOf(i) },
    activation: { bits: 3, scheme: schemeOf(i) },
  })),
} as unknown as Policy;

const stage = (label: string): RunEvent => ({
  type: "stage",
  stage: { kind: "search", label, steps: 10, epochs: 1, meters: [], space },
});

function snapshot(bits: number): RunEvent {
  const relaxed = {
    probabilities: new Float32Array(3 * space.sites.length),
    bits: new Float32Array(space.sites.length).fill(bits),
    totals: costTotals(
      space.searched,
      space.searched.map(() => ({ weight: bits, activation: bits })),
    ),
    kernels: null,
    meters: [],
  };
  const rest = { epoch: 0, taskLoss: 1, penalty: 0, accuracy: 0, rate: 0.1, speed: 1, secondsLeft: 1 };
  return { type: "snapshot", snapshot: { step: 1, knobs: DEFAULT_KNOBS, relaxed, ...rest } };
}

/** QSS has derived, QPL moves widths at 3.5 bits. */
function learning(): History {
  const history = emptyHistory();
  for (const event of [
    stage("QSS"),
    snapshot(3),
    { type: "derived", policy: POLICY, tried: [] } as const,
    stage("QPL"),
    snapshot(3.5),
  ]) {
    recordEvent(history, event);
  }
  return history;
}

test("while QPL runs, table and loom show its widths with the schemes that QSS decided", () => {
  const history = learning();
  const { rows, isMoving } = loomModel(history, space);
  expect(isMoving).toBe(true);
  rows.forEach(({ column, decided, schemes }, i) => {
    expect(column).toEqual({ weight: 3.5, activation: 3.5 });
    expect(decided).toBeNull();
    expect(schemes).toEqual({ weight: schemeOf(i), activation: schemeOf(i) });
  });
  const { of, totals } = shownBits(space, history);
  expect(of).toBe("expected");
  expect(totals?.averageWeightBits).toBeCloseTo(3.5);
});

test("the second decision ends that, and so does a stop", () => {
  const decided = { ...POLICY, layers: POLICY.layers.map((layer) => ({ ...layer, weight: { ...layer.weight, bits: 4 } })) };
  const derived = learning();
  recordEvent(derived, { type: "derived", policy: decided, tried: [] });
  expect(loomModel(derived, space).rows[0]?.column).toEqual({ weight: 4, activation: 3 });
  expect(shownBits(space, derived).of).toBe("policy");
  const stopped = learning();
  recordEvent(stopped, { type: "finished", stopped: true });
  expect(loomModel(stopped, space).rows[0]?.column).toEqual({ weight: 3, activation: 3 });
  expect(shownBits(space, stopped).of).toBe("policy");
});
