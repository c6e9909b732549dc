import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_CONFIG } from "../core/config";
import { layersOf } from "../core/layers";
import { findModel } from "../core/models";
import { createRandom } from "../core/random";
import { sameCandidates, searchSpace } from "../core/search";
import { fixedQuantization } from "./fixed";
import { registerCpuKernels } from "./kernels/cpu";
import { policyOf } from "./policies";

beforeAll(async () => {
  registerCpuKernels();
  await tf.setBackend("cpu");
});

const graph = findModel("resnet8").build({ width: 4, input: [8, 8, 1], classes: 4 });
const candidates = [{ bits: 3, scheme: "clipq" }];
const space = searchSpace(layersOf(graph), { includeEnds: false, site: sameCandidates(() => candidates) });
const [layer] = space.searched as [(typeof space.searched)[0]];

/** What a policy writes of the layer's weight w at 3 bits of a scheme, and w quantized. */
async function written(scheme: string, w: tf.Tensor) {
  const choices = [{ site: `${layer.name}/weight`, bits: 3, scheme }];
  const fixed = fixedQuantization(space.layers, choices);
  const grids = await fixed.grids(() => w);
  const quantized = tf.tidy(() => fixed.quantize(layer.name, "weight", w, false)[0]!.dataSync());
  fixed.dispose();
  const context = { network: null, config: DEFAULT_CONFIG, space, backend: "CPU", knobs: {} };
  const { weight } = policyOf(context, choices, grids, []).layers.find(({ name }) => name === layer.name)!;
  return { weight, quantized };
}

describe.each(["clipq", "zoomq", "fixed", "gaussian"])("a policy with %s", (scheme) => {
  test("says where the levels of a skewed tensor are: whole numbers of steps from its zero point", async () => {
    const random = createRandom("levels");
    const w = tf.tensor(
      Array.from({ length: 144 }, () => 0.3 + random.normal()),
      [3, 3, 4, 4],
    );
    const before = tf.memory().numTensors;
    const { weight, quantized } = await written(scheme, w);
    expect(tf.memory().numTensors).toBe(before);
    const [step] = weight.scale as [number];
    const levels = new Set(Array.from(quantized, (value) => value / step + weight.zeroPoint));
    for (const level of levels) expect(level).toBeCloseTo(Math.round(level), 4);
    const [least, most] = [Math.round(Math.min(...levels)), Math.round(Math.max(...levels))];
    expect(most - least).toBeGreaterThan(2);
    if (!weight.signed) expect(least).toBeGreaterThanOrEqual(0);
    w.dispose();
  });
});
