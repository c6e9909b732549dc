import { expect, test, type Page } from "playwright/test";
import { button, exported, openStudio, openTab, QUICK, rowsOf, start, untilFinished } from "./studio";

test("schemes compete for every tensor, and the policy names the one of each", async ({ page }) => {
  const errors = await openStudio(page, { ...QUICK, epochs: "3", method: "autoqnn", "opt.wschemes": "ternary,clipq,potq" });
  const legend = page.getByRole("list", { name: "Colours of schemes" });
  await expect(legend.getByRole("listitem")).toHaveText(["T", "F", "R", "Z", "C", "P"]);
  await expect(page.getByRole("region", { name: "Knobs" })).toHaveCount(0);
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "Weights" }).getByText("most probable")).toBeVisible();

  const policy = JSON.parse(await exported(page, "policy")) as {
    layers: { searched: boolean; weight: { scheme: string; bits: number }; activation: { scheme: string; bits: number } }[];
  };
  const searched = policy.layers.filter((layer) => layer.searched);
  expect(searched).toHaveLength(8);
  for (const { weight, activation } of searched) {
    expect(["ternary", "clipq", "potq"]).toContain(weight.scheme);
    expect(weight.bits).toBe(weight.scheme === "ternary" ? 2 : 3);
    expect(["fixed", "resq", "zoomq", "clipq", "potq"]).toContain(activation.scheme);
  }
  const [first] = rowsOf(await exported(page, "history"));
  expect(Object.keys(first ?? {})).toContain("layer1.0.conv1:w:clipq");
  expect(Object.keys(first ?? {})).toContain("meter:temperature");

  await openTab(page, "Temperature");
  await expect(page.getByRole("figure", { name: "Temperature" })).toBeVisible();
  await openTab(page, "Layers");
  const letters = { ternary: "T", clipq: "C", potq: "P" } as const;
  const scheme = searched[0]?.weight.scheme as keyof typeof letters;
  await expect(page.getByRole("row", { name: /^layer1\.0\.conv1/ })).toContainText(
    `${letters[scheme]} ${searched[0]?.weight.bits}`,
  );
  expect(errors).toEqual([]);
});

test("a scheme can be left out of the search, but for the last", async ({ page }) => {
  await openStudio(page, { ...QUICK, method: "autoqnn", "opt.aschemes": "clipq,zoomq" });
  await page.getByText("Advanced", { exact: true }).click();
  const group = page.getByRole("group", { name: "Activation schemes" });
  await expect(group.getByRole("checkbox", { checked: true })).toHaveCount(2);
  await group.getByRole("checkbox", { name: /ZoomQ/ }).uncheck();
  await expect(group.getByRole("checkbox", { name: /ClipQ/ })).toBeDisabled();
  await expect(page).toHaveURL(/aschemes=clipq(&|$)/);
});

test("bit-widths learn their way to targets of weights and activations", async ({ page }) => {
  const errors = await openStudio(page, { ...QUICK, epochs: "6", batch: "32", method: "autoqnn-qpl", target: "3", atarget: "4" });
  await expect(page.getByText("The mean bit-width of the weights")).toBeVisible();
  await start(page);
  await untilFinished(page);
  const rows = rowsOf(await exported(page, "history")).filter((row) => row["meter:weight-bits"] !== "");
  const last = rows.at(-1) ?? {};
  expect(Math.abs(Number(last["meter:weight-bits"]) - 3)).toBeLessThan(0.1);
  expect(Math.abs(Number(last["meter:activation-bits"]) - 4)).toBeLessThan(0.1);
  const policy = JSON.parse(await exported(page, "policy")) as { layers: { searched: boolean; weight: { scheme: string } }[] };
  expect(policy.layers.filter((layer) => layer.searched).every((layer) => layer.weight.scheme === "clipq")).toBe(true);
  await page.getByLabel("Target as a number", { exact: true }).fill("1");
  await page.getByLabel("Target as a number", { exact: true }).press("Enter");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText(/The target of 1 bit for the weights cannot be met/).first()).toBeVisible();
  expect(errors).toEqual([]);
});

test("schemes are found, then their widths learned, from Start to the exported policy", async ({ page }) => {
  const settings = { ...QUICK, epochs: "6", batch: "32", method: "autoqnn-pipeline", target: "4", atarget: "4" };
  const errors = await openStudio(page, { ...settings, "opt.wschemes": "clipq,zoomq,potq", "opt.aschemes": "clipq,resq" });
  await start(page);
  await untilFinished(page);

  const policy = JSON.parse(await exported(page, "policy")) as {
    layers: {
      name: string;
      searched: boolean;
      weight: { scheme: string; bits: number };
      activation: { scheme: string; bits: number };
    }[];
  };
  const searched = policy.layers.filter((layer) => layer.searched);
  expect(searched).toHaveLength(8);
  for (const { weight, activation } of searched) {
    expect(["clipq", "zoomq", "potq"]).toContain(weight.scheme);
    expect(["clipq", "resq"]).toContain(activation.scheme);
    expect(weight.bits).toBeLessThanOrEqual(weight.scheme === "potq" ? 4 : 8);
  }
  const rows = rowsOf(await exported(page, "history"));
  expect(new Set(rows.map((row) => row["stage"]))).toEqual(new Set(["QSS", "QPL", "Fine-tune"]));
  const of = (stage: string): Record<string, string> => rows.filter((row) => row["stage"] === stage).at(-1) ?? {};
  expect(of("QSS")["layer1.0.conv1:w:clipq"]).not.toBe("");
  expect(of("QSS")["layer1.0.conv1:w:3b"]).toBe("");
  expect(of("QPL")["layer1.0.conv1:w:clipq"]).toBe("");
  expect(of("QPL")["layer1.0.conv1:w:3b"]).not.toBe("");

  // The charts show the last search, and the first one on demand.
  const loom = page.getByRole("figure", { name: "Bits of each layer during the search" });
  await expect(loom).toBeVisible();
  await page.getByRole("radio", { name: "QSS", exact: true }).click();
  await expect(page.getByRole("figure", { name: "Scheme of each layer during the search" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Colours of schemes" }).getByRole("listitem")).toHaveText(["R", "Z", "C", "P"]);
  await page.getByRole("radio", { name: "QPL", exact: true }).click();
  await expect(loom).toBeVisible();
  expect(errors).toEqual([]);
});

interface ExportedTensor {
  readonly scheme: string;
  readonly bits: number;
  readonly scale: readonly number[];
}

/** The quantizers of one layer in the exported policy. */
async function quantizersOf(page: Page, layer: string): Promise<Readonly<Record<"weight" | "activation", ExportedTensor>>> {
  const policy = JSON.parse(await exported(page, "policy")) as {
    layers: { name: string; weight: ExportedTensor; activation: ExportedTensor }[];
  };
  const found = policy.layers.find(({ name }) => name === layer);
  if (!found) throw new Error(`No layer ${layer}.`);
  return found;
}

test("a found scheme is edited by hand, and QPL goes on with it", async ({ page }) => {
  const settings = { ...QUICK, epochs: "4", method: "autoqnn-pipeline", target: "4", atarget: "4", "opt.between": "edit" };
  const errors = await openStudio(page, { ...settings, "opt.wschemes": "clipq,zoomq", "opt.aschemes": "clipq,zoomq" });
  await openTab(page, "Layers");
  await expect(button(page, "Edit schemes")).toBeDisabled();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();

  const layer = "layer1.0.conv2";
  const found = await quantizersOf(page, layer);
  const summary = page.getByRole("region", { name: "Policy", exact: true });
  await button(page, "Edit schemes").click();
  await page.getByLabel(`Scheme of the weights of ${layer}`).selectOption("Ternary");
  await expect(summary).toContainText("Edited: W 2.9");
  expect((await quantizersOf(page, layer)).weight).toMatchObject({ scheme: "ternary", bits: 2, scale: [] });
  await button(page, "Undo edits").click();
  await expect(summary).toContainText("Derived: W 3.00");
  expect(await quantizersOf(page, layer)).toEqual(found);

  await page.getByLabel(`Scheme of the weights of ${layer}`).selectOption("Ternary");
  await page.getByLabel(`Scheme of the activations of ${layer}`).selectOption("ResQ");
  await page.getByLabel(`Bits of the activations of ${layer}`).selectOption("5");
  await expect(page.getByText(/^2 edited\..*from the weights of the search/)).toBeVisible();
  await button(page, "Learn bit-widths (QPL)").click();
  await expect(button(page, "Edit schemes")).toBeDisabled();
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();

  const learned = await quantizersOf(page, layer);
  expect(learned.weight).toMatchObject({ scheme: "ternary", bits: 2 });
  expect(learned.weight.scale).toHaveLength(1);
  expect(learned.activation.scheme).toBe("resq");
  const stages = rowsOf(await exported(page, "history")).map((row) => row["stage"]);
  expect([...new Set(stages)]).toEqual(["QSS", "QPL", "Fine-tune"]);
  await expect(page.getByRole("radio", { name: "QSS", exact: true })).toBeVisible();
  expect(errors).toEqual([]);
});

test("the schemes of QSS alone go on to QPL, and those of an opened policy do with new weights", async ({ page }) => {
  const settings = { ...QUICK, epochs: "2", method: "autoqnn", "opt.wschemes": "clipq,zoomq", "opt.aschemes": "clipq" };
  const errors = await openStudio(page, settings);
  await openTab(page, "Layers");
  await start(page);
  await untilFinished(page);
  const text = await exported(page, "policy");
  await button(page, "Learn bit-widths (QPL)").click();
  await expect(page.getByRole("region", { name: "Knobs" })).toContainText("target bits");
  await untilFinished(page);
  await expect(page).toHaveURL(/method=autoqnn-pipeline.*wschemes=clipq/);

  await page.reload();
  await expect(button(page, "Start")).toBeEnabled();
  const choosing = page.waitForEvent("filechooser");
  await button(page, "Open policy").click();
  await (await choosing).setFiles([{ name: "qss.json", mimeType: "application/json", buffer: Buffer.from(text) }]);
  await openTab(page, "Layers");
  await expect(page.getByText(/It starts from new weights: this policy comes from a file/)).toBeVisible();
  await button(page, "Learn bit-widths (QPL)").click();
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  expect([...new Set(rowsOf(await exported(page, "history")).map((row) => row["stage"]))]).toEqual(["QPL", "Fine-tune"]);
  expect(errors).toEqual([]);
});
