import { cpuUsage } from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG } from "../config";
import type { Graph } from "../graph";
import { findModel } from "../models";
import { graphBuilder } from "../models/builder";
import { nodeOf, quantizeGraph, type QagRule } from "../qag";
import { anyNetwork } from "../testing";
import type { Box, NetworkView, OperationBox, QuantizerBox } from "./boxes";
import { plainView, quantizedView } from "./view";

/** Of the processor, which a busy machine does not make longer. */
const cpuMs = (work: () => unknown): number => {
  const before = cpuUsage();
  work();
  return cpuUsage(before).user / 1000;
};

const rules = fc.record<QagRule>({
  expensive: fc.constant(DEFAULT_CONFIG.expensive),
  excluded: fc.subarray(["conv0", "conv1", "conv2", "shared3"]),
  includeEnds: fc.boolean(),
  activations: fc.constantFrom("layer", "tensor"),
});

const idsOf = ({ boxes }: NetworkView): ReadonlyMap<string, Box> => new Map(boxes.map((box) => [box.id, box]));
const operationsOf = ({ boxes }: NetworkView): readonly OperationBox[] => boxes.filter((box) => box.kind === "operation");

/** The lines that arrive at each box. */
function arrivals({ boxes, lines }: NetworkView): ReadonlyMap<string, readonly string[]> {
  const from = new Map<string, string[]>(boxes.map(({ id }) => [id, []]));
  for (const line of lines) from.get(line.to)!.push(line.from);
  return from;
}

/** The lines between operations once weights and quantizers are taken out again. */
function linesWithoutQuantizers(view: NetworkView): readonly string[] {
  const boxes = idsOf(view);
  const before = arrivals(view);
  return view.lines.flatMap(({ from, to }) => {
    if (boxes.get(to)!.kind !== "operation") return [];
    const start = boxes.get(from)!;
    if (start.kind === "weight" || (start.kind === "quantizer" && start.role === "weight")) return [];
    return [`${start.kind === "quantizer" ? before.get(from)![0]! : from} > ${to}`];
  });
}

describe("on any network", () => {
  test("what goes into a searched layer passes exactly one quantizer of each role, and into others none", () => {
    fc.assert(
      fc.property(anyNetwork, rules, (float, rule) => {
        const { graph, vertices, searched } = quantizeGraph(float, rule);
        const view = quantizedView(graph, vertices);
        const [boxes, before] = [idsOf(view), arrivals(view)];
        const nodes = new Set(searched.map(({ name }) => nodeOf(graph, name)));
        for (const { id, nodes: own, layers } of operationsOf(view)) {
          const quantizers = before
            .get(id)!
            .map((from) => boxes.get(from)!)
            .filter((box) => box.kind === "quantizer");
          const roles = quantizers.map(({ role }) => role).sort();
          expect(roles).toEqual(nodes.has(own[0]!) ? ["activation", "weight"] : []);
          for (const { readers } of quantizers) expect(readers).toContain(layers[0]);
        }
        for (const { id, kind } of view.boxes) if (kind === "quantizer") expect(before.get(id)).toHaveLength(1);
      }),
    );
  });

  test("each quantizing vertex is one box, and nothing else changes", () => {
    fc.assert(
      fc.property(anyNetwork, rules, (float, rule) => {
        const { graph, vertices } = quantizeGraph(float, rule);
        const [before, after] = [plainView(graph), quantizedView(graph, vertices)];
        expect(operationsOf(after)).toEqual(before.boxes);
        expect([...linesWithoutQuantizers(after)].sort()).toEqual(before.lines.map(({ from, to }) => `${from} > ${to}`).sort());
        const quantizers = after.boxes.filter((box): box is QuantizerBox => box.kind === "quantizer");
        expect(quantizers.map(({ site }) => site).sort()).toEqual(vertices.map(({ site }) => site).sort());
      }),
    );
  });

  test("every node is in one box, and boxes come after what they read", () => {
    fc.assert(
      fc.property(anyNetwork, rules, (float, rule) => {
        const { graph, vertices } = quantizeGraph(float, rule);
        const view = quantizedView(graph, vertices);
        expect(
          operationsOf(view)
            .flatMap(({ nodes }) => nodes)
            .sort(),
        ).toEqual(graph.nodes.map(({ name }) => name).sort());
        const place = new Map(view.boxes.map(({ id }, i) => [id, i]));
        const kinds = idsOf(view);
        for (const { from, to } of view.lines) {
          // A weight stands beside its first user in the list of layers, which another one may come before.
          if (kinds.get(from)!.kind === "operation") expect(place.get(from)!).toBeLessThan(place.get(to)!);
        }
      }),
    );
  });
});

describe("ResNet-8", () => {
  const graph = findModel("resnet8").build({ width: 8, input: [16, 16, 1], classes: 2 });
  const shown = operationsOf(plainView(graph));

  test("draws a convolution with its normalisation and its ReLU as one box", () => {
    expect(shown.find(({ nodes }) => nodes[0] === "layer1.0.conv1")).toMatchObject({
      nodes: ["layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu1"],
      type: "3x3",
      then: ["batch norm", "ReLU"],
      output: [16, 16, 8],
      layers: ["layer1.0.conv1"],
    });
  });

  test("draws weights beside their layers, float ones without a quantizer", () => {
    const { vertices } = quantizeGraph(graph, DEFAULT_CONFIG);
    const view = quantizedView(graph, vertices);
    const weights = view.boxes.filter((box) => box.kind === "weight");
    expect(weights).toHaveLength(10);
    const quantized = view.lines.filter(({ from, to }) => from.startsWith("weight:") && to.startsWith("quantizer:"));
    expect(quantized).toHaveLength(8);
  });
});

test("an LSTM has the weights of its four gates and one quantizer before it", () => {
  const graph = findModel("lstm-lm").build({ width: 2, input: [6], classes: 5, vocabulary: 5 });
  const view = quantizedView(graph, quantizeGraph(graph, DEFAULT_CONFIG).vertices);
  const into = arrivals(view).get("operation:lstm1")!;
  expect(into).toEqual([
    "quantizer:lstm1.input/activation",
    ...["input", "forget", "cell", "output"].map((gate) => `quantizer:lstm1.${gate}/weight`),
  ]);
});

test("20 000 nodes take less than a second", () => {
  const graph = chain(5000);
  const { vertices } = quantizeGraph(graph, DEFAULT_CONFIG);
  expect(cpuMs(() => quantizedView(graph, vertices))).toBeLessThan(1000);
  expect(quantizedView(graph, vertices).boxes.length).toBeGreaterThan(15_000);
});

/** Four nodes a block. */
function chain(blocks: number): Graph {
  const net = graphBuilder([8, 8, 4]);
  let last = "input";
  for (let i = 0; i < blocks; i++) {
    const x = net.add(`r${i}`, { op: "relu" }, net.batchNorm(`n${i}`, net.conv(`c${i}`, last, 4, 1)));
    last = net.add(`s${i}`, { op: "add" }, x, last);
  }
  net.add("fc", { op: "dense", units: 2, bias: true }, net.add("pool", { op: "globalAveragePool" }, last));
  return net.build("large");
}
