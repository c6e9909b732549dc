import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG } from "../config";
import type { Graph } from "../graph";
import { findModel } from "../models";
import { graphBuilder } from "../models/builder";
import { quantizeGraph } from "../qag";
import { layOut, type PlacedBox } from "./layout";
import { plainView, quantizedView } from "./view";

/** Eleven modules of four branches behind a stem, as many nodes as Inception-V3 has. */
function inception(): Graph {
  const net = graphBuilder([32, 32, 3]);
  const unit = (name: string, from: string): string =>
    net.add(`${name}.relu`, { op: "relu" }, net.batchNorm(`${name}.bn`, net.conv(`${name}.conv`, from, 4, 3)));
  let last = unit("stem2", unit("stem1", "input"));
  for (let i = 0; i < 11; i++) {
    const branches = [
      unit(`m${i}.a`, last),
      unit(`m${i}.b2`, unit(`m${i}.b1`, last)),
      unit(`m${i}.c3`, unit(`m${i}.c2`, unit(`m${i}.c1`, last))),
      unit(`m${i}.d`, last),
    ];
    last = net.add(`m${i}.join`, { op: "concat" }, ...branches);
  }
  net.add("fc", { op: "dense", units: 2, bias: true }, net.add("pool", { op: "globalAveragePool" }, last));
  return net.build("inception");
}

const build = (id: string): Graph => findModel(id).build({ width: 8, input: [32, 32, 3], classes: 10 });
const lstm = findModel("lstm-lm").build({ width: 2, input: [6], classes: 5, vocabulary: 5 });
const GRAPHS = [build("resnet8"), build("mobilenetv2"), lstm, inception()];

const overlap = (a: PlacedBox, b: PlacedBox): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe.each(GRAPHS.map((graph) => [graph.name, graph] as const))("%s", (_, graph) => {
  const { vertices } = quantizeGraph(graph, { ...DEFAULT_CONFIG, activations: "tensor" });
  describe.each([
    ["as it is", plainView(graph)],
    ["quantized", quantizedView(graph, vertices)],
  ])("%s", (_view, view) => {
    const started = performance.now();
    const { boxes, lines, width, height } = layOut(view);
    const tookMs = performance.now() - started;

    test("no two boxes overlap, and all are inside", () => {
      boxes.forEach((box, i) => {
        expect(
          boxes
            .slice(i + 1)
            .filter((other) => overlap(box, other))
            .map((other) => [box.box.id, other.box.id]),
        ).toEqual([]);
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.y).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
      });
    });

    test("every box is placed once, every line drawn from left to right or from above", () => {
      expect(boxes.map(({ box }) => box.id).sort()).toEqual(view.boxes.map(({ id }) => id).sort());
      expect(lines).toHaveLength(view.lines.length);
      const byId = new Map(boxes.map((place) => [place.box.id, place]));
      for (const { from, to, path } of lines) {
        const [start, end] = [byId.get(from)!, byId.get(to)!];
        expect(start.x + start.width <= end.x || start.y + start.height <= end.y).toBe(true);
        expect(path).toMatch(/^M[\d.,]+[LC][\d., LC]+$/);
      }
    });

    test("takes seconds at most", () => expect(tookMs).toBeLessThan(5000));
  });
});

test("a layer stands level with the quantizer before it", () => {
  const graph = build("resnet8");
  const { boxes } = layOut(quantizedView(graph, quantizeGraph(graph, DEFAULT_CONFIG).vertices));
  const middle = (id: string): number => {
    const { y, height } = boxes.find(({ box }) => box.id === id)!;
    return y + height / 2;
  };
  expect(middle("quantizer:layer1.0.conv2/activation")).toBeCloseTo(middle("operation:layer1.0.conv2"));
});
