import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  NO_PADDING,
  createGraph,
  endShapes,
  padded,
  parameterShapes,
  shapeOf,
  type Graph,
  type GraphNode,
  type Operation,
  type Shape,
} from "./graph";
import { layersOf } from "./layers";
import { MODELS, findModel } from "./models";
import { ownerPlaces, searchSpace, withSharedTensors } from "./search";

type Conv = Operation & { readonly op: "conv" };

const conv = (changes: Partial<Conv> = {}): Conv => ({
  op: "conv",
  filters: 4,
  kernel: [3, 3],
  stride: [1, 1],
  padding: padded(1),
  dilation: [1, 1],
  groups: 1,
  bias: false,
  ...changes,
});

const input = (...shape: number[]): GraphNode => ({ name: "input", inputs: [], op: "input", shape });
const node = (name: string, operation: Operation, ...inputs: string[]): GraphNode => ({ ...operation, name, inputs });
const graph = (...nodes: GraphNode[]): Graph => createGraph("net", nodes);

/** Output shape of one operation on an input of `shape`. */
const shapeAfter = (shape: Shape, operation: Operation): Shape =>
  shapeOf(graph(input(...shape), node("x", operation, "input")), "x");

describe("shapes", () => {
  test.each<[string, Shape, Operation, Shape]>([
    ["same padding", [8, 8, 3], conv(), [8, 8, 4]],
    ["no padding", [8, 8, 3], conv({ padding: NO_PADDING }), [6, 6, 4]],
    ["stride 2, even", [8, 8, 3], conv({ stride: [2, 2] }), [4, 4, 4]],
    ["stride 2, odd", [9, 9, 3], conv({ stride: [2, 2] }), [5, 5, 4]],
    ["different strides", [9, 8, 3], conv({ stride: [1, 2] }), [9, 4, 4]],
    ["asymmetric padding", [8, 8, 3], conv({ stride: [2, 2], padding: { top: 0, left: 0, bottom: 1, right: 1 } }), [4, 4, 4]],
    ["padding on one side", [5, 5, 1], conv({ padding: { top: 2, right: 0, bottom: 0, left: 1 } }), [5, 4, 4]],
    ["dilation", [9, 9, 3], conv({ dilation: [2, 3], padding: NO_PADDING }), [5, 3, 4]],
    ["kernel 1x5", [8, 8, 3], conv({ kernel: [1, 5], padding: { top: 0, bottom: 0, left: 2, right: 2 } }), [8, 8, 4]],
    ["groups", [8, 8, 6], conv({ groups: 2 }), [8, 8, 4]],
    ["max pool", [7, 7, 5], { op: "maxPool", kernel: [2, 2], stride: [2, 2], padding: NO_PADDING }, [3, 3, 5]],
    ["average pool", [7, 7, 5], { op: "averagePool", kernel: [3, 3], stride: [2, 2], padding: padded(1) }, [4, 4, 5]],
    ["global pool", [7, 7, 5], { op: "globalAveragePool" }, [5]],
    ["flatten", [2, 3, 4], { op: "flatten" }, [24]],
    ["dense", [24], { op: "dense", units: 10, bias: true }, [10]],
    ["relu", [2, 3, 4], { op: "relu" }, [2, 3, 4]],
  ])("%s", (_name, before, operation, after) => {
    expect(shapeAfter(before, operation)).toEqual(after);
  });

  test("concat adds channels up, add keeps the shape", () => {
    const net = graph(
      input(4, 4, 3),
      node("a", conv(), "input"),
      node("b", conv({ filters: 3 }), "input"),
      node("joined", { op: "concat" }, "a", "b", "input"),
      node("sum", { op: "add" }, "joined", "joined"),
    );
    expect(shapeOf(net, "joined")).toEqual([4, 4, 10]);
    expect(endShapes(net)).toEqual({ input: [4, 4, 3], output: [4, 4, 10] });
  });

  test("a convolution has as many outputs as window positions, whatever the geometry", () => {
    const small = fc.integer({ min: 1, max: 4 });
    const pad = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        small,
        small,
        small,
        pad,
        pad,
        (size, kernel, stride, dilation, top, bottom) => {
          // Positions where the dilated window lies inside the padded input, counted one by one.
          let positions = 0;
          for (let at = -top; at + dilation * (kernel - 1) < size + bottom; at += stride) positions++;
          const geometry = conv({
            kernel: [kernel, 1],
            stride: [stride, 1],
            dilation: [dilation, 1],
            padding: { top, bottom, left: 0, right: 0 },
          });
          if (positions === 0) expect(() => shapeAfter([size, 1, 1], geometry)).toThrow(/too small/);
          else expect(shapeAfter([size, 1, 1], geometry)).toEqual([positions, 1, 4]);
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe("parameters", () => {
  test("a convolution's weight is HWIO, a depthwise one's HWCM, a grouped one sees its share of the channels", () => {
    const shapes = (operation: Conv, channels: number) => parameterShapes(node("x", operation, "input"), [8, 8, channels]);
    expect(shapes(conv({ bias: true }), 3)).toEqual({ weight: [3, 3, 3, 4], bias: [4] });
    expect(shapes(conv({ groups: 2 }), 6)).toEqual({ weight: [3, 3, 3, 4] });
    expect(shapes(conv({ groups: 4, filters: 8 }), 4)).toEqual({ weight: [3, 3, 4, 2] });
  });

  test("a layer's MACs are its weights times its output positions", () => {
    const net = graph(
      input(9, 8, 6),
      node("grouped", conv({ groups: 2, stride: [2, 2] }), "input"),
      node("depthwise", conv({ groups: 4 }), "grouped"),
      node("pool", { op: "globalAveragePool" }, "depthwise"),
      node("fc", { op: "dense", units: 10, bias: true }, "pool"),
    );
    const summary = layersOf(net).map(({ name, kind, weights, biases, macs }) => ({ name, kind, weights, biases, macs }));
    expect(summary).toEqual([
      { name: "grouped", kind: "3x3 /2 g2", weights: 108, biases: 0, macs: 108 * 5 * 4 },
      { name: "depthwise", kind: "3x3 dw", weights: 36, biases: 0, macs: 36 * 5 * 4 },
      { name: "fc", kind: "dense", weights: 40, biases: 10, macs: 40 },
    ]);
  });
});

describe("a graph that cannot run is refused with a sentence that names the place", () => {
  const image = input(8, 8, 3);
  test.each<[string, GraphNode[], RegExp]>([
    ["nothing", [], /exactly one input; "net" has 0/],
    ["two inputs", [image, { ...image, name: "b" }, node("s", { op: "add" }, "input", "b")], /exactly one input.*has 2/],
    ["two outputs", [image, node("a", conv(), "input"), node("b", conv(), "input")], /exactly one output.*"a", "b"/],
    ["two of one name", [image, node("a", conv(), "input"), node("a", conv(), "input")], /Two layers are called "a"/],
    ["a missing input", [image, node("a", conv(), "ghost")], /"a" reads "ghost", which does not exist/],
    ["itself as input", [image, node("a", { op: "relu" }, "a")], /cycle through "a"/],
    [
      "a cycle",
      [image, node("a", { op: "add" }, "input", "c"), node("b", { op: "relu" }, "a"), node("c", { op: "relu" }, "b")],
      /cycle through "[abc]"/,
    ],
    ["an addition of one", [image, node("a", { op: "add" }, "input")], /has 1 inputs/],
    ["a convolution without input", [image, node("a", conv())], /has 0 inputs/],
    [
      "different shapes added",
      [image, node("a", conv(), "input"), node("s", { op: "add" }, "a", "input")],
      /8 x 8 x 4 and 8 x 8 x 3/,
    ],
    [
      "different sizes joined",
      [image, node("a", conv({ stride: [2, 2] }), "input"), node("s", { op: "concat" }, "a", "input")],
      /joins tensors whose sizes differ/,
    ],
    ["a dense layer on an image", [image, node("a", { op: "dense", units: 2, bias: false }, "input")], /flatten/],
    ["a convolution on a vector", [input(8), node("a", conv(), "input")], /height x width x channels/],
    ["a window larger than the image", [image, node("a", conv({ kernel: [9, 9], padding: NO_PADDING }), "input")], /too small/],
    ["channels that do not split", [image, node("a", conv({ groups: 2 }), "input")], /cannot be split into 2 groups/],
    ["no groups", [image, node("a", conv({ groups: 0 }), "input")], /"a" \(conv\) has an impossible groups/],
    ["no stride", [image, node("a", conv({ stride: [0, 1] }), "input")], /impossible stride/],
    ["a negative padding", [image, node("a", conv({ padding: padded(-1) }), "input")], /impossible padding/],
    ["half a filter", [image, node("a", conv({ filters: 0.5 }), "input")], /impossible filters/],
    ["an empty image", [input(0, 8, 3)], /0 x 8 x 3/],
  ])("%s", (_name, nodes, message) => {
    expect(() => createGraph("net", nodes)).toThrow(message);
    expect(() => createGraph("net", nodes)).toThrow(RangeError);
  });
});

describe("order", () => {
  /** A connected graph of additions: node i reads two earlier ones, and the last one reads all that nobody else reads. */
  const additions = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 }).map((choices) => {
    const nodes: GraphNode[] = [input(2)];
    choices.forEach(([a, b], i) =>
      nodes.push(node(`n${i}`, { op: "add" }, nodes[a % nodes.length]!.name, nodes[b % nodes.length]!.name)),
    );
    const read = new Set(nodes.flatMap(({ inputs }) => inputs));
    const ends = nodes.filter(({ name }) => !read.has(name)).map(({ name }) => name);
    return ends.length > 1 ? [...nodes, node("end", { op: "add" }, ...ends)] : nodes;
  });

  test("every node comes after its inputs, in whatever order the nodes are given", () => {
    const shuffled = additions.chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));
    fc.assert(
      fc.property(shuffled, (nodes) => {
        const ordered = createGraph("net", nodes).nodes;
        const place = new Map(ordered.map(({ name }, i) => [name, i]));
        expect(place.size).toBe(nodes.length);
        for (const { name, inputs } of ordered)
          for (const from of inputs) expect(place.get(from)!).toBeLessThan(place.get(name)!);
        expect(ordered[0]?.op).toBe("input");
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("an order that is right already is kept", () => {
    fc.assert(
      fc.property(additions, (nodes) => {
        expect(createGraph("net", nodes).nodes).toEqual(nodes);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("a chain deeper than the call stack is ordered", () => {
    const chain = Array.from({ length: 50_000 }, (_, i) => node(`n${i}`, { op: "relu" }, i === 0 ? "input" : `n${i - 1}`));
    expect(createGraph("net", [...chain.reverse(), input(1)]).nodes).toHaveLength(50_001);
  });
});

const IMAGE_MODELS = MODELS.filter(({ task }) => task === "images");

describe.each(IMAGE_MODELS.map((model) => [model.id, model] as const))("built-in network %s", (_id, model) => {
  test("ends in one score per class", () => {
    const net = model.build({ width: model.width, input: [32, 32, 3], classes: 7 });
    expect(endShapes(net)).toEqual({ input: [32, 32, 3], output: [7] });
    expect(layersOf(net).length).toBeGreaterThan(2);
  });

  test("an image that is too small is refused with a sentence, or works", () => {
    for (const size of [1, 2, 4, 8, 20, 28]) {
      try {
        expect(endShapes(model.build({ width: 2, input: [size, size, 1], classes: 10 })).output).toEqual([10]);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as Error).message).toMatch(/too small|at least/);
      }
    }
  });
});

test("an unknown network is refused with the known ones", () => {
  expect(() => findModel("alexnot")).toThrow(/No network "alexnot". Known: resnet8/);
});

describe("built-in networks for text", () => {
  const language = findModel("lstm-lm").build({ width: 4, input: [10], classes: 7, vocabulary: 7 });
  const gates = layersOf(language).slice(0, -1);

  test("answer at every position, or once", () => {
    expect(endShapes(language)).toEqual({ input: [10], output: [10, 7] });
    const classifier = findModel("lstm-classifier").build({ width: 4, input: [10], classes: 3, vocabulary: 7 });
    expect(endShapes(classifier)).toEqual({ input: [10], output: [3] });
    expect(layersOf(classifier).at(-1)).toMatchObject({ name: "fc", macs: 32 * 3, end: "last" });
  });

  test("have four gates, of length x (features + units) x units MACs each, that share one input", () => {
    expect(gates.map(({ name }) => name)).toEqual(["lstm1.input", "lstm1.forget", "lstm1.cell", "lstm1.output"]);
    for (const gate of gates) {
      expect(gate).toMatchObject({
        macs: 10 * (16 + 32) * 32,
        weights: (16 + 32) * 32,
        biases: 32,
        inputOf: "lstm1.input",
        end: null,
      });
    }
    expect(gates.map(({ activations }) => activations)).toEqual([10 * (16 + 32), 0, 0, 0]);
    expect(layersOf(language).at(-1)).toMatchObject({ name: "fc", macs: 10 * 32 * 7, end: "last" });
  });

  test("are searched in all gates, whose inputs are in one place", () => {
    const rule = { includeEnds: false, site: () => ({ candidates: [], kernels: 1, pinned: false }) };
    const space = searchSpace(layersOf(language), rule);
    expect(space.searched).toEqual(gates);
    expect(ownerPlaces(space, "activation")).toEqual([0, 0, 0, 0]);
    const image = findModel("resnet8").build({ width: 4, input: [8, 8, 1], classes: 3 });
    expect(ownerPlaces(searchSpace(layersOf(image), rule), "activation")).toBeNull();
    const bits = (width: number) => ({ bits: width, scheme: "clipq" });
    const choices = space.sites.map(({ id }, i) => ({ site: id, ...bits(i) }));
    expect(withSharedTensors(space, choices).map((choice) => choice.bits)).toEqual([0, 1, 2, 1, 4, 1, 6, 1]);
  });

  test("refuse an input without positions, and a vocabulary without symbols", () => {
    expect(() => findModel("lstm-lm").build({ width: 4, input: [8, 8, 1], classes: 3, vocabulary: 3 })).toThrow(RangeError);
    expect(() => findModel("lstm-lm").build({ width: 4, input: [8], classes: 3 })).toThrow("impossible vocabulary");
    const lstm = { name: "lstm", inputs: ["input"], op: "lstm", units: 2, returns: "last" } as const;
    expect(() => createGraph("net", [{ name: "input", inputs: [], op: "input", shape: [8] }, lstm])).toThrow("put an embedding");
  });
});
