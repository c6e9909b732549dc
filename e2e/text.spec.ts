import { expect, test } from "playwright/test";
import { button, drop, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

test("the built-in sentences bring a language model, and its results their perplexity", async ({ page }) => {
  const errors = await openStudio(page, { ...QUICK, width: "2", epochs: "1", method: "autoqnn" });
  await page.getByLabel("Data", { exact: true }).selectOption("sentences");
  await expect(page.getByLabel("Network", { exact: true })).toHaveValue("lstm-lm");
  await expect(page.getByText(/Text by words, \d+ different ones/)).toBeVisible();
  await expect(button(page, "Start")).toBeEnabled();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await openTab(page, "Results");
  await expect(page.getByRole("columnheader", { name: "Perplexity" })).toBeVisible();
  await openTab(page, "Samples");
  await expect(page.getByRole("tabpanel")).toContainText(/the (dog|cat|king|child|robot|teacher)/);
  await expect(page.getByRole("tabpanel")).toContainText(/\d+ of \d+ right/);
  await openTab(page, "Layers");
  await expect(page.getByRole("tabpanel")).toContainText("lstm1.forget");
  expect(errors).toEqual([]);
});

test("a dropped text is cut into characters or words, and images bring their networks back", async ({ page }) => {
  await openStudio(page);
  const text = "Tyger Tyger, burning bright,\nIn the forests of the night;\n".repeat(60);
  await drop(page, [{ name: "blake.txt", bytes: new TextEncoder().encode(text) }]);
  await expect(page.getByText(/Text by characters, \d+ different ones/)).toBeVisible();
  await expect(page.getByLabel("Network", { exact: true })).toHaveValue("lstm-lm");
  await page.getByLabel("Text by").selectOption("word");
  await expect(page.getByText(/Text by words, \d+ different ones/)).toBeVisible();
  await expect(button(page, "Start")).toBeEnabled();
  await page.getByLabel("Data", { exact: true }).selectOption("glyphs");
  await expect(page.getByLabel("Network", { exact: true })).toHaveValue("resnet8");
  await expect(page.getByText(/20×20×1/)).toBeVisible();
});

test("a text that is too short is refused with a sentence", async ({ page }) => {
  await openStudio(page);
  await drop(page, [{ name: "note.txt", bytes: new TextEncoder().encode("Tyger") }]);
  await expect(page.getByText(/note\.txt.*too short/)).toBeVisible();
  await expect(page.getByText(/20×20×1/)).toBeVisible();
});
