/** Networks that TensorFlow.js wrote, on real images. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { layersModel } from "../../formats/models/layers-model";
import { MODEL_LIMITS, type ModelFile } from "../../formats/models/reader";
import { modelFile } from "../../formats/models/testing";
import { openBackend } from "../backend";
import { farthest, runImported, softmaxRows } from "./testing";

const MODELS = "../shared/models";
const IMAGES = "../shared/data/mnist10k/t10k-images-idx3-ubyte.gz";
const present = existsSync(`${MODELS}/layers-functional/model.json`) && existsSync(IMAGES);
if (!present) console.warn(`Skipped: no LayersModels at ${MODELS}, or no images at ${IMAGES}.`);

const filesOf = (model: string): readonly ModelFile[] =>
  readdirSync(`${MODELS}/${model}`)
    .filter((name) => name !== "expected.json")
    .map((name) => modelFile(name, readFileSync(`${MODELS}/${model}/${name}`)));

interface Expected {
  readonly parameters: number;
  readonly firstTestOutputs: readonly number[];
}

const expectedOf = (model: string): Expected => JSON.parse(readFileSync(`${MODELS}/${model}/expected.json`, "utf8")) as Expected;

/** The first eight test images, 0 to 1. */
const images = (): Float32Array =>
  Float32Array.from(gunzipSync(readFileSync(IMAGES)).subarray(16, 16 + 8 * 784), (byte) => byte / 255);

describe.skipIf(!present).each(["cpu", "wasm"] as const)("on %s", (backend) => {
  test.each([
    ["layers-functional", false, 0],
    ["layers-sequential", true, 16],
  ] as const)("%s gives the outputs that TensorFlow.js gave", async (model, probabilities, statistics) => {
    await openBackend(backend, { wasmPaths: null, threads: 1 });
    const network = await layersModel.read(filesOf(model), MODEL_LIMITS);
    const { firstTestOutputs, parameters } = expectedOf(model);
    const logits = runImported(network, images(), [28, 28, 1]);
    expect(farthest(probabilities ? softmaxRows(logits, 10) : logits, firstTestOutputs)).toBeLessThan(1e-4);
    expect(network.info).toMatchObject({ classes: 10, input: [28, 28, 1], parameters: parameters - statistics, notes: [] });
  });
});

test.skipIf(!present)("a zip of the same files is the same network, with the archive's name", async () => {
  const files = Object.fromEntries(
    readdirSync(`${MODELS}/layers-functional`).map((name) => [
      `some/${name}`,
      readFileSync(`${MODELS}/layers-functional/${name}`),
    ]),
  );
  const archive = modelFile("small.zip", zipSync(files));
  const zipped = await layersModel.read([archive], MODEL_LIMITS);
  const plain = await layersModel.read(filesOf("layers-functional"), MODEL_LIMITS);
  expect(zipped.values).toEqual(plain.values);
  expect([zipped.info.name, plain.info.name]).toEqual(["small", "model2"]);
});
