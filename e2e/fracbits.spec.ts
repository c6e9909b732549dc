import { expect, test, type Page } from "playwright/test";
import { parsePolicy, type Policy } from "../src/core/policy";
import { meanBits } from "../src/core/search";
import { button, drop, exported, openStudio, openTab, QUICK, rowsOf, savedCsv, start, untilFinished } from "./studio";

const FRACBITS = { ...QUICK, method: "fracbits" };
const progress = (page: Page) => page.getByRole("progressbar", { name: "Progress of the stage" });
const steps = (page: Page): Promise<number> => progress(page).evaluate((bar: HTMLProgressElement) => bar.value);

async function policyOf(page: Page): Promise<Policy> {
  const parsed = parsePolicy(await exported(page, "policy"));
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.policy;
}

/** BitOps of the searched layers at these bits. */
const bitOpsAt = ({ layers }: Policy, bits: (layer: Policy["layers"][number]) => number): number =>
  layers.reduce((sum, layer) => sum + (layer.searched ? layer.macs * bits(layer) : 0), 0);

test("choosing a method takes its own settings, leaving it takes them back", async ({ page }) => {
  await openStudio(page, { ...QUICK, seed: "3" });
  const [rate, rule] = [page.getByRole("textbox", { name: "Architecture rate" }), page.getByLabel("Rule")];
  const [lambda, target] = [page.getByLabel("Lambda as a number"), page.getByLabel("Target as a number")];
  const eightBits = page.getByRole("group", { name: "Weight bits" }).getByRole("button", { name: "8 bits" });
  const advanced = page.getByText("Advanced", { exact: true });
  await expect(lambda).toBeVisible();
  await expect(target).toBeHidden();
  await advanced.click();
  const general = await rate.inputValue();
  await expect(rule).toBeVisible();
  await expect(eightBits).toHaveAttribute("aria-pressed", "false");
  await page.getByLabel("Method").selectOption("fracbits");
  await expect(target).toBeVisible();
  await expect(lambda).toBeHidden();
  await expect(rule).toBeHidden();
  await expect(eightBits).toHaveAttribute("aria-pressed", "true");
  const own = await rate.inputValue();
  expect(own).not.toBe(general);
  // What the method brings is not in the address, and comes again with its name.
  await expect.poll(() => page.url()).toMatch(/method=fracbits/);
  expect(page.url()).not.toMatch(/lra=|wbits=/);
  await page.reload();
  await expect(button(page, "Start")).toBeEnabled();
  await advanced.click();
  await expect(rate).toHaveValue(own);
  await page.getByLabel("Method").selectOption("edmips");
  await expect(rate).toHaveValue(general);
  await expect(eightBits).toHaveAttribute("aria-pressed", "false");
  await expect.poll(() => page.url()).not.toMatch(/method=/);
  expect(page.url()).toMatch(/seed=3/);
});

test("a search to a target follows it when it is moved, and its policy spends the budget", async ({ page }) => {
  const errors = await openStudio(page, { ...FRACBITS, epochs: "6", target: "2.5", lra: "0.05" });
  await expect(page.getByRole("tab", { name: "Budget" })).toBeHidden();
  await start(page);
  await expect.poll(() => steps(page), { timeout: 60_000 }).toBeGreaterThan(60);
  await button(page, "Pause").click();
  const target = page.getByLabel("Target as a number");
  await target.fill("4");
  await target.press("Enter");
  await openTab(page, "Budget");
  await button(page, "Resume").click();
  await untilFinished(page);
  const rows = rowsOf(await savedCsv(page, "Budget"));
  const [resource, budget] = Object.keys(rows[0]!).slice(1) as [string, string];
  const at = (row: (typeof rows)[number]) => Number(row[resource]) / Number(row[budget]);
  const budgets = [...new Set(rows.map((row) => row[budget]))].map(Number);
  expect(budgets).toHaveLength(2);
  expect(budgets[1]! / budgets[0]!).toBeCloseTo(16 / 6.25, 5);
  const moved = rows.findIndex((row) => Number(row[budget]) === budgets[1]);
  expect(at(rows[moved - 1]!)).toBeLessThan(1.15);
  expect(at(rows[moved]!)).toBeLessThan(0.6);
  expect(Math.abs(at(rows.at(-1)!) - 1)).toBeLessThan(0.1);
  const policy = await policyOf(page);
  expect(policy.method).toMatchObject({ id: "fracbits", target: 4 });
  const bitOps = bitOpsAt(policy, ({ weight, activation }) => meanBits(weight.bits) * meanBits(activation.bits));
  expect(policy.totals.bitOps).toBeCloseTo(bitOps, 3);
  expect(Math.abs(bitOps / bitOpsAt(policy, () => 16) - 1)).toBeLessThan(0.01);
  expect(policy.totals.accuracy?.kind).toBe("retrained");
  await openTab(page, "Results");
  await expect(page.getByRole("rowheader", { name: "Fine-tune" })).toBeVisible();
  expect(errors).toEqual([]);
});

test("a target out of reach is refused before the start, in bits and in the unit of the budget", async ({ page }) => {
  await openStudio(page, { ...FRACBITS, wbits: "2,3,4", abits: "2,3,4" });
  await page.getByLabel("Target as a number").fill("1");
  await page.getByLabel("Target as a number").press("Enter");
  await expect(page.getByText(/The target of 1 bit cannot be met.*from 2 to 4 bits/)).toBeVisible();
  await expect(button(page, "Start")).toBeDisabled();
  const unit = page.getByLabel("Target in MBitOps");
  const [least = "", most = ""] = /of ([\d.]+) to ([\d.]+)/.exec(await page.getByText(/MBitOps of/).innerText())?.slice(1) ?? [];
  await unit.fill(String(Number(most) * 2));
  await unit.press("Enter");
  await expect(page.getByText(`It must be from ${least} to ${most}.`)).toBeVisible();
  await unit.fill(String(Number(least) * 2.25));
  await unit.press("Enter");
  await expect(page.getByLabel("Target as a number")).toHaveValue("3");
  await expect(button(page, "Start")).toBeEnabled();
});

test("kernels get widths of their own, and their policy comes back from its file without loss", async ({ page }) => {
  const kernelWise = { ...FRACBITS, "opt.kernels": "kernel", wbits: "0,1,2,3,4", abits: "2,3,4", target: "1.5", lra: "0.2" };
  const errors = await openStudio(page, kernelWise);
  await start(page);
  await untilFinished(page);
  const text = await exported(page, "policy");
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const searched = parsed.policy.layers.filter((layer) => layer.searched);
  for (const { weight } of searched) {
    expect(Array.isArray(weight.bits) && weight.bits.length).toBe(weight.scale.length);
    expect(weight.axis).toBe(0);
  }
  const first = searched[0]!;
  await expect(page.getByRole("img", { name: new RegExp(`^Of ${first.weight.scale.length} kernels`) })).toBeVisible();
  await openStudio(page, { ...QUICK, width: "4" });
  await drop(page, [{ name: "kernels.json", bytes: new TextEncoder().encode(text) }]);
  await expect(page.getByText(/^kernels\.json: W/)).toBeVisible();
  await expect(page.getByRole("img", { name: new RegExp(`^Of ${first.weight.scale.length} kernels`) })).toBeVisible();
  expect(JSON.parse(await exported(page, "policy"))).toEqual(JSON.parse(text));
  await button(page, "Retrain").click();
  await expect(button(page, "Pause")).toBeVisible();
  await untilFinished(page);
  await openTab(page, "Results");
  await expect(page.getByRole("rowheader", { name: "kernels.json" })).toBeVisible();
  expect(errors).toEqual([]);
});

test("0 bits are offered where kernels can be pruned, and only there", async ({ page }) => {
  await openStudio(page, FRACBITS);
  await page.getByText("Advanced", { exact: true }).click();
  const weights = page.getByRole("group", { name: "Weight bits" });
  const pruned = weights.getByRole("button", { name: "0 bits, pruned" });
  await expect(weights.getByRole("button", { name: "8 bits" })).toBeVisible();
  await expect(pruned).toBeHidden();
  await page.getByLabel("Weight widths").selectOption("kernel");
  await pruned.click();
  await expect(pruned).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("group", { name: "Activation bits" }).getByRole("button", { name: "0 bits, pruned" })).toBeHidden();
});

test("EdMIPS with a target ends near it: lambda follows", async ({ page }) => {
  await openStudio(page, { ...QUICK, epochs: "8", "opt.control": "target", target: "2.5", retrain: "0" });
  await expect(page.getByLabel("Lambda as a number")).toBeHidden();
  await start(page);
  await untilFinished(page);
  await openTab(page, "budget");
  const rows = rowsOf(await savedCsv(page, "Budget"));
  const [cost, budget] = Object.keys(rows[0]!).slice(1) as [string, string];
  expect(Math.abs(Number(rows.at(-1)![cost]) / Number(rows.at(-1)![budget]) - 1)).toBeLessThan(0.05);
  const lambdas = rowsOf(await savedCsv(page, "Lambda")).map((row) => Number(Object.values(row)[1]));
  expect(new Set(lambdas).size).toBeGreaterThan(5);
});
