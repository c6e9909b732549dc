import { beforeEach, expect, it, vi } from "vitest";
import { DEFAULT_CONFIG, type RunConfig } from "../../core/config";
import type { Answer, Described, SearchWorker } from "../../core/protocol";
import { testDescribed } from "../testing";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { describe as ask, followDescription, isDescribed } from "./describe";

/** What the worker was asked, and how the test answers. */
const asked: { readonly config: RunConfig; readonly answer: (answer: Answer<Described>) => void }[] = [];
const worker = {
  describe: (config: RunConfig) => new Promise((answer) => asked.push({ config, answer })),
} as unknown as SearchWorker;
vi.mock("./session", () => ({ currentWorker: () => worker, fail: vi.fn(), sentence: String }));

const data = {
  ...{ kind: "images" as const, id: "glyphs", name: "Glyphs", classes: ["0"] },
  ...{ height: 1, width: 1, channels: 1, trainCount: 1, testCount: 1, classCounts: { train: [1], test: [1] }, resizing: null },
};

beforeEach(() => {
  asked.length = 0;
  useSettings.setState(useSettings.getInitialState());
  useRun.setState({ ...useRun.getInitialState(), data });
});

it("takes the answer to the newest question only, and keeps the former one until then", async () => {
  const [former, late, newest] = [testDescribed(), testDescribed(), testDescribed()];
  useRun.setState({ described: former });
  const questions = [ask(), ask()];
  asked[0]!.answer({ ok: true, value: late });
  await questions[0];
  expect(useRun.getState().described).toBe(former);
  asked[1]!.answer({ ok: true, value: newest });
  await questions[1];
  expect(useRun.getState().described).toBe(newest);
  expect(isDescribed(DEFAULT_CONFIG)).toBe(true);
  expect(isDescribed({ ...DEFAULT_CONFIG, width: 99 })).toBe(false);
  expect(isDescribed({ ...DEFAULT_CONFIG, excluded: ["stem"] })).toBe(false);
  expect(isDescribed({ ...DEFAULT_CONFIG, expensive: ["conv"] })).toBe(false);
  expect(isDescribed({ ...DEFAULT_CONFIG, activations: "tensor" })).toBe(false);
});

it("shows nothing of settings that cannot be searched but the sentence about them", async () => {
  useRun.setState({ described: testDescribed() });
  const question = ask();
  asked[0]!.answer({ ok: false, code: "config", message: "Take 0 out of the candidates." });
  await question;
  expect(useRun.getState()).toMatchObject({ described: null, problem: "Take 0 out of the candidates." });
});

it("gives its space to a run that began before the answer", async () => {
  useRun.setState({ ran: { config: DEFAULT_CONFIG, data, network: null, described: null } });
  const [question, value] = [ask(), testDescribed()];
  asked[0]!.answer({ ok: true, value });
  await question;
  expect(useRun.getState().ran?.described).toBe(value);
});

it("asks again for what changes the space, and for nothing else", () => {
  followDescription();
  useSettings.getState().change({ epochs: 77 });
  expect(asked).toHaveLength(0);
  useSettings.getState().change({ weightBits: [2, 4] });
  useSettings.getState().change({ options: { branches: "parallel" } });
  useRun.setState({ data: { ...data } });
  expect(asked.map(({ config }) => config.weightBits)).toEqual([
    [2, 4],
    [2, 4],
    [2, 4],
  ]);
});
