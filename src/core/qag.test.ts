import { cpuUsage } from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG } from "./config";
import { createGraph, type Graph, type GraphNode } from "./graph";
import { findModel } from "./models";
import { graphBuilder } from "./models/builder";
import { nodeOf, quantizeGraph, searchedTogether, type QagRule, type QuantizingVertex } from "./qag";
import { anyNetwork } from "./testing";

/** Of the processor, which a busy machine does not make longer. */
const cpuMs = (work: () => unknown): number => {
  const before = cpuUsage();
  work();
  return cpuUsage(before).user / 1000;
};

const RULE: QagRule = DEFAULT_CONFIG;
const TENSOR: QagRule = { ...RULE, activations: "tensor" };
const BOTH = ["layer", "tensor"] as const;

const ofRole = (vertices: readonly QuantizingVertex[], role: QuantizingVertex["role"]) =>
  vertices.filter((vertex) => vertex.role === role);
const inputOf = (graph: Graph, name: string): string => graph.nodes.find((node) => node.name === name)!.inputs[0]!;

/** 8 x 8 x 4 to the same. */
const conv = (name: string, input: string, weightOf?: string): GraphNode => ({
  op: "conv",
  filters: 4,
  kernel: [1, 1],
  stride: [1, 1],
  padding: { top: 0, right: 0, bottom: 0, left: 0 },
  dilation: [1, 1],
  groups: 1,
  bias: false,
  name,
  inputs: [input],
  ...(weightOf !== undefined && { weightOf }),
});

/** Nodes between an image and a classifier. */
const between = (nodes: readonly GraphNode[], end: string): Graph =>
  createGraph("net", [
    { op: "input", shape: [8, 8, 4], name: "input", inputs: [] },
    ...nodes,
    { op: "globalAveragePool", name: "pool", inputs: [end] },
    { op: "dense", units: 2, bias: true, name: "fc", inputs: ["pool"] },
  ]);

describe("on any network", () => {
  const rules = fc.record<QagRule>({
    expensive: fc.constantFrom(["conv"], ["dense"], ["conv", "dense", "lstm"]),
    excluded: fc.subarray(["conv0", "conv1", "conv2", "shared3", "fc"]),
    includeEnds: fc.boolean(),
    activations: fc.constantFrom(...BOTH),
  });

  test("every edge into a searched layer passes exactly one quantizing vertex, which quantizes what the layer reads", () => {
    fc.assert(
      fc.property(anyNetwork, rules, (graph, rule) => {
        const { vertices, searched } = quantizeGraph(graph, rule);
        for (const { name } of searched) {
          const readers = ofRole(vertices, "activation").filter((vertex) => vertex.readers.includes(name));
          expect(readers).toHaveLength(1);
          expect(readers[0]!.source).toBe(inputOf(graph, name));
          expect(ofRole(vertices, "weight").filter((vertex) => vertex.readers.includes(name))).toHaveLength(1);
        }
      }),
    );
  });

  test("nothing else is quantized: no end unless asked for, no excluded layer, no other type, and the operations stay", () => {
    fc.assert(
      fc.property(anyNetwork, rules, (graph, rule) => {
        const { graph: after, vertices, layers, searched } = quantizeGraph(graph, rule);
        const names = new Set(searched.map(({ name }) => name));
        expect(new Set(vertices.flatMap(({ readers }) => readers))).toEqual(names);
        for (const { name, end, op } of layers) {
          if (names.has(name)) {
            expect(rule.excluded).not.toContain(name);
            expect(rule.expensive).toContain(op);
            if (!rule.includeEnds) expect(end).toBeNull();
          }
        }
        expect(after.nodes.map(({ inputOf: _, ...node }) => node)).toEqual(graph.nodes);
      }),
    );
  });

  test("a tensor has one vertex however many layers read it, or one for each of them, as asked", () => {
    fc.assert(
      fc.property(anyNetwork, (graph) => {
        const shared = ofRole(quantizeGraph(graph, TENSOR).vertices, "activation");
        expect(new Set(shared.map(({ source }) => source)).size).toBe(shared.length);
        const own = quantizeGraph(graph, RULE);
        expect(ofRole(own.vertices, "activation").map(({ readers }) => readers)).toEqual(own.searched.map(({ name }) => [name]));
        // The same layers are searched, and the same weights quantized.
        const tensor = quantizeGraph(graph, TENSOR);
        expect(ofRole(tensor.vertices, "weight")).toEqual(ofRole(own.vertices, "weight"));
      }),
    );
  });

  test("a weight has one vertex however often its layer is applied", () => {
    fc.assert(
      fc.property(anyNetwork, rules, (graph, rule) => {
        const { vertices, searched } = quantizeGraph(graph, rule);
        const weights = ofRole(vertices, "weight");
        expect(new Set(weights.map(({ source }) => source)).size).toBe(weights.length);
        expect(weights.map(({ source }) => source).sort()).toEqual([...new Set(searched.map(({ weightOf }) => weightOf))].sort());
      }),
    );
  });
});

describe("where several layers read one tensor", () => {
  test("a branch of Inception has one quantizer for its four readers", () => {
    const graph = between(
      [
        conv("stem", "input"),
        { op: "relu", name: "act", inputs: ["stem"] },
        ...["b1", "b2", "b3", "b4"].map((name) => conv(name, "act")),
        { op: "concat", name: "join", inputs: ["b1", "b2", "b3", "b4"] },
      ],
      "join",
    );
    expect(ofRole(quantizeGraph(graph, TENSOR).vertices, "activation")).toEqual([
      { site: "b1/activation", role: "activation", source: "act", readers: ["b1", "b2", "b3", "b4"] },
    ]);
    expect(ofRole(quantizeGraph(graph, RULE).vertices, "activation")).toHaveLength(4);
  });

  test("a reader that stays float reads the tensor itself", () => {
    const graph = between(
      [conv("stem", "input"), conv("a", "stem"), conv("b", "stem"), { op: "add", name: "sum", inputs: ["a", "b"] }],
      "sum",
    );
    const { vertices } = quantizeGraph(graph, { ...TENSOR, excluded: ["a"] });
    expect(vertices.flatMap(({ readers }) => readers)).toEqual(["b", "b"]);
  });

  test("ResNet's shortcut convolution shares the block's input, the identity needs no quantizer", () => {
    const graph = findModel("resnet8").build({ width: 8, input: [16, 16, 1], classes: 2 });
    const shared = ofRole(quantizeGraph(graph, TENSOR).vertices, "activation").filter(({ readers }) => readers.length > 1);
    expect(shared.map(({ readers }) => readers)).toEqual([
      ["layer2.0.conv1", "layer2.0.downsample.0"],
      ["layer3.0.conv1", "layer3.0.downsample.0"],
    ]);
  });
});

describe("a layer that is applied twice", () => {
  const graph = between([conv("stem", "input"), conv("a", "stem"), conv("again", "a", "a"), conv("c", "again")], "c");

  test("has one quantizer for its weight and one for each of its inputs", () => {
    const { vertices } = quantizeGraph(graph, TENSOR);
    expect(vertices.find(({ site }) => site === "a/weight")).toMatchObject({ source: "a", readers: ["a", "again"] });
    expect(ofRole(vertices, "activation").map(({ source }) => source)).toEqual(["stem", "a", "again"]);
  });

  test("stays float in both places if one is excluded", () => {
    expect(quantizeGraph(graph, { ...RULE, excluded: ["again"] }).searched.map(({ name }) => name)).toEqual(["c"]);
  });
});

test("the gates of an LSTM share the quantizer of their input, and have one weight each", () => {
  const graph = findModel("lstm-lm").build({ width: 2, input: [6], classes: 5, vocabulary: 5 });
  for (const activations of BOTH) {
    const { vertices, searched } = quantizeGraph(graph, { ...RULE, activations });
    expect(searched).toHaveLength(4);
    const [input, ...others] = ofRole(vertices, "activation");
    expect(others).toEqual([]);
    expect(input).toMatchObject({ source: "embedding", readers: searched.map(({ name }) => name) });
    expect(ofRole(vertices, "weight").map(({ readers }) => readers)).toEqual(searched.map(({ name }) => [name]));
    expect(nodeOf(graph, input!.readers[3]!)).toBe("lstm1");
  }
});

test("excluding one of the layers that are searched together leaves all of them float", () => {
  fc.assert(
    fc.property(anyNetwork, fc.nat(), (graph, choice) => {
      const { layers, searched } = quantizeGraph(graph, RULE);
      if (searched.length === 0) return;
      const layer = searched[choice % searched.length]!;
      const together = searchedTogether(graph, layers, layer);
      expect(together).toContain(layer.name);
      const left = quantizeGraph(graph, { ...RULE, excluded: [layer.name] }).searched.map(({ name }) => name);
      expect(left).toEqual(searched.map(({ name }) => name).filter((name) => !together.includes(name)));
    }),
  );
  const lstm = findModel("lstm-lm").build({ width: 2, input: [6], classes: 5, vocabulary: 5 });
  const { layers } = quantizeGraph(lstm, RULE);
  expect(searchedTogether(lstm, layers, layers[2]!)).toEqual(["lstm1.input", "lstm1.forget", "lstm1.cell", "lstm1.output"]);
});

test("a type that is not expensive stays float", () => {
  const graph = findModel("lstm-lm").build({ width: 2, input: [6], classes: 5, vocabulary: 5 });
  const { searched } = quantizeGraph(graph, { ...RULE, includeEnds: true, expensive: ["dense"] });
  expect(searched.map(({ name }) => name)).toEqual(["fc"]);
});

test.each(BOTH)("20 000 nodes take less than a second (one quantizer for each %s)", (activations) => {
  const net = graphBuilder([8, 8, 4]);
  let last = "input";
  for (let i = 0; i < 5000; i++) {
    const a = net.conv(`a${i}`, last, 4, 1);
    const b = net.add(`r${i}`, { op: "relu" }, net.conv(`b${i}`, last, 4, 1));
    last = net.add(`s${i}`, { op: "add" }, a, b);
  }
  net.add("fc", { op: "dense", units: 2, bias: true }, net.add("pool", { op: "globalAveragePool" }, last));
  const graph = net.build("large");
  expect(cpuMs(() => quantizeGraph(graph, { ...RULE, activations }))).toBeLessThan(1000);
  const { vertices } = quantizeGraph(graph, { ...RULE, activations });
  // Both convolutions of a block read one tensor; only the first layer of all is an end, the other one reads the image, too.
  expect(ofRole(vertices, "activation")).toHaveLength(activations === "tensor" ? 5000 : 9999);
});
