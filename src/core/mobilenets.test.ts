import { describe, expect, test } from "vitest";
import goldenV1 from "../../golden/costs/fracbits_mobilenet_v1.json";
import goldenV2 from "../../golden/costs/fracbits_mobilenet_v2.json";
import { endShapes, shapeOf, type Graph } from "./graph";
import { layersOf } from "./layers";
import { findModel } from "./models";

const build = (id: string, width: number, size: number, channels = 3): Graph =>
  findModel(id).build({ width, input: [size, size, channels], classes: 10 });

describe.each([
  ["mobilenetv1", goldenV1],
  ["mobilenetv2", goldenV2],
] as const)("%s", (id, golden) => {
  test("at full size is the published network, layer by layer", () => {
    const published = findModel(id).build({ width: 32, input: [224, 224, 3], classes: 1000 });
    const ours = layersOf(published).map(({ macs, weights, biases, groups, kind, output }) => ({
      ...{ macs, weights, biases, groups },
      ...{ kernel: kind.split(" ")[0], output: output.slice(0, -1), channels: output.at(-1) },
    }));
    const theirs = golden.layers.map((layer) => ({
      ...{ macs: layer.macs, weights: layer.weights, biases: layer.bias, groups: layer.groups ?? 1 },
      kernel: layer.kernel?.join("x") ?? "dense",
      output: layer.output_hw ?? [],
      channels: layer.out_channels ?? layer.out_features,
    }));
    expect(ours).toEqual(theirs);
  });

  test.each([
    [2, 2],
    [8, 4],
    [20, 3],
    [28, 4],
    [32, 4],
    [48, 3],
    [56, 4],
    [64, 4],
    [96, 3],
    [224, 7],
  ])("an image of %i pixels ends as a map of %i", (size, last) => {
    const graph = build(id, 8, size);
    expect(shapeOf(graph, graph.nodes.at(-3)!.name).slice(0, 2)).toEqual([last, last]);
    expect(layersOf(graph)[0]!.kind).toBe(size > 64 ? "3x3 /2" : "3x3");
  });

  test.each([4, 8, 16, 32, 48])("with %i channels at the start has multiples of eight after it", (width) => {
    const graph = build(id, width, 20, 1);
    expect(endShapes(graph).output).toEqual([10]);
    const layers = layersOf(graph);
    expect(layers[0]!.output.at(-1)).toBe(width);
    const full = layersOf(build(id, 32, 20, 1));
    layers.slice(1, -1).forEach(({ groups, output }, i) => {
      const channels = output.at(-1)!;
      // Rounding may widen the narrow ones, and never takes more than a tenth.
      if (groups === 1) expect(channels % 8).toBe(0);
      expect(channels).toBeGreaterThanOrEqual(0.9 * ((full[i + 1]!.output.at(-1)! * width) / 32));
    });
  });
});

test("in MobileNet V2 only what reads a linear bottleneck has a sign", () => {
  const layers = layersOf(build("mobilenetv2", 8, 32));
  const signed = layers.filter(({ signedInput }) => signedInput).map(({ name }) => name);
  const bottlenecks = layers.filter(({ name }) => name.endsWith(".expand") || name === "tail").map(({ name }) => name);
  expect(signed).toEqual(bottlenecks);
  expect(bottlenecks).toHaveLength(17);
  expect(layersOf(build("mobilenetv1", 8, 32)).some(({ signedInput }) => signedInput)).toBe(false);
});

test("MobileNet V2 adds what enters a block where shapes agree", () => {
  const additions = (graph: Graph): number => graph.nodes.filter(({ op }) => op === "add").length;
  expect(additions(findModel("mobilenetv2").build({ width: 32, input: [224, 224, 3], classes: 1000 }))).toBe(10);
});
