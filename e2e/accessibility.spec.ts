import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test, type Page } from "playwright/test";
import { button, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const results = await page.evaluate(() => (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run());
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`),
  );
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing before, during and after a run (${colorScheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openStudio(page, { ...QUICK, epochs: "20", retrain: "0" });
    expect(await violations(page)).toEqual([]);
    await start(page);
    await expect(page.getByRole("progressbar", { name: "Progress of the stage" })).not.toHaveJSProperty("value", 0);
    await button(page, "Pause").click();
    expect(await violations(page)).toEqual([]);
    await button(page, "Derive").click();
    await untilFinished(page);
    await openTab(page, "Network");
    for (const view of ["Network", "Quantized (QAG)"]) {
      await page.getByRole("radio", { name: view }).click();
      await expect(page.getByRole("button", { name: /layer1\.0\.conv1/ }).first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
    }
    for (const tab of ["Layers", "Samples", "Results", "Quantizer lab", "Log"]) {
      await openTab(page, tab);
      expect(await violations(page)).toEqual([]);
    }
    await page.getByText("Advanced", { exact: true }).click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await button(page, "Keyboard shortcuts").click();
    expect(await violations(page)).toEqual([]);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in a search of kernels to a budget (${colorScheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const settings = { ...QUICK, width: "4", epochs: "2", retrain: "0", method: "fracbits", "opt.kernels": "kernel" };
    await openStudio(page, { ...settings, wbits: "0,1,2,3,4", abits: "2,3,4" });
    await page.getByLabel("Target as a number").fill("7");
    await page.getByLabel("Target as a number").press("Enter");
    await expect(page.getByText(/cannot be met/)).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel("Target as a number").fill("1.2");
    await page.getByLabel("Target as a number").press("Enter");
    await start(page);
    await untilFinished(page);
    await openTab(page, "Budget");
    await expect(page.getByRole("figure", { name: "Clip" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await openTab(page, "Layers");
    await page.getByText("Advanced", { exact: true }).click();
    expect(await violations(page)).toEqual([]);
    await button(page, "More about: Cost").click();
    await page.getByRole("menuitem", { name: "What am I looking at?" }).click();
    expect(await violations(page)).toEqual([]);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing while schemes are edited, and the keyboard reaches them (${colorScheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openStudio(page, { ...QUICK, method: "autoqnn-pipeline", "opt.between": "edit" });
    await openTab(page, "Layers");
    expect(await violations(page)).toEqual([]);
    await start(page);
    await untilFinished(page);
    await button(page, "Edit schemes").press("Enter");
    const menu = page.getByLabel("Scheme of the weights of layer1.0.conv1");
    for (let i = 0; i < 12 && !(await menu.evaluate((element) => element === document.activeElement)); i++) {
      await page.keyboard.press("Tab");
    }
    await expect(menu).toBeFocused();
    await page.getByLabel("Scheme of the weights of layer1.0.conv2").selectOption("Binary");
    await expect(page.getByText(/^1 edited\./)).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

test("a row of the layer table selects its layer everywhere, and arrows go from layer to layer", async ({ page }) => {
  await openStudio(page);
  await openTab(page, "Layers");
  await page
    .getByRole("row", { name: /layer2\.0\.conv1/ })
    .getByText("288", { exact: true })
    .click();
  await expect(page.getByRole("heading", { name: "layer2.0.conv1" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "layer2.0.conv1" })).toBeChecked();
  await page.getByRole("checkbox", { name: "Search layer2.0.conv1" }).press("Shift+Tab");
  await expect(page.getByRole("radio", { name: "layer2.0.conv1" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("heading", { name: "layer2.0.conv2" })).toBeVisible();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("heading", { name: "layer1.0.conv2" })).toBeVisible();
  // Space presses the focused radio button and starts no run; a full stop means the same to it as to the page.
  await page.keyboard.press("Space");
  await expect(page.getByText("Ready", { exact: true })).toBeVisible();
  await page.keyboard.press(".");
  await expect(button(page, "Resume")).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Progress of the stage" })).toHaveJSProperty("value", 1);
});

test("the keyboard runs the search: Space, full stop, D", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "20", retrain: "0" });
  await page.locator("body").press("Space");
  await expect(button(page, "Pause")).toBeVisible();
  await page.locator("body").press("Space");
  await expect(button(page, "Resume")).toBeVisible();
  const progress = page.getByRole("progressbar", { name: "Progress of the stage" });
  const steps = (): Promise<number> => progress.evaluate((bar: HTMLProgressElement) => bar.value);
  const before = await steps();
  await page.locator("body").press(".");
  await expect.poll(steps).toBeGreaterThan(before);
  await page.locator("body").press("d");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 30_000 });
});

for (const [width, height] of [
  [1280, 720],
  [1920, 1080],
] as const) {
  test(`at ${width} x ${height} nothing sticks out of the window`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openStudio(page, { ...QUICK, method: "fracbits", "opt.kernels": "kernel", epochs: "2", retrain: "0" });
    await start(page);
    await untilFinished(page);
    await openTab(page, "Budget");
    const size = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      height: document.documentElement.scrollHeight,
    }));
    expect(size.width).toBeLessThanOrEqual(width);
    expect(size.height).toBeLessThanOrEqual(height);
  });
}
