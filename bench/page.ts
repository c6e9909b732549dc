/**
 * What a person waits for on the built page, in real Chromium: load, first snapshot, long tasks while running, the whole default run,
 * memory over a long search, bytes loaded.
 *
 *     npm run bench:page [-- --json] [-- --only load,run,memory]
 */
import { chromium, type Page } from "playwright";
import { preview } from "vite";
import { findBrowser } from "../.ci/browser.mjs";
import { parseArguments } from "../src/cli/arguments";
import { table } from "../src/cli/table";

const { flags } = parseArguments(process.argv.slice(2), ["json"]);
const only = flags.get("only")?.split(",") ?? ["load", "run", "memory"];
const executablePath = findBrowser();

const server = await preview({ preview: { port: 4190 }, logLevel: "error" });
const address = server.resolvedUrls?.local[0] ?? "";
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: ["--no-sandbox", "--disable-background-networking"],
});

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}
const figures: Figure[] = [];
const report = (what: string, value: number, unit: string): void => {
  figures.push({ what, value, unit });
};

/** Observes tasks over 50 ms from the start of the document. */
const OBSERVE = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => { for (const { startTime, duration } of list.getEntries()) globalThis.longTasks.push([startTime, duration]); })
    .observe({ type: "longtask", buffered: true });
`;

async function open(settings: string): Promise<{ page: Page; since: () => number; bytes: () => number }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.addInitScript(OBSERVE);
  let bytes = 0;
  page.on("response", (response) => {
    if (!/\.(js|wasm|css)$/.test(new URL(response.url()).pathname)) return;
    void response.body().then(
      (body) => {
        bytes += body.byteLength;
      },
      () => undefined,
    );
  });
  const started = performance.now();
  await page.goto(`${address}?${settings}`);
  return { page, since: () => performance.now() - started, bytes: () => bytes };
}

const start = (page: Page): Promise<void> => page.getByRole("button", { name: "Start", exact: true }).click();
const started = (page: Page): Promise<void> => page.getByRole("button", { name: "Start", exact: true }).waitFor();

const longTasks = (page: Page, from: number): Promise<readonly number[]> =>
  page.evaluate(
    (since) =>
      (globalThis as unknown as { longTasks: [number, number][] }).longTasks
        .filter(([at]) => at >= since)
        .map(([, duration]) => duration),
    from,
  );
const now = (page: Page): Promise<number> => page.evaluate(() => performance.now());

if (only.includes("load")) {
  const times: { readonly usable: number; readonly ready: number; readonly first: number }[] = [];
  for (let i = 0; i < 5; i++) {
    const { page, since, bytes } = await open("backend=wasm");
    await started(page);
    const usable = since();
    await page.waitForFunction(() =>
      [...document.querySelectorAll("button")].some((b) => b.textContent === "Start" && !b.disabled),
    );
    const ready = since();
    await start(page);
    const pressed = since();
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0);
    times.push({ usable, ready, first: since() - pressed });
    if (i === 0) report("script, style and WASM before the first step, uncompressed", bytes() / 1000, "kB");
    await page.close();
  }
  const median = (of: (time: (typeof times)[number]) => number): number => times.map(of).sort((a, b) => a - b)[2] ?? NaN;
  report("load until the page shows its controls (median of 5)", median((t) => t.usable) / 1000, "s");
  report("load until Start can be pressed (median of 5)", median((t) => t.ready) / 1000, "s");
  report("Start until the first snapshot is shown (median of 5)", median((t) => t.first) / 1000, "s");
}

if (only.includes("run")) {
  const { page, since } = await open("backend=wasm");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("button")].some((b) => b.textContent === "Start" && !b.disabled),
  );
  const from = await now(page);
  const pressed = since();
  await start(page);
  await page.getByText("Finished", { exact: true }).waitFor({ timeout: 900_000 });
  report("default run: search, derive, retrain, four baselines", (since() - pressed) / 1000, "s");
  const tasks = await longTasks(page, from);
  report("main-thread tasks over 50 ms during it", tasks.length, "");
  report("longest main-thread task during it", Math.max(0, ...tasks), "ms");
  await page.close();
}

if (only.includes("memory")) {
  const { page } = await open("backend=wasm&width=4&epochs=40&retrain=0&baselines=0");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("button")].some((b) => b.textContent === "Start" && !b.disabled),
  );
  await start(page);
  const session = await page.context().newCDPSession(page);
  // The page's own heap; tensors and the engine's memory are measured by bench:memory.
  const memoryAt = async (step: number): Promise<number> => {
    await page.waitForFunction((wanted) => (document.querySelector("progress")?.value ?? 0) >= wanted, step, {
      timeout: 120_000,
    });
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = (await session.send("Runtime.getHeapUsage")) as { readonly usedSize: number };
    return usedSize / 1e6;
  };
  const [early, late] = [await memoryAt(200), await memoryAt(2200)];
  report("heap of the page after 200 steps", early, "MB");
  report("heap of the page after 2200 steps", late, "MB");
  await page.close();
}

await browser.close();
await server.close();
if (flags.has("json")) console.log(JSON.stringify(figures, null, 2));
else
  console.log(
    table(
      ["measured on this machine", "value", ""],
      figures.map(({ what, value, unit }) => [what, value.toPrecision(3), unit]),
    ),
  );
process.exit(0);
