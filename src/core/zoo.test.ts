/** The networks made for ImageNet: at full size the published ones, at small sizes networks that build. */
import { describe, expect, test } from "vitest";
import googlenet from "../../golden/costs/edmips_googlenet.json";
import inceptionV3 from "../../golden/costs/edmips_inception_v3.json";
import resnet18 from "../../golden/costs/edmips_resnet18.json";
import resnet50 from "../../golden/costs/edmips_resnet50.json";
import fracbitsResnet18 from "../../golden/costs/fracbits_resnet18.json";
import { endShapes, parameterShapes, shapeOf, type Graph } from "./graph";
import { layersOf, type Layer } from "./layers";
import { findModel, MODELS } from "./models";

/** A network at the width and for the data that it was published for. */
function published(id: string): Graph {
  const model = findModel(id);
  return model.build({ width: model.width, input: model.published.input, classes: model.published.classes! });
}

const sum = (layers: readonly Layer[], pick: (layer: Layer) => number): number =>
  layers.reduce((total, layer) => total + pick(layer), 0);

describe.each([
  ["resnet18", resnet18],
  ["resnet50", resnet50],
  ["googlenet", googlenet],
  ["inceptionv3", inceptionV3],
] as const)("%s", (id, golden) => {
  test("is the network that EdMIPS published, layer by layer", () => {
    const layers = layersOf(published(id));
    expect(
      layers
        .filter(({ end }) => end === null)
        .map(({ name, kind, input, output, weights, macs, sizeProduct, activations }) => ({
          ...{ name, kernel: kind.split(" ")[0], input, output, weights, macs, activations },
          sizeProduct: (sizeProduct / 1e6).toPrecision(9),
        })),
    ).toEqual(
      golden.layers.map((layer) => ({
        name: layer.name.replace(/\.conv$/, ""),
        kernel: layer.kernel.join("x"),
        input: [...layer.input_hw, layer.in_channels],
        output: [...layer.output_hw, layer.out_channels],
        weights: layer.weights,
        macs: layer.macs,
        activations: Math.round(layer.memory_size_K * 1e3),
        sizeProduct: layer.size_product_M.toPrecision(9),
      })),
    );
    const ends = layers.filter(({ end }) => end !== null);
    expect(ends.map(({ name, weights, biases: bias, macs }) => ({ name, weights, bias, macs }))).toEqual(golden.uncounted_layers);
    expect(sum(layers, ({ macs }) => macs)).toBe(golden.totals.macs_all_layers);
  });
});

test("ResNet-18 has the layers that FracBits counts, too", () => {
  const ours = layersOf(published("resnet18")).map(({ weights, biases: bias, macs }) => ({ weights, bias, macs }));
  expect(ours).toEqual(fracbitsResnet18.layers.map(({ weights, bias, macs }) => ({ weights, bias, macs })));
});

/** Parameters and multiply-accumulates of the networks without batch norms, in which every layer has a bias (torchvision). */
test.each([
  ["alexnet", 61_100_840, 714_188_480],
  ["vgg16", 138_357_544, 15_470_264_320],
])("%s has the published parameters and MACs, biases in place of batch norms", (id, parameters, macs) => {
  const graph = published(id);
  const layers = layersOf(graph);
  const norms = graph.nodes.filter(({ op }) => op === "batchNorm");
  // A batch norm of c channels has c scales and c shifts; the layer before it has c biases in the published network, and none here.
  const channels = norms.reduce((total, { name }) => total + shapeOf(graph, name).at(-1)!, 0);
  expect(norms).toHaveLength(layers.length - 1);
  expect(sum(layers, ({ weights, biases }) => weights + biases) + channels).toBe(parameters);
  const ours = graph.nodes.flatMap((node) =>
    Object.values(parameterShapes(node, shapeOf(graph, node.inputs[0] ?? node.name))).map((shape) =>
      shape.reduce((product, size) => product * size, 1),
    ),
  );
  expect(ours.reduce((total, size) => total + size, 0)).toBe(parameters + channels);
  expect(sum(layers, (layer) => layer.macs)).toBe(macs);
});

const LARGE = MODELS.filter(({ published: { classes } }) => classes === 1000).map(({ id }) => id);

describe.each(LARGE)("%s", (id) => {
  const build = (width: number, size: number, channels = 3): Graph =>
    findModel(id).build({ width, input: [size, size, channels], classes: 10 });

  test("builds for glyphs, MNIST, CIFAR and larger images, narrow and wide", () => {
    for (const size of [20, 28, 32, 33, 48, 64, 65, 75, 96, 128, 161, 223]) {
      for (const width of [2, 4, 8, 16, 63]) expect(endShapes(build(width, size)).output).toEqual([10]);
    }
  });

  test("keeps a map of three pixels or more for the convolutions on a small image", () => {
    for (const size of [20, 28, 32, 48, 64]) {
      const inputs = layersOf(build(8, size, 1)).filter(({ op }) => op === "conv");
      expect(Math.min(...inputs.map(({ input }) => input[0]!))).toBeGreaterThanOrEqual(3);
    }
  });

  test("has its width in the first layer, and a quarter of the weights at half of it", () => {
    const layers = layersOf(build(16, 32));
    expect(layers[0]!.output.at(-1)).toBe(16);
    const inner = (graph: Graph): number =>
      sum(
        layersOf(graph).filter(({ end }) => end === null),
        ({ weights }) => weights,
      );
    expect(inner(build(64, 32)) / inner(build(32, 32))).toBeCloseTo(4, 0);
  });
});

test("a network for ImageNet costs little enough to be searched on small images", () => {
  const macs = LARGE.map((id) =>
    sum(layersOf(findModel(id).build({ width: 4, input: [20, 20, 1], classes: 10 })), (l) => l.macs),
  );
  // ResNet-8 of width 16 has 12 million for CIFAR-10.
  expect(Math.max(...macs)).toBeLessThan(6e6);
});
