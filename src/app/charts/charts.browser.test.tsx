import { Profiler, type ReactElement } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../core/config";
import { costTotals } from "../../core/cost";
import { emptyHistory, recordEvent } from "../../core/history";
import type { MeterSpec, MethodInfo } from "../../core/catalog";
import type { SearchSpace } from "../../core/search";
import { useRun } from "../store/run";
import { useSelection } from "../store/selection";
import { useSettings } from "../store/settings";
import { BitsByLayer } from "./cost/BitsByLayer";
import { CostGauge } from "./cost/CostGauge";
import { TradeOff } from "./cost/TradeOff";
import { svgOf } from "./frame/export-picture";
import { ChosenLayer } from "./layer/ChosenLayer";
import { Loom } from "./loom/Loom";
import { AccuracyChart } from "./progress/AccuracyChart";
import { MeterChart } from "./meters/MeterChart";
import { meterGroups } from "./meters/meter-series";
import { LossChart } from "./progress/LossChart";
import { testDescribed, testSpace } from "../testing";
import "../styles/tokens.css";
import "../styles/base.css";

const data = {
  kind: "images" as const,
  id: "glyphs",
  name: "Glyphs",
  classes: ["0", "1"],
  height: 16,
  width: 16,
  channels: 1,
  resizing: null,
  classCounts: { train: [4, 4], test: [4, 4] },
  trainCount: 8,
  testCount: 8,
};
const space = testSpace();
const described = testDescribed(space);

/** The same space with a width for each output channel of the weights. */
const kernelWise: SearchSpace = {
  ...space,
  sites: space.sites.map((site) => (site.role === "weight" ? { ...site, kernels: site.layer.output.at(-1)! } : site)),
};

const METERS: readonly MeterSpec[] = [
  { id: "cost", label: "cost", unit: "kB", help: "", per: "network", scale: "linear", group: "budget" },
  { id: "clip", label: "clip", unit: "", help: "", per: "layer", scale: "linear", group: "clip" },
];

const REAL_WIDTHS: MethodInfo = {
  id: DEFAULT_CONFIG.method,
  label: "Real",
  summary: "",
  knobs: [],
  options: [],
  sampling: false,
  defaults: {},
  continuation: null,
};

/** A search of `steps` steps whose first site goes to its first candidate; its kernels have 0, 1, 2, 3, 0, ... bits. */
function searched(steps: number) {
  const history = emptyHistory();
  recordEvent(history, { type: "stage", stage: { kind: "search", label: "Search", steps: 100, epochs: 2, meters: METERS } });
  for (let step = 1; step <= steps; step++) {
    const probabilities = space.sites.flatMap(({ candidates }, site) =>
      candidates.map((_, k) =>
        site === 0 ? (k === 0 ? step / 100 : (1 - step / 100) / (candidates.length - 1)) : 1 / candidates.length,
      ),
    );
    let at = 0;
    const bits = space.sites.map(({ candidates }) =>
      candidates.reduce((sum, candidate) => sum + candidate.bits * probabilities[at++]!, 0),
    );
    const totals = costTotals(
      space.searched,
      space.searched.map((_, i) => ({ weight: bits[2 * i]!, activation: bits[2 * i + 1]! })),
    );
    const values = { probabilities: Float32Array.from(probabilities), bits: Float32Array.from(bits) };
    const kernels = Float32Array.from(kernelWise.sites.flatMap((site) => Array.from({ length: site.kernels }, (_, k) => k % 4)));
    const meters = [Float32Array.of(100 - step), Float32Array.from(space.searched, (_, i) => i + step / 100)];
    const relaxed = { ...values, totals, kernels, meters };
    const rest = { epoch: step / 50, taskLoss: 1, penalty: 0.5, accuracy: 0.5, rate: 0.1, speed: 1, secondsLeft: 1 };
    const knobs = { ...DEFAULT_KNOBS, lambda: step > 60 ? 1e-3 : 5e-4 };
    recordEvent(history, { type: "snapshot", snapshot: { step, knobs, relaxed, ...rest } });
  }
  return history;
}

let root: Root;
let host: HTMLElement;
let commits = 0;

beforeEach(() => {
  host = document.createElement("div");
  Object.assign(host.style, { display: "grid", gridAutoRows: "300px", width: "800px" });
  document.body.append(host);
  root = createRoot(host);
  useSettings.setState({ config: DEFAULT_CONFIG });
  useRun.setState({ data, ran: { config: DEFAULT_CONFIG, data, network: null, described }, history: searched(80), version: 1 });
  useSelection.setState({ layer: space.searched[0]!.name, hoverTime: null });
});

afterEach(() => {
  root.unmount();
  host.remove();
});

const LAYERS = space.searched.map(({ name }) => name);

const ALL = (
  <>
    <Loom />
    <ChosenLayer view={null} />
    <CostGauge />
    <LossChart />
    <AccuracyChart />
    <TradeOff />
    <BitsByLayer />
    {meterGroups(METERS).map((group) => (
      <MeterChart key={group.id} group={group} layers={LAYERS} />
    ))}
  </>
);

async function show(element: ReactElement): Promise<void> {
  root.render(
    <Profiler id="charts" onRender={() => void commits++}>
      {element}
    </Profiler>,
  );
  // Charts over time come in pieces, after their places: until nothing comes any more.
  do {
    commits = 0;
    await frames();
  } while (commits > 0 || host.querySelector(".time-plot:not(:has(svg))"));
}

/** Two frames: one for React, one for the observers of sizes. */
async function frames(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame);
}

describe("rendering", () => {
  it("draws no chart when lambda is dragged", async () => {
    await show(ALL);
    for (let i = 1; i <= 20; i++) {
      useSettings.getState().setKnobs({ lambda: 1e-4 * i });
      await frames();
    }
    expect(commits).toBe(0);
  });

  it("draws when the run's version changes", async () => {
    await show(ALL);
    useRun.setState({ version: 2 });
    await frames();
    expect(commits).toBeGreaterThan(0);
  });

  it("draws no chart over time when a run begins, and shows none of the one before", async () => {
    await show(<LossChart />);
    const figure = host.querySelector("figure")!;
    const chart = host.querySelector(".recharts-surface")!;
    const line = (): SVGPathElement => chart.querySelector(".recharts-line-curve")!;
    const drawn = line();
    const path = drawn.getAttribute("d")!;
    expect(svgOf(figure)).toContain(path);
    useRun.setState({ history: emptyHistory(), version: 2 });
    await frames();
    expect(line()).toBe(drawn);
    expect(getComputedStyle(drawn).visibility).toBe("hidden");
    const picture = svgOf(figure);
    expect(picture).not.toContain(path);
    expect(picture).toContain("both parts of the loss");
    useRun.setState({ history: searched(20), version: 3 });
    await frames();
    expect(host.querySelector(".recharts-surface")).toBe(chart);
    expect(line().getAttribute("d")).not.toBe(path);
    expect(getComputedStyle(line()).visibility).toBe("visible");
  });
});

describe("the loom", () => {
  const list = (): HTMLElement => host.querySelector<HTMLElement>("[role=listbox]")!;

  it("says every layer's bits and share in words", async () => {
    await show(<Loom />);
    const names = [...list().querySelectorAll("[role=option]")].map((option) => option.getAttribute("aria-label"));
    expect(names).toHaveLength(space.searched.length);
    expect(names[0]).toMatch(/^layer1\.0\.conv1, weights 1\.40 bits, activations 3\.00 bits, [\d.]+\u00a0% of BitOps$/);
  });

  it("moves the selection and the time cursor with the arrow keys", async () => {
    await show(<Loom />);
    const press = (key: string): boolean =>
      list().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    press("ArrowDown");
    await frames();
    expect(useSelection.getState().layer).toBe(space.searched[1]!.name);
    press("ArrowLeft");
    expect(useSelection.getState().hoverTime).toBeCloseTo(99);
  });

  it("paints the cells in the colours of their bits", async () => {
    await show(<Loom />);
    const canvas = host.querySelector("canvas")!;
    const pixels = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set<string>();
    for (let i = 0; i < pixels.length; i += 4) colours.add(pixels.slice(i, i + 3).join(","));
    // Activations hold 3 bits all the time.
    const three = getComputedStyle(document.documentElement).getPropertyValue("--bit-3").trim();
    expect(colours).toContain([1, 3, 5].map((at) => parseInt(three.slice(at, at + 2), 16)).join(","));
  });
});

it("shows exact values under the time cursor", async () => {
  await show(<ChosenLayer view={null} />);
  const values = (): string => host.querySelector("[aria-label=Weights] dl")!.textContent;
  expect(values()).toContain("0.800");
  useSelection.setState({ hoverTime: 25.5 });
  await frames();
  expect(values()).toContain("0.250");
});

describe("a search of real-valued widths", () => {
  beforeEach(() => useRun.setState({ catalog: { methods: [REAL_WIDTHS], schemes: [] } }));
  afterEach(() => useRun.setState({ catalog: null }));
  const legend = (role: string): string => host.querySelector(`[aria-label=${role}] .candidate-legend`)!.textContent;

  it("shows a width instead of probabilities, under the time cursor too", async () => {
    await show(<ChosenLayer view={null} />);
    expect(legend("Weights")).toMatch(/width 1\.40$/);
    useSelection.setState({ hoverTime: 25.5 });
    await frames();
    expect(legend("Weights")).toMatch(/width 2\.50$/);
    expect(host.querySelector("[aria-label=Weights] dl")).toBeNull();
  });

  it("counts kernels by their width, and those that are pruned", async () => {
    useRun.setState({ ran: { config: DEFAULT_CONFIG, data, network: null, described: testDescribed(kernelWise) } });
    await show(<ChosenLayer view={null} />);
    const kernels = space.searched[0]!.output.at(-1)!;
    expect(legend("Weights")).toMatch(/0\u20133 bitsmean 1\.40$/);
    const picture = host.querySelector("[aria-label=Weights] [role=img]")!.getAttribute("aria-label");
    expect(picture).toBe(
      `Of ${kernels} kernels: ${kernels / 4} pruned, ${[1, 2, 3].map((b) => `${kernels / 4} with ${b} bits`).join(", ")}`,
    );
    expect(host.querySelector(".kernel-readout")!.textContent).toBe(`${kernels} kernels, ${kernels / 4} pruned`);
    expect(legend("Activations")).toMatch(/width 3\.00$/);
  });
});

it("reads a meter under the time cursor, of the network and of the chosen layer", async () => {
  const [budget, clip] = meterGroups(METERS);
  await show(
    <>
      <MeterChart group={budget!} layers={LAYERS} />
      <MeterChart group={clip!} layers={LAYERS} />
    </>,
  );
  const readouts = (): readonly string[] => [...host.querySelectorAll(".readout")].map((element) => element.textContent.trim());
  expect(readouts()).toEqual(["cost 20 kB", `${LAYERS[0]} clip 0.8`]);
  useSelection.setState({ hoverTime: 25.5, layer: LAYERS[2]! });
  await frames();
  expect(readouts()).toEqual(["cost 75 kB", `${LAYERS[2]} clip 2.25`]);
});

it("exports every chart with its colours resolved", async () => {
  await show(ALL);
  for (const figure of host.querySelectorAll<HTMLElement>("figure")) {
    const text = svgOf(figure);
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(text).not.toMatch(/var\(|color-mix|NaN/);
    expect(parsed.documentElement.textContent).toContain(figure.getAttribute("aria-label"));
  }
});

it.each(["light", "dark"])("exports on the background of the %s theme", async (theme) => {
  document.documentElement.dataset["theme"] = theme;
  await show(<LossChart />);
  const background = /<rect width="100%" height="100%" fill="rgb\((\d+),/.exec(svgOf(host.querySelector("figure")!))![1];
  expect(Number(background)).toBe(theme === "light" ? 255 : 0x17);
  delete document.documentElement.dataset["theme"];
});
