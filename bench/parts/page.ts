/** What a person waits for on the built page in Chromium, and how smooth it stays: load, bytes, first snapshot, the default run. */
import type { Browser, Page } from "playwright";
import { launchChromium } from "../chromium";
import { joined, single, spreadOf, type Figure, type Report } from "../figures";
import { gzipBytes, servePage, type Request, type ServedPage } from "../served-page";

const LOADS = 5;
const USABLE_KB = 300;
const RUN_SECONDS = 60;
const LONGEST_TASK_MS = 100;
/** A busy machine is slow, not broken. */
const PATIENCE_MS = 900_000;
const WHERE = "page, WASM";
/** A laptop, and a projector, where the layer table is in sight too. */
const LAPTOP = { width: 1280, height: 720 } as const;
const PROJECTOR = { width: 1920, height: 1080 } as const;

type View = typeof LAPTOP | typeof PROJECTOR;

/** From the start of the document: tasks over 50 ms, and the time of every frame. */
const OBSERVE = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => { for (const { startTime, duration } of list.getEntries()) globalThis.longTasks.push([startTime, duration]); })
    .observe({ type: "longtask", buffered: true });
  globalThis.frames = [];
  const frame = (time) => { globalThis.frames.push(time); requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
`;

interface Observed {
  readonly longTasks: readonly (readonly [at: number, duration: number])[];
  readonly frames: readonly number[];
}

export async function measurePage(say: (text: string) => void): Promise<Report> {
  const served = await servePage();
  const browser = await launchChromium();
  try {
    say("load of the page");
    const load = await measureLoads(browser, served);
    say("default run of the page");
    const runs = [await measureRun(browser, served, LAPTOP), await measureRun(browser, served, PROJECTOR)];
    say("heap of the page over a long search");
    const heap = await measureHeap(browser, served);
    return joined([load, ...runs, heap]);
  } finally {
    await browser.close();
    await served.close();
  }
}

/** A fresh profile for each page: nothing is cached. */
async function open(
  browser: Browser,
  { address }: ServedPage,
  settings: string,
  viewport: View = LAPTOP,
): Promise<{ page: Page; since: () => number }> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(OBSERVE);
  const started = performance.now();
  await page.goto(`${address}?${settings}`);
  return { page, since: () => performance.now() - started };
}

const startButton = (page: Page) => page.getByRole("button", { name: "Start", exact: true });

const untilReady = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => [...document.querySelectorAll("button")].some((b) => b.textContent === "Start" && !b.disabled));

async function measureLoads(browser: Browser, served: ServedPage): Promise<Report> {
  const times: { readonly usable: number; readonly ready: number; readonly first: number }[] = [];
  let [untilUsable, untilFirst]: readonly (readonly Request[])[] = [];
  for (let i = 0; i < LOADS; i++) {
    served.requests.length = 0;
    const { page, since } = await open(browser, served, "backend=wasm");
    await startButton(page).waitFor();
    const usable = since();
    await untilReady(page);
    const ready = since();
    untilUsable = [...served.requests];
    await startButton(page).click();
    const pressed = since();
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0);
    times.push({ usable, ready, first: since() - pressed });
    untilFirst = [...served.requests];
    await page.close();
  }
  const seconds = (what: string, of: (time: (typeof times)[number]) => number): Figure => ({
    where: WHERE,
    what,
    value: spreadOf(times.map((time) => of(time) / 1000)),
    unit: "s",
    note: "",
  });
  const { figures, targets } = bytesOf(untilUsable ?? [], untilFirst ?? []);
  return {
    figures: [
      seconds("load until the controls show", ({ usable }) => usable),
      seconds("load until Start can be pressed", ({ ready }) => ready),
      seconds("Start until the first snapshot shows", ({ first }) => first),
      ...figures,
    ],
    targets,
    notes: [],
  };
}

function bytesOf(untilUsable: readonly Request[], untilFirst: readonly Request[]): Report {
  const kB = (requests: readonly Request[], by: Request["by"], kind: RegExp): number =>
    requests.filter(({ path, by: who }) => who === by && kind.test(path)).reduce((sum, { path }) => sum + gzipBytes(path), 0) /
    1000;
  const figure = (what: string, value: number): Figure => ({
    where: WHERE,
    what,
    value: single(value),
    unit: "kB gzip",
    note: "",
  });
  const usable = kB(untilUsable, "page", /\.js$/);
  return {
    figures: [
      figure("JavaScript of the page before it is usable", usable),
      figure("JavaScript of workers asked for by then, in parallel", kB(untilUsable, "worker", /\.js$/)),
      figure("JavaScript of the page before the first step", kB(untilFirst, "page", /\.js$/)),
      figure("JavaScript of workers before the first step", kB(untilFirst, "worker", /\.js$/)),
      figure("WASM before the first step", kB(untilFirst, "worker", /\.wasm$/)),
      figure("style sheets and fonts before the first step", kB(untilFirst, "page", /\.(css|woff2)$/)),
    ],
    targets: [{ what: "page: kB gzip of JavaScript before it is usable", limit: USABLE_KB, kind: "at most", measured: usable }],
    notes: [],
  };
}

async function measureRun(browser: Browser, served: ServedPage, view: View): Promise<Report> {
  const { page, since } = await open(browser, served, "backend=wasm", view);
  const where = `${WHERE}, ${view.width} x ${view.height}`;
  await untilReady(page);
  const from = await page.evaluate(() => performance.now());
  const pressed = since();
  await startButton(page).click();
  await page.getByText("Finished", { exact: true }).waitFor();
  const seconds = (since() - pressed) / 1000;
  const { longTasks, frames } = await page.evaluate(() => {
    const { longTasks, frames } = globalThis as unknown as Observed;
    return { longTasks, frames };
  });
  await page.close();
  const tasks = longTasks.filter(([at]) => at >= from).map(([, duration]) => duration);
  const during = frames.filter((at) => at >= from);
  const gaps = during.slice(1).map((at, i) => at - (during[i] as number));
  const figure = (what: string, value: number, unit: string): Figure => ({
    where,
    what,
    value: single(value),
    unit,
    note: "",
  });
  const longest = Math.max(0, ...tasks);
  const ranked = [...gaps].sort((a, b) => a - b);
  return {
    figures: [
      figure("default run: search, derive, retrain, baselines", seconds, "s"),
      figure("main-thread tasks over 50 ms during it", tasks.length, "tasks"),
      figure("longest of them", longest, "ms"),
      { where, what: "time between frames during it", value: spreadOf(gaps), unit: "ms", note: "" },
      figure("99 % of frames within", ranked[Math.floor(0.99 * ranked.length)] ?? NaN, "ms"),
      figure("longest time between frames", ranked.at(-1) ?? NaN, "ms"),
    ],
    targets: [
      { what: `${where}: seconds of the default run`, limit: RUN_SECONDS, kind: "at most", measured: seconds },
      { what: `${where}: ms of the longest main-thread task`, limit: LONGEST_TASK_MS, kind: "at most", measured: longest },
    ],
    notes: [],
  };
}

/** The page's own heap, before and after the history has all the points it keeps; tensors and the engine's memory are the part "memory". */
async function measureHeap(browser: Browser, served: ServedPage): Promise<Report> {
  const { page } = await open(browser, served, "backend=wasm&width=4&epochs=120&retrain=0&baselines=0");
  await untilReady(page);
  await startButton(page).click();
  const session = await page.context().newCDPSession(page);
  const figures: Figure[] = [];
  for (const step of [200, 5200, 7200]) {
    await page.waitForFunction((wanted) => (document.querySelector("progress")?.value ?? 0) >= wanted, step, {
      timeout: PATIENCE_MS,
    });
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = (await session.send("Runtime.getHeapUsage")) as { readonly usedSize: number };
    figures.push({
      where: WHERE,
      what: `heap of the page after ${step} steps`,
      value: single(usedSize / 1e6),
      unit: "MB",
      note: "",
    });
  }
  await page.close();
  return { figures, targets: [], notes: [] };
}
