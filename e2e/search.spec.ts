import { expect, test } from "playwright/test";
import { parsePolicy } from "../src/core/policy";
import { meanBits } from "../src/core/search";
import { mnistLikeFiles } from "./mnist-like";
import { button, drop, exported, openStudio, openTab, QUICK, rowsOf, start, untilFinished } from "./studio";

test("a search from Start to the exported, retrained policy, on WASM", async ({ page }) => {
  const errors = await openStudio(page);
  await expect(page.getByRole("button", { name: /^Backend: WASM/ })).toBeVisible();
  await start(page);
  await untilFinished(page);
  const parsed = parsePolicy(await exported(page, "policy"));
  if (!parsed.ok) throw new Error(parsed.message);
  const { layers, totals, method } = parsed.policy;
  expect(method.id).toBe("edmips");
  expect(layers).toHaveLength(10);
  const searched = layers.filter((layer) => layer.searched);
  expect(searched).toHaveLength(8);
  for (const layer of searched) {
    expect([1, 2, 3, 4]).toContain(layer.weight.bits);
    expect([2, 3, 4]).toContain(layer.activation.bits);
    expect(layer.weight.probabilities!.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(layer.weight.scale[0]).toBeGreaterThan(0);
  }
  const bitOps = searched.reduce(
    (sum, layer) => sum + layer.macs * meanBits(layer.weight.bits) * meanBits(layer.activation.bits),
    0,
  );
  expect(totals.bitOps).toBe(bitOps);
  expect(totals.accuracy).toMatchObject({ kind: "retrained", metric: "top1" });
  await openTab(page, "Results");
  await expect(page.getByRole("rowheader", { name: "Retrain" })).toBeVisible();
  expect(errors).toEqual([]);
});

test("the history CSV has every stage, and probabilities that move", async ({ page }) => {
  await openStudio(page);
  await start(page);
  await untilFinished(page);
  const rows = rowsOf(await exported(page, "history"));
  expect(new Set(rows.map((row) => row["stage"]))).toEqual(new Set(["Search", "Retrain"]));
  const search = rows.filter((row) => row["stage"] === "Search");
  const column = Object.keys(search[0]!).find((name) => /layer1\.0\.conv1:w:1b/.test(name))!;
  const values = search.map((row) => Number(row[column]));
  expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.005);
});

test("raising lambda tenfold during a run lowers the expected BitOps", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "8", lambda: "0.01", lra: "0.05", retrain: "0" });
  const knob = page.getByLabel("Lambda as a number");
  await start(page);
  await expect(page.getByRole("progressbar", { name: "Progress of the stage" })).not.toHaveJSProperty("value", 0);
  await button(page, "Pause").click();
  await knob.fill("0.1");
  await knob.press("Enter");
  await button(page, "Resume").click();
  await untilFinished(page);
  const rows = rowsOf(await exported(page, "history")).filter((row) => row["stage"] === "Search");
  const cost = Object.keys(rows[0]!).find((name) => /bitops/i.test(name))!;
  const before = rows.filter((row) => row["lambda"] === "0.01").map((row) => Number(row[cost]));
  const after = rows.filter((row) => row["lambda"] === "0.1").map((row) => Number(row[cost]));
  expect(before.length).toBeGreaterThan(0);
  expect(after.at(-1)!).toBeLessThan(0.9 * before.at(-1)!);
});

test("pause holds the run, step takes one step, resume goes on, stop ends it", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "50", retrain: "0" });
  await start(page);
  const progress = page.getByRole("progressbar", { name: "Progress of the stage" });
  const steps = (): Promise<number> => progress.evaluate((bar: HTMLProgressElement) => bar.value);
  await expect.poll(steps).toBeGreaterThan(0);
  await button(page, "Pause").click();
  await expect(page.getByText("Search, paused")).toBeVisible();
  // The step under way ends after the press; from then on each press is one step.
  await button(page, "Step").click();
  await expect(page.getByText("Search, paused")).toBeVisible();
  const counted = async (): Promise<number> => {
    let last = -1;
    await expect
      .poll(
        async () => {
          const before = last;
          last = await steps();
          return last === before;
        },
        // The page shows what happened five times a second; a step may still be on its way to it.
        { intervals: [1000] },
      )
      .toBe(true);
    return last;
  };
  const paused = await counted();
  await button(page, "Step").click();
  await expect.poll(steps).toBe(paused + 1);
  await button(page, "Step").click();
  await expect.poll(steps).toBe(paused + 2);
  await button(page, "Resume").click();
  await expect.poll(steps).toBeGreaterThan(paused + 5);
  await button(page, "Stop").click();
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  await expect(button(page, "Start")).toBeEnabled();
});

test("the same seed gives the same policy and accuracy, another seed another run", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "1" });
  const run = async (how: "Start" | "Restart" | "New seed"): Promise<string> => {
    await button(page, how).click();
    await expect(button(page, "Pause")).toBeVisible();
    await untilFinished(page);
    return exported(page, "policy");
  };
  const first = await run("Start");
  expect(await run("Restart")).toBe(first);
  const other = await run("New seed");
  expect(other).not.toBe(first);
  expect(page.url()).toContain("seed=");
});

test("deriving during a search ends it and gives a policy", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "50", retrain: "0" });
  await start(page);
  await expect(page.getByRole("progressbar", { name: "Progress of the stage" })).not.toHaveJSProperty("value", 0);
  await button(page, "Derive").click();
  await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/^Derived: W/)).toBeVisible();
  await button(page, "Retrain").click();
  await expect(button(page, "Pause")).toBeVisible();
  await button(page, "Stop").click();
  await untilFinished(page);
});

test("a search runs on WebGPU to its policy", async ({ page }) => {
  test.slow();
  const errors = await openStudio(page, {
    backend: "webgpu",
    width: "2",
    epochs: "1",
    batch: "64",
    baselines: "0",
    retrain: "0",
  });
  await expect(page.getByRole("button", { name: /^Backend: WebGPU/ })).toBeVisible();
  // Software WebGPU is slow: a few small images.
  await drop(page, mnistLikeFiles());
  await expect(page.getByText(/12×12×1/)).toBeVisible();
  await expect(button(page, "Start")).toBeEnabled();
  await start(page);
  await untilFinished(page);
  const parsed = parsePolicy(await exported(page, "policy"));
  expect(parsed.ok).toBe(true);
  expect(errors).toEqual([]);
});
