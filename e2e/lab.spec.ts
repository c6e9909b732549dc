import { expect, test } from "playwright/test";
import { button, openStudio, openTab, QUICK, savedCsv, start, untilFinished } from "./studio";

test("the quantizer lab shows every quantizer on a distribution before any search, and on a layer after one", async ({
  page,
}) => {
  const errors = await openStudio(page, { ...QUICK, epochs: "1", retrain: "0" });
  await openTab(page, "Quantizer lab");
  const stairs = page.getByRole("figure", { name: "Staircase" });
  await expect(stairs.getByText("8 levels of 3 bits, Gaussian")).toBeVisible();

  // At four root mean squares a clip lies beyond a uniform distribution: the outer levels stay unused.
  await page.getByLabel("Values", { exact: true }).selectOption("Uniform");
  await page.getByLabel("Quantizers of").selectOption("Activations");
  await page.getByRole("radio", { name: "PACT, two-sided", exact: false }).first().check();
  await page.getByRole("slider", { name: "Bits" }).fill("2");
  await expect(stairs.getByText("2 levels of 2 bits, PACT, two-sided")).toBeVisible();
  const rows = (await savedCsv(page, "Staircase")).trim().split("\r\n");
  expect(rows[0]).toBe("from value,level");
  expect(rows).toHaveLength(3);

  // A layer has values once a search has a network.
  await page.getByLabel("Values", { exact: true }).selectOption("layer");
  await expect(page.getByText(/There are no values of layer .* yet: start a search/)).toBeVisible();
  await start(page);
  await untilFinished(page);
  await page.getByLabel("Quantizers of").selectOption("Weights");
  await expect(stairs.getByText("4 levels of 2 bits, Gaussian")).toBeVisible();
  await button(page, "More about: Signal to noise").click();
  await page.getByRole("menuitem", { name: "What am I looking at?" }).click();
  await expect(page.getByText("root mean squares")).toBeVisible();
  expect(errors).toEqual([]);
});
