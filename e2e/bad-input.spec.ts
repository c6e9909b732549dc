import { expect, test } from "playwright/test";
import { parsePolicy } from "../src/core/policy";
import { button, drop, exported, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test("impossible settings in the address get a sentence each, and the defaults", async ({ page }) => {
  await openStudio(page, { ...QUICK, lambda: "-3", epochs: "many", colour: "blue" });
  const banner = page.getByText(/settings of the address could not be used/);
  await expect(banner).toContainText("lambda=-3");
  await expect(banner).toContainText("epochs=many");
  await expect(banner).toContainText('"colour" is not a setting');
  await expect(page.getByLabel("Lambda as a number")).toHaveValue(/1e-3|0\.001/);
  await button(page, "Dismiss").click();
  await expect(banner).toBeHidden();
});

test("an impossible number in a field gets a sentence and never reaches the run", async ({ page }) => {
  await openStudio(page);
  const width = page.getByRole("textbox", { name: "Width" });
  await width.fill("1000000");
  await width.press("Tab");
  await expect(page.getByText(/from 2 to 256/)).toBeVisible();
  expect(page.url()).toContain("width=4");
});

for (const [what, content, sentence] of [
  ["not JSON", "{ nonsense", /not JSON/],
  ["another JSON", '{"hello": 1}', /not a Bitloom policy/],
  ["a version from the future", '{"format": "bitloom.policy", "version": 9}', /version 9/],
  ["a policy without layers", '{"format": "bitloom.policy", "version": 1, "layers": []}', /malformed/],
] as const) {
  test(`a policy file that is ${what} is refused with a sentence`, async ({ page }) => {
    await openStudio(page);
    await drop(page, [{ name: "policy.json", bytes: text(content) }]);
    await expect(page.getByText(sentence)).toBeVisible();
    await expect(button(page, "Start")).toBeEnabled();
  });
}

test("a policy is opened again, shown and trained; one of another network is refused by name", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "1", retrain: "0" });
  await start(page);
  await untilFinished(page);
  const policy = await exported(page, "policy");
  await openStudio(page, { ...QUICK, epochs: "1", retrain: "0" });
  await drop(page, [{ name: "mine.json", bytes: text(policy) }]);
  await expect(page.getByText(/^mine\.json: W/)).toBeVisible();
  await button(page, "Retrain").click();
  await expect(button(page, "Pause")).toBeVisible();
  await untilFinished(page);
  await openTab(page, "Results");
  await expect(page.getByRole("rowheader", { name: "mine.json" })).toBeVisible();
  const trained = parsePolicy(await exported(page, "policy"));
  expect(trained.ok && trained.policy.totals.accuracy?.kind).toBe("retrained");
  await openStudio(page, { ...QUICK, model: "vgg7" });
  await drop(page, [{ name: "mine.json", bytes: text(policy) }]);
  await expect(page.getByText(/which this network does not have/)).toBeVisible();
});

test("a worker that does not load is said, and tried again", async ({ page }) => {
  await page.route(/search\.worker/, (route) => route.abort());
  await page.goto("?backend=wasm");
  await expect(page.getByRole("alert")).toBeVisible();
  await page.unroute(/search\.worker/);
  await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await expect(button(page, "Start")).toBeEnabled();
});

test("a loss that is not finite stops the run and says what to do", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "30", lr: "10", decay: "1" });
  await button(page, "Start").click();
  await expect(page.getByRole("alert")).toContainText(/learning rate/, { timeout: 60_000 });
  await expect(button(page, "Start")).toBeEnabled();
});

test("a backend that was chosen and is missing is said, never replaced", async ({ playwright, baseURL }) => {
  const { executablePath, ...rest } = test.info().project.use.launchOptions ?? {};
  void rest;
  const browser = await playwright.chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: ["--no-sandbox", "--disable-gpu", "--disable-features=WebGPU", "--disable-background-networking"],
  });
  const page = await browser.newPage();
  await page.goto(`${baseURL}?backend=webgpu`);
  await expect(page.getByRole("alert")).toContainText(/WebGPU|graphics adapter/);
  await page.goto(`${baseURL}?backend=auto`);
  await expect(page.getByRole("button", { name: /^Backend: WASM/ })).toBeVisible();
  await browser.close();
});
