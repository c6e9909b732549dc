import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, type RunConfig } from "../core/config";
import { FormatError } from "../core/dataset";
import { ownParameterShapes, type Graph } from "../core/graph";
import type { RunEvent, SearchWorker } from "../core/protocol";
import { generateGlyphs } from "./datasets/glyphs";
import { isNetwork, readNetwork } from "../formats/models";
import { createService } from "./service";

const CONFIG: RunConfig = {
  ...DEFAULT_CONFIG,
  width: 2,
  epochs: 1,
  batch: 512,
  backend: "wasm",
  retrain: false,
  baselines: false,
};

const NOTHING = { type: "files", files: [] } as const;

const open = (
  readFiles: () => Promise<ReturnType<typeof generateGlyphs>> = async () => generateGlyphs(2, { train: 64, test: 16 }),
): SearchWorker => createService({ wasmPaths: null, threads: 1 }, readFiles, { isNetwork, readNetwork });

const run = async (service: SearchWorker, config: RunConfig): Promise<readonly RunEvent[]> => {
  const events: RunEvent[] = [];
  await service.run(config, DEFAULT_KNOBS, (event) => events.push(event));
  return events;
};

describe("the worker's service", () => {
  test("offers what can be chosen", () => {
    expect(
      open()
        .catalog()
        .methods.map((method) => method.id),
    ).toContain("edmips");
  });

  test("prepares backend, data and samples", async () => {
    const answer = await open().prepare(CONFIG);
    expect(answer.ok && answer.value.backend.id).toBe("wasm");
    expect(answer.ok && answer.value.data.classes).toHaveLength(10);
    expect(answer.ok && answer.value.samples.predictions).toBeNull();
  });

  test("describes what a run would need once a backend is open, and refuses what does not fit", async () => {
    const service = open();
    const tooLarge = { ...CONFIG, model: "resnet50", width: 256, batch: 512 };
    const needOf = async (config: RunConfig) => {
      const answer = await service.describe(config);
      return answer.ok ? answer.value.memory : undefined;
    };
    expect(await needOf(CONFIG)).toBeNull();
    await service.prepare(CONFIG);
    expect(await needOf(CONFIG)).toMatchObject({ limit: 2 ** 32, problem: null });
    expect((await needOf(tooLarge))?.bytes).toBeGreaterThan(2 ** 32);
    const events = await run(service, tooLarge);
    expect(events.map(({ type }) => type)).toEqual(["ready", "failed"]);
    expect(events.at(-1)).toMatchObject({ code: "memory", message: (await needOf(tooLarge))?.problem });
  });

  test("reports a run from ready to finished", async () => {
    const types = (await run(open(), CONFIG)).map((event) => event.type);
    expect(types[0]).toBe("ready");
    expect(types).toEqual(expect.arrayContaining(["stage", "snapshot", "evaluated", "samples", "derived"]));
    expect(types.at(-1)).toBe("finished");
  });

  test("a failed import keeps the data set before it", async () => {
    let broken = false;
    const service = open(async () => {
      if (broken) throw new FormatError("The file is cut off.");
      return generateGlyphs(2, { train: 64, test: 16 });
    });
    expect((await service.importData(NOTHING, CONFIG, () => undefined)).ok).toBe(true);
    broken = true;
    expect(await service.importData(NOTHING, CONFIG, () => undefined)).toEqual({
      ok: false,
      code: "data",
      message: "The file is cut off.",
    });
    const prepared = await service.prepare({ ...CONFIG, data: "imported" });
    expect(prepared.ok && prepared.value.data.trainCount).toBe(64);
  });

  test.each<[string, Partial<RunConfig>, string, RegExp]>([
    ["a data set that is not loaded", { data: "imported" }, "data", /drop its files/],
    ["an unknown network", { model: "resnet9000" }, "config", /No network "resnet9000"/],
    ["an unknown method", { method: "magic" }, "config", /No method "magic"/],
    ["an unknown option value", { options: { branches: "triple" } }, "config", /not a value of Weight branches/],
    ["no candidates", { weightBits: [] }, "config", /at least one candidate/],
  ])("%s fails with a sentence", async (_, change, code, message) => {
    const last = (await run(open(), { ...CONFIG, ...change })).at(-1);
    expect(last).toMatchObject({ type: "failed", code });
    expect(last?.type === "failed" && last.message).toMatch(message);
  });

  test("deriving before any search fails with a sentence", async () => {
    const events: RunEvent[] = [];
    await open().derive(CONFIG, (event) => events.push(event));
    expect(events.at(-1)).toMatchObject({ type: "failed", code: "config" });
  });

  test("goes on from an edited policy of its last search, and only from that", async () => {
    const service = open();
    const config: RunConfig = { ...CONFIG, method: "autoqnn", epochs: 2, options: { aschemes: "clipq", wschemes: "clipq" } };
    const events = await run(service, config);
    const derived = events.find((event) => event.type === "derived");
    const policy = derived?.type === "derived" ? derived.policy : null;
    const resumed = async (worker: SearchWorker, weights: "search" | "new"): Promise<readonly RunEvent[]> => {
      const heard: RunEvent[] = [];
      const pipeline = { ...config, method: "autoqnn-pipeline", weightBits: [2, 3, 4], activationBits: [2, 3, 4] };
      await worker.resume(pipeline, DEFAULT_KNOBS, { policy: policy!, weights }, (event) => heard.push(event));
      return heard;
    };
    const labels = (heard: readonly RunEvent[]): readonly string[] =>
      heard.flatMap((event) => (event.type === "stage" ? [event.stage.label] : []));
    expect(labels(await resumed(service, "search"))).toEqual(["QPL", "Derive", "Fine-tune"]);
    expect((await resumed(open(), "search")).at(-1)).toMatchObject({ type: "failed", code: "config" });
    expect(labels(await resumed(open(), "new"))).toEqual(["QPL", "Derive", "Fine-tune"]);
  });

  test("a second job is refused while one runs, which goes on", async () => {
    const service = open();
    const first = run(service, CONFIG);
    const second = await run(service, CONFIG);
    expect(second).toEqual([expect.objectContaining({ type: "failed" })]);
    expect((await first).at(-1)).toEqual({ type: "finished", stopped: false });
  });

  test("a stopped run says so and leaves the service ready for the next", async () => {
    const service = open();
    const events: RunEvent[] = [];
    await service.run({ ...CONFIG, epochs: 50 }, DEFAULT_KNOBS, (event) => {
      events.push(event);
      if (event.type === "snapshot") service.control({ type: "stop" });
    });
    expect(events.at(-1)).toEqual({ type: "finished", stopped: true });
    expect((await run(service, CONFIG)).at(-1)).toEqual({ type: "finished", stopped: false });
  });

  test("trains on the data set that was opened last, not on the one of the search before", async () => {
    let train = 64;
    const service = open(async () => generateGlyphs(2, { train, test: 16 }));
    const config: RunConfig = { ...CONFIG, data: "imported", batch: 16 };
    await service.importData(NOTHING, CONFIG, () => undefined);
    await run(service, config);
    train = 128;
    await service.importData(NOTHING, CONFIG, () => undefined);
    const events: RunEvent[] = [];
    await service.train(config, [{ kind: "float" }], (event) => events.push(event));
    const stage = events.find((event) => event.type === "stage");
    expect(stage?.type === "stage" && stage.stage.steps).toBe(8);
  });

  test("shows a layer's tensors after a search, and nothing before", async () => {
    const service = open();
    expect(await service.inspect("layer1.0.conv1")).toBeNull();
    await run(service, CONFIG);
    const view = await service.inspect("layer1.0.conv1");
    expect(view?.weight.counts.reduce((a, b) => a + b)).toBe(3 * 3 * 2 * 2);
    expect(view?.weight.levels.map((level) => level.bits)).toEqual([1, 2, 3, 4]);
    expect(view?.activation.levels.map((level) => level.bits)).toEqual([2, 3, 4]);
    expect(await service.inspect("no such layer")).toBeNull();
  });

  test("gives the weights of the network as they stand, and says so where there are none", async () => {
    const service = open();
    const none = await service.exportNetwork(CONFIG, null);
    expect(none).toMatchObject({ ok: false, code: "config" });
    expect(!none.ok && none.message).toMatch(/has no weights yet.*start a search/);
    const config: RunConfig = { ...CONFIG, options: { branches: "non-shared" } };
    const events = await run(service, config);
    const derived = events.find((event) => event.type === "derived");
    const searched = await service.exportNetwork(config, derived?.type === "derived" ? derived.policy : null);
    if (!searched.ok) throw new Error(searched.message);
    const { graph, values, from } = searched.value;
    expect(from).toBe("Search");
    expect(new Set(values.keys())).toEqual(new Set(variablesOf(graph)));
    const again = await service.exportNetwork(config, derived?.type === "derived" ? derived.policy : null);
    expect(again).toEqual(searched);
    expect((await service.exportNetwork({ ...config, width: 4 }, null)).ok, "another network").toBe(false);
  });

  test("a network that was trained for a policy comes before the search's and before those for comparison", async () => {
    const service = open();
    const events = await run(service, { ...CONFIG, retrain: true });
    const result = events.findLast((event) => event.type === "result");
    const policy = result?.type === "result" ? result.result.policy : null;
    const retrained = await service.exportNetwork({ ...CONFIG, retrain: true }, policy);
    expect(retrained.ok && retrained.value.from).toBe("Retrain");
    await service.train({ ...CONFIG, retrain: true }, [{ kind: "float" }], () => undefined);
    expect(await service.exportNetwork({ ...CONFIG, retrain: true }, policy)).toEqual(retrained);
  });
});

/** Names of everything that a network has values for. */
const variablesOf = (graph: Graph): readonly string[] =>
  graph.nodes.flatMap((node) => [
    ...Object.keys(ownParameterShapes(graph, node)).map((parameter) => `${node.name}.${parameter}`),
    ...(node.op === "batchNorm" ? [`${node.name}.mean`, `${node.name}.variance`] : []),
  ]);
