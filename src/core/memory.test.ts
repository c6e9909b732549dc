import { describe, expect, test } from "vitest";
import { layersOf } from "./layers";
import { evaluationBatch, trainingMemory, type MemoryNeed } from "./memory";
import { ONE_BRANCH, type Branches } from "./memory-nodes";
import { memoryProblem, sizeText, totalBytes, type MemoryLimits, type Reduction } from "./memory-advice";
import { findModel, MODELS } from "./models";

const build = (id: string, width: number, size: number) => findModel(id).build({ width, input: [size, size, 3], classes: 10 });

function need(id: string, width: number, batch: number, size = 32, branches: Branches = ONE_BRANCH): MemoryNeed {
  const graph = build(id, width, size);
  const searched = layersOf(graph).filter(({ end }) => end === null);
  return trainingMemory({ graph, searched, branches, rectifies: () => true, batch });
}

const LIMITS: MemoryLimits = { total: 1e9, tensor: 1e8, copies: 1 };
const bytes = (of: MemoryNeed): number => totalBytes(of, LIMITS);
const IMAGE_MODELS = MODELS.filter(({ task }) => task === "images").map(({ id }) => id);

describe.each(IMAGE_MODELS)("%s", (id) => {
  test("takes more with a larger batch, width or image", () => {
    const at = (width: number, batch: number, size: number): number => bytes(need(id, width, batch, size));
    expect(at(16, 256, 32)).toBeGreaterThan(at(16, 128, 32));
    expect(at(32, 256, 32)).toBeGreaterThan(at(16, 256, 32));
    expect(at(16, 256, 64)).toBeGreaterThan(at(16, 256, 32));
  });
});

test("a step is proportional to the batch; an evaluation, which counts where it takes more, does not know it", () => {
  const [one, two] = [need("resnet8", 16, 4), need("resnet8", 16, 8)];
  expect(two.step / one.step).toBeCloseTo(2, 5);
  expect(two.variables).toBe(one.variables);
  expect(two.evaluation).toBe(one.evaluation);
  expect(bytes(one)).toBe(one.variables + one.evaluation);
  expect(bytes(need("resnet8", 16, 512)) / (one.variables + 128 * one.step)).toBeCloseTo(1, 5);
  // What steps have left stays during an evaluation.
  expect(totalBytes(one, { copies: 3 })).toBe(one.variables + 2 * one.step + one.evaluation);
});

test("a weight for each candidate costs variables, a convolution for each costs steps", () => {
  const shared = need("resnet8", 32, 256);
  const separate = need("resnet8", 32, 256, 32, { weights: 4, quantized: 4, products: 1 });
  const parallel = need("resnet8", 32, 256, 32, { weights: 1, quantized: 4, products: 4 });
  expect(separate.step).toBe(shared.step);
  expect(separate.variables).toBeGreaterThan(parallel.variables);
  expect(parallel.variables).toBeGreaterThan(shared.variables);
  expect(parallel.step).toBeGreaterThan(1.5 * shared.step);
});

test("the largest tensor is that of all momentum, or the widest value of a batch", () => {
  const layers = layersOf(build("vgg16", 64, 224));
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  expect(need("vgg16", 64, 1, 224).largest).toBeGreaterThan(4 * weights);
  expect(need("vgg16", 64, 64, 224).largest).toBe(4 * 64 * 64 * 224 * 224);
});

test("an evaluation takes fewer samples at once where they are large", () => {
  expect(evaluationBatch(build("resnet8", 16, 32))).toBe(128);
  const large = evaluationBatch(build("resnet50", 64, 224));
  expect(large).toBeGreaterThanOrEqual(1);
  expect(large).toBeLessThan(4);
});

describe("a run that does not fit", () => {
  const sized = (variables: number, step: number, largest = 1): MemoryNeed => ({
    ...{ variables, step, largest },
    evaluation: 0,
  });
  const batch: Reduction = { name: "batch", value: 64, least: 1, need: (value) => sized(1e8, 1e8 * value) };
  const width: Reduction = { name: "width", value: 16, least: 2, need: (value) => sized(1e8, 1e9 * value) };

  test("is no problem if it does", () => {
    expect(memoryProblem(sized(5e8, 5e8, 1e8), LIMITS, "WASM", [])).toBeNull();
    expect(memoryProblem(sized(5e8, 5e8, 1e8), { ...LIMITS, copies: 2 }, "WebGPU", [])).not.toBeNull();
  });

  test("is told with what would: the first halved value", () => {
    expect(memoryProblem(sized(1e8, 6.4e9), LIMITS, "WASM", [batch, width])).toBe(
      "This run would need about 6.5 GB of memory, and WASM has 1.0 GB: batch 8 would need 900 MB.",
    );
  });

  test("for one tensor alone is told with that", () => {
    const problem = memoryProblem(sized(1e8, 1e8, 2e8), LIMITS, "WebGPU", [batch]);
    expect(problem).toMatch(/^The largest tensor of this run would take 200 MB, and WebGPU allows 100 MB: batch 8 would/);
  });

  test("and that nothing makes fit is told, too", () => {
    expect(memoryProblem(sized(1e8, 6.4e10), LIMITS, "WASM", [width])).toMatch(/: choose a smaller network, or smaller data.$/);
  });
});

test("sizes have two or three digits and a unit", () => {
  expect([1, 949_000, 951_000, 9.96e6, 310e6, 999.4e6, 999.6e6, 4.2e9].map(sizeText)).toEqual([
    ...["1 kB", "949 kB", "1.0 MB", "10 MB", "310 MB", "999 MB", "1.0 GB", "4.2 GB"],
  ]);
});
