import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer, Prepared, SearchWorker } from "../../core/protocol";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { connect, prepare, work } from "./session";

/** Answers of the worker that the test gives when it wants to. */
const asked: ((answer: Answer<Prepared>) => void)[] = [];
const worker = {
  catalog: () => Promise.resolve({ methods: [] }),
  prepare: () => new Promise((resolve) => asked.push(resolve)),
} as unknown as SearchWorker;
vi.mock("./worker", () => ({ openWorker: () => ({ worker, listener: (emit: unknown) => emit, close: () => undefined }) }));

const info = { id: "wasm", label: "WASM", note: "", memory: { total: 2 ** 32, tensor: 2 ** 31, copies: 1 } } as const;
const data = {
  ...{ kind: "images" as const, id: "glyphs", name: "Glyphs", classes: ["0"] },
  ...{ height: 1, width: 1, channels: 1, trainCount: 1, testCount: 1, classCounts: { train: [1], test: [1] }, resizing: null },
};
const prepared = (label: number): Prepared => ({
  backend: info,
  data,
  samples: { data: { images: Uint8Array.of(0), labels: Uint16Array.of(label) }, predictions: null, by: "" },
});
const answer = async (label: number): Promise<void> => {
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));
  asked.shift()!({ ok: true, value: prepared(label) });
  await Promise.resolve();
};
const shownLabel = (): number | undefined => useRun.getState().samples?.data.labels[0];

describe("another seed", () => {
  beforeEach(async () => {
    connect();
    await answer(1);
    await vi.waitFor(() => expect(useRun.getState().status.type).toBe("ready"));
  });

  it("brings its own samples", async () => {
    useSettings.getState().change({ seed: useSettings.getState().config.seed + 1 });
    void prepare();
    expect(useRun.getState().status.type).toBe("preparing");
    await answer(2);
    await vi.waitFor(() => expect(useRun.getState().status.type).toBe("ready"));
    expect(shownLabel()).toBe(2);
  });

  it("leaves the status to a run that begins before they are there", async () => {
    useSettings.getState().change({ seed: useSettings.getState().config.seed + 1 });
    void prepare();
    let end = (): void => undefined;
    const job = work(() => new Promise((resolve) => (end = resolve)));
    await answer(3);
    await vi.waitFor(() => expect(shownLabel()).toBe(3));
    expect(useRun.getState().status.type).toBe("running");
    end();
    await job;
    expect(useRun.getState().status.type).toBe("finished");
  });
});
