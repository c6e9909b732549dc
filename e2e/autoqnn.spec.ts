import { expect, test } from "playwright/test";
import { exported, openStudio, openTab, QUICK, rowsOf, start, untilFinished } from "./studio";

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
