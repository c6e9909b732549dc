import { cpuUsage } from "node:process";
import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG } from "../config";
import type { Graph } from "../graph";
import { findModel } from "../models";
import { graphBuilder } from "../models/builder";
import { quantizeGraph } from "../qag";
import { layOut, type PlacedBox } from "./layout";
import { drawNetwork, fittingZoom } from "./rows";
import { plainView, quantizedView } from "./view";

/** Of the processor, which a busy machine does not make longer. */
const cpuMs = (work: () => unknown): number => {
  const before = cpuUsage();
  work();
  return cpuUsage(before).user / 1000;
};

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

const PANEL = { width: 970, height: 220 };
const SCREEN = { width: 1900, height: 1000 };

describe.each(GRAPHS.map((graph) => [graph.name, graph] as const))("%s", (_, graph) => {
  const { vertices } = quantizeGraph(graph, { ...DEFAULT_CONFIG, activations: "tensor" });
  describe.each([
    ["as it is", plainView(graph)],
    ["quantized", quantizedView(graph, vertices)],
  ])("%s", (_view, view) => {
    const layout = layOut(view);

    test("every box stands once, and what it gives goes to the right or down from above", () => {
      expect(layout.boxes.map(({ box }) => box.id).sort()).toEqual(view.boxes.map(({ id }) => id).sort());
      const byId = new Map(layout.boxes.map((place) => [place.box.id, place]));
      for (const { from, to } of layout.lines) {
        const [start, end] = [byId.get(from)!, byId.get(to)!];
        expect(start.x + start.width <= end.x || start.y + start.height <= end.y).toBe(true);
      }
    });

    test.each([
      ["the panel", PANEL],
      ["the screen", SCREEN],
    ])("in %s no two boxes overlap, all are inside, and every line is drawn", (_place, size) => {
      const { boxes, lines, width, height } = drawNetwork(layout, size);
      expect(boxes).toHaveLength(view.boxes.length);
      boxes.forEach((box, i) => {
        const over = boxes.slice(i + 1).filter((other) => overlap(box, other));
        expect(over.map((other) => [box.box.id, other.box.id])).toEqual([]);
        expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width + 1e-6);
        expect(box.y + box.height).toBeLessThanOrEqual(height + 1e-6);
      });
      expect(lines.map(({ id }) => id)).toEqual(view.lines.map(({ id }) => id));
      for (const { path } of lines) expect(path).toMatch(/^M[-\d.,]+([LCQ][-\d., ]+)+$/);
    });
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

describe("rows", () => {
  const flat = layOut(plainView(build("mobilenetv2")));

  test("make a long network several times as large as in one line", () => {
    expect(fittingZoom(drawNetwork(flat, SCREEN), SCREEN)).toBeGreaterThan(5 * fittingZoom(flat, SCREEN));
  });

  test("are not made where one line has room", () => {
    const wide = { width: flat.width, height: flat.height };
    expect(drawNetwork(flat, wide).boxes).toEqual(flat.boxes.map((place) => ({ ...place })));
  });

  test("begin where a single tensor goes on: no block is torn apart between its branches", () => {
    const modules = layOut(plainView(inception()));
    const { boxes } = drawNetwork(modules, SCREEN);
    const topOf = (id: string): number => boxes.find(({ box }) => box.id === `operation:${id}`)!.y;
    const rowOf = new Set<number>();
    for (let i = 0; i < 11; i++) {
      const parts = ["a", "b1", "b2", "c1", "c2", "c3", "d"].map((part) => topOf(`m${i}.${part}.conv`));
      // Four branches above one another, none in another row.
      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThan(300);
      rowOf.add(Math.round(Math.min(...parts)));
    }
    expect(rowOf.size).toBeGreaterThan(1);
  });
});

test("three hundred nodes are laid out in seconds", () => {
  const view = quantizedView(inception(), quantizeGraph(inception(), DEFAULT_CONFIG).vertices);
  expect(view.boxes.length).toBeGreaterThan(300);
  expect(cpuMs(() => drawNetwork(layOut(view), PANEL))).toBeLessThan(5000);
});
