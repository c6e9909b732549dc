import { Profiler } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../../core/config";
import { costTotals } from "../../../core/cost";
import { emptyHistory, recordEvent, type History } from "../../../core/history";
import { useNetworkView } from "../../store/network";
import { useRun } from "../../store/run";
import { useSelection } from "../../store/selection";
import { testDescribed, testSpace } from "../../testing";
import { NetworkChart } from "./NetworkChart";
import "../../styles/tokens.css";
import "../../styles/base.css";

const space = testSpace();
const described = testDescribed(space);
const data = {
  ...{ kind: "images" as const, id: "glyphs", name: "Glyphs", classes: ["0", "1"] },
  ...{ height: 16, width: 16, channels: 1, trainCount: 8, testCount: 8, classCounts: { train: [8], test: [8] }, resizing: null },
};

/** Adds a snapshot in which all weights have these bits and all activations 3. */
function snapshot(history: History, step: number, weight: number): void {
  const bits = Float32Array.from(space.sites, ({ role }) => (role === "weight" ? weight : 3));
  const probabilities = Float32Array.from(space.sites.flatMap(({ candidates }) => candidates.map(() => 1 / candidates.length)));
  const totals = costTotals(
    space.searched,
    space.searched.map(() => ({ weight, activation: 3 })),
  );
  const rest = { epoch: 0, taskLoss: 1, penalty: 0, accuracy: 0, rate: 0.1, speed: 1, secondsLeft: 1 };
  const relaxed = { probabilities, bits, totals, kernels: null, meters: [] };
  recordEvent(history, { type: "snapshot", snapshot: { step, knobs: DEFAULT_KNOBS, relaxed, ...rest } });
}

let root: Root;
let host: HTMLElement;
let history: History;
let commits = 0;

beforeEach(async () => {
  host = document.createElement("div");
  Object.assign(host.style, { display: "grid", gridAutoRows: "400px", width: "1000px" });
  document.body.append(host);
  root = createRoot(host);
  history = emptyHistory();
  recordEvent(history, { type: "stage", stage: { kind: "search", label: "Search", steps: 9, epochs: 1, meters: [] } });
  snapshot(history, 1, 2);
  useRun.setState({ data, ran: { config: DEFAULT_CONFIG, data, network: null, described }, history, version: 1 });
  useSelection.setState({ layer: space.searched[0]!.name });
  useNetworkView.setState({ view: "plain" });
  root.render(
    <Profiler id="network" onRender={() => void commits++}>
      <NetworkChart />
    </Profiler>,
  );
  await expect.poll(() => box("operation:layer1.0.conv1"), { timeout: 20_000 }).not.toBeNull();
});

afterEach(() => {
  root.unmount();
  host.remove();
});

const box = (id: string): HTMLElement | null => host.querySelector(`[data-id="${id}"]`);
const boxes = (): readonly string[] => [...host.querySelectorAll<HTMLElement>("[data-id]")].map((node) => node.dataset["id"]!);

it("draws every operation, and a layer's bits inside it", () => {
  expect(boxes()).toContain("operation:layer3.0.add");
  expect(box("operation:layer1.0.conv1")!.textContent).toContain("2.003.00layer1.0.conv1");
  expect(box("operation:stem")!.textContent).toContain("floatfloat");
  expect(boxes().some((id) => id.startsWith("quantizer:"))).toBe(false);
});

it("draws a quantizing vertex for each site in the quantized view, and takes the bits out of the layers", async () => {
  useNetworkView.setState({ view: "quantized" });
  await expect
    .poll(() => box("quantizer:layer1.0.conv1/weight")?.textContent, { timeout: 20_000 })
    .toBe("Quantizer of the weights of layer1.0.conv12.00");
  expect(box("quantizer:layer1.0.conv1/activation")!.textContent).toBe("Quantizer of the input of layer1.0.conv13.00");
  expect(boxes().filter((id) => id.startsWith("quantizer:"))).toHaveLength(space.sites.length);
  expect(box("operation:layer1.0.conv1")!.querySelector(".network-bits")).toBeNull();
});

describe("a press", () => {
  it("selects the layer, by mouse and by keyboard", async () => {
    box("operation:layer2.0.conv1")!.click();
    expect(useSelection.getState().layer).toBe("layer2.0.conv1");
    const other = box("operation:layer2.0.conv2")!;
    other.focus();
    other.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    expect(useSelection.getState().layer).toBe("layer2.0.conv2");
    await expect.poll(() => box("operation:layer2.0.conv2")!.getAttribute("aria-pressed")).toBe("true");
    expect(box("operation:layer2.0.conv1")!.getAttribute("aria-pressed")).toBe("false");
  });

  it("reads exact values of the box that has the focus", async () => {
    box("operation:layer2.0.conv1")!.focus();
    const layer = space.layers.find(({ name }) => name === "layer2.0.conv1")!;
    await expect.poll(() => host.querySelector(".network-graph > .readout")?.textContent ?? "").toContain("w 2.00 bits");
    const words = host.querySelector(".network-graph > .readout")!.textContent;
    expect(words).toContain(`${(layer.macs / 1000).toFixed(1)}\u00a0k`);
    expect(words).toMatch(/[\d.]+\u00a0% of BitOps/);
  });
});

it("moves only the colours when the search moves on: no box is drawn or placed anew", async () => {
  const before = box("operation:layer1.0.conv1")!;
  const [place, drawing] = [before.style.transform, before.querySelector("svg")];
  const added: Node[] = [];
  const observer = new MutationObserver((records) => records.forEach(({ addedNodes }) => added.push(...addedNodes)));
  observer.observe(host, { childList: true, subtree: true });
  commits = 0;
  snapshot(history, 2, 1.5);
  useRun.setState({ version: 2 });
  await expect.poll(() => before.textContent).toContain("1.50");
  observer.disconnect();
  expect(commits).toBe(1);
  expect(added.filter((node) => node instanceof Element)).toEqual([]);
  expect(box("operation:layer1.0.conv1")).toBe(before);
  expect([before.style.transform, before.querySelector("svg")]).toEqual([place, drawing]);
  expect(getComputedStyle(before.querySelector(".network-patch")!).fill).not.toBe("none");
});
