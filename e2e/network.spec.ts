import { expect, test, type Page } from "playwright/test";
import { button, exported, openStudio, openTab, QUICK, savedCsv, start, untilFinished } from "./studio";

const box = (page: Page, id: string) => page.locator(`[data-id="${id}"]`);
const CONV = "operation:layer1.0.conv1";

/** What the patches of a box are filled with, weights first. */
const fills = (page: Page, id: string): Promise<readonly string[]> =>
  box(page, id)
    .locator(".network-patch")
    .evaluateAll((patches) => patches.map((patch) => getComputedStyle(patch).fill));

test("the graph shows the network and its quantized form, finds a node, and selects a layer everywhere", async ({ page }) => {
  const errors = await openStudio(page);
  await openTab(page, "Network");
  await expect(box(page, CONV)).toContainText("layer1.0.conv1");
  await expect(page.locator('[data-id^="quantizer:"]')).toHaveCount(0);

  await page.getByRole("radio", { name: "Quantized (QAG)" }).click();
  await expect(box(page, "quantizer:layer1.0.conv1/activation")).toBeVisible();
  await expect(page.locator('[data-id^="quantizer:"]')).toHaveCount(16);

  await page.getByLabel("Find in the network").fill("layer3.0.conv");
  await expect(page.getByRole("option")).toHaveCount(2);
  await page.getByLabel("Find in the network").press("Enter");
  await expect(box(page, "operation:layer3.0.conv1")).toBeInViewport();
  await expect(page.getByRole("option", { name: /^layer3.0.conv1/ })).toHaveAttribute("aria-selected", "true");

  await button(page, "Fit").click();
  await box(page, "operation:layer2.0.conv2").click();
  await expect(page.getByRole("option", { name: /^layer2.0.conv2/ })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("heading", { name: "layer2.0.conv2" })).toBeVisible();
  expect(errors).toEqual([]);
});

test("a layer that is selected elsewhere comes into view", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openStudio(page, { ...QUICK, model: "resnet20" });
  await openTab(page, "Network");
  await expect(box(page, CONV)).toBeVisible();
  for (let i = 0; i < 8; i++) await button(page, "Zoom in").click();
  await page.getByRole("listbox", { name: "Layers" }).press("End");
  await expect(box(page, "operation:layer3.2.conv2")).toBeInViewport();
  await expect(box(page, "operation:layer3.2.conv2")).toHaveAttribute("aria-pressed", "true");
});

test("colours follow the search while it runs, and end as the policy's", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "20", retrain: "0", lambda: "0.1" });
  await openTab(page, "Network");
  await expect(box(page, CONV)).toContainText("\u2013");
  await start(page);
  await expect(box(page, CONV)).toContainText(/\d\.\d\d/);
  const before = await fills(page, CONV);
  await expect.poll(() => fills(page, CONV)).not.toEqual(before);
  await button(page, "Derive").click();
  await untilFinished(page);
  const parsed = JSON.parse(await exported(page, "policy")) as { layers: { name: string; weight: { bits: number } }[] };
  const { bits } = parsed.layers.find(({ name }) => name === "layer1.0.conv1")!.weight;
  await expect(box(page, CONV).locator(".network-bits").first()).toHaveText(String(bits));
  const csv = await savedCsv(page, "Graph of the network");
  expect(csv).toMatch(new RegExp(`^layer1.0.conv1,layer1.0.conv1,conv 3x3,.*,${bits} bit`, "m"));
});

test("an excluded layer is left float by the search, and a tensor has one quantizer where that is asked for", async ({
  page,
}) => {
  await openStudio(page, { ...QUICK, retrain: "0" });
  await openTab(page, "Layers");
  await page.getByRole("checkbox", { name: "Search layer1.0.conv2" }).uncheck();
  await expect(page).toHaveURL(/exclude=layer1\.0\.conv2/);
  await expect(page.getByRole("row", { name: /layer1\.0\.conv2/ })).toContainText("not counted");
  await page.getByText("Advanced", { exact: true }).click();
  await page.getByLabel("One quantizer for each").selectOption("tensor");
  await openTab(page, "Network");
  await page.getByRole("radio", { name: "Quantized (QAG)" }).click();
  // Seven weights; seven inputs, of which two pairs are one tensor each.
  await expect(page.locator('[data-id^="quantizer:"]')).toHaveCount(12);
  await expect(page.locator('[data-id^="quantizer:layer1.0.conv2"]')).toHaveCount(0);
  await start(page);
  await untilFinished(page);
  const { layers } = JSON.parse(await exported(page, "policy")) as { layers: { name: string; searched: boolean }[] };
  expect(layers.find(({ name }) => name === "layer1.0.conv2")!.searched).toBe(false);
  expect(layers.filter(({ searched }) => searched)).toHaveLength(7);
});

test("the link that is copied opens the same settings", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openStudio(page, { ...QUICK, exclude: "layer1.0.conv2", lambda: "0.05" });
  await button(page, "Copy link").click();
  await expect(page.getByText("Link copied.")).toBeAttached();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByLabel("Lambda as a number")).toHaveValue("0.05");
  await openTab(page, "Layers");
  await expect(page.getByRole("checkbox", { name: "Search layer1.0.conv2" })).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: "Search layer1.0.conv1" })).toBeChecked();
});

test("where the clipboard is refused the link is shown, selected", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await openStudio(page);
  await button(page, "Copy link").click();
  const field = page.getByLabel("Link", { exact: true });
  await expect(field).toHaveValue(/\?.*width=4/);
  expect(await field.evaluate((input: HTMLInputElement) => input.selectionEnd! - input.selectionStart!)).toBeGreaterThan(20);
});

test("a layout that cannot be loaded is said in a sentence", async ({ page }) => {
  await page.route("**/layout.worker*", (route) => route.abort());
  await openStudio(page);
  await openTab(page, "Network");
  await expect(page.getByText(/lays out networks could not be loaded/)).toBeVisible();
});
