import { expect, test } from "playwright/test";
import { exported, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

interface Exported {
  readonly layers: readonly {
    readonly searched: boolean;
    readonly weight: { readonly scheme: string; readonly bits: number };
    readonly activation: { readonly scheme: string; readonly bits: number };
  }[];
}

for (const [method, quantizer, label] of [
  ["edmips", "clipq", "ClipQ"],
  ["fracbits", "zoomq", "ZoomQ"],
] as const) {
  test(`${method} searches with another quantizer, which the policy and its retraining carry`, async ({ page }) => {
    const errors = await openStudio(page, { ...QUICK, method, retrain: "1" });
    await page.getByText("Advanced", { exact: true }).click();
    await page.getByLabel("Quantizers", { exact: true }).selectOption(quantizer);
    await expect(page).toHaveURL(new RegExp(`opt\\.quantizer=${quantizer}`));
    if (method === "edmips") await expect(page.getByText("Not searched: 1, which the quantizer does not have.")).toBeVisible();
    await start(page);
    await untilFinished(page);
    await expect(page.getByText("Finished", { exact: true })).toBeVisible();
    const { layers } = JSON.parse(await exported(page, "policy")) as Exported;
    const searched = layers.filter((layer) => layer.searched);
    expect(searched).toHaveLength(8);
    for (const { weight, activation } of searched) {
      expect([weight.scheme, activation.scheme]).toEqual([quantizer, quantizer]);
      expect(Math.min(weight.bits, activation.bits)).toBeGreaterThanOrEqual(2);
    }
    await openTab(page, "Results");
    await expect(page.getByRole("row", { name: /Retrain/ })).toBeVisible();
    // The lab begins with the quantizer that is searched.
    await openTab(page, "Quantizer lab");
    await expect(page.getByRole("figure", { name: "Staircase" }).getByText(`8 levels of 3 bits, ${label}`)).toBeVisible();
    expect(errors).toEqual([]);
  });
}
