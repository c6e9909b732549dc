/** Networks from files and addresses: what a person does with a trained network of their own. */
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test, type Page } from "playwright/test";
import { button, drop, exported, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

interface Case {
  readonly name: string;
  readonly model: string;
}
const CASES = (JSON.parse(readFileSync("golden/onnx/operators.json", "utf8")) as { cases: readonly Case[] }).cases;
const caseBytes = (name: string): Uint8Array => Buffer.from(CASES.find((known) => known.name === name)!.model, "base64");

/** A residual block and a dense layer of four outputs for colour images of any size. */
const SMALL = caseBytes("a residual block of opset 21");

const SHARED = "../shared";
const isThere = existsSync(SHARED);
if (!isThere) console.warn("Skipped: there is no ../shared, so no real network was opened in the page.");
const real = (path: string) => ({ name: basename(path), bytes: new Uint8Array(readFileSync(`${SHARED}/${path}`)) });
const MNIST = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

const settings = (page: Page) => page.getByRole("complementary", { name: "Settings" });

test("a dropped network is chosen, with what it was read as; new data's classes give it a new last layer", async ({ page }) => {
  const errors = await openStudio(page, { ...QUICK, ends: "1", retrain: "0" });
  await drop(page, [{ name: "mine.onnx", bytes: SMALL }]);
  await expect(settings(page).getByLabel("Network", { exact: true })).toHaveValue("imported");
  await expect(settings(page)).toContainText("ONNX, opset 21");
  await expect(page.getByRole("heading", { name: /Bitloom/ }).locator("..")).toContainText("mine on Glyphs");
  // Trained weights are trained on at a tenth of the rate.
  await page.getByText("Advanced", { exact: true }).click();
  await expect(page.getByLabel("Weight rate")).toHaveValue("0.01");
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await openTab(page, "Log");
  await expect(page.getByRole("tabpanel")).toContainText("its last layer");
  const policy = JSON.parse(await exported(page, "policy")) as { model: { name: string; source: string } };
  expect(policy.model).toMatchObject({ name: "mine", source: "ONNX, opset 21, from cases" });
  expect(errors).toEqual([]);
});

test("what cannot be imported is refused by name, and the former network stays", async ({ page }) => {
  await openStudio(page);
  await drop(page, [{ name: "broken.onnx", bytes: SMALL.slice(0, 300) }]);
  await expect(page.getByText(/"broken\.onnx" (cannot|is not)/)).toBeVisible();
  await expect(settings(page).getByLabel("Network", { exact: true })).toHaveValue("resnet8");
  await expect(button(page, "Start")).toBeEnabled();
});

test("a link opens a network from its address with its settings", async ({ page }) => {
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("cross-origin-resource-policy", "cross-origin");
    if (request.url === "/net.onnx") response.end(SMALL);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as { port: number };
  try {
    const url = `http://localhost:${port}/net.onnx`;
    await openStudio(page, { ...QUICK, model: "imported", modelurl: url, ends: "1", norm: "signed" });
    await expect(settings(page)).toContainText("ONNX, opset 21");
    await expect(settings(page).getByLabel("Pixels become")).toHaveValue("signed");
    expect(new URL(page.url()).searchParams.get("modelurl")).toBe(url);
    await settings(page).getByRole("button", { name: "Address of a network" }).click();
    await page.getByLabel(/Address of a network \(/).fill(url.replace("net", "none"));
    await page.keyboard.press("Enter");
    await expect(page.getByText(/answers 404/)).toBeVisible();
    await expect(settings(page)).toContainText("ONNX, opset 21");
  } finally {
    server.close();
  }
});

const mnist = (): readonly { name: string; bytes: Uint8Array }[] => MNIST.map((name) => real(`data/mnist10k/${name}.gz`));

/** The first test images alone: WebGPU in software takes minutes for all. */
function fewMnist(count: number): readonly { name: string; bytes: Uint8Array }[] {
  return mnist().map(({ name, bytes }) => {
    if (!name.startsWith("t10k")) return { name, bytes };
    const whole = gunzipSync(bytes);
    const [header, each] = name.includes("images") ? [16, 784] : [8, 1];
    const cut = Uint8Array.from(whole.subarray(0, header + count * each));
    new DataView(cut.buffer).setUint32(4, count);
    return { name: name.replace(".gz", ""), bytes: cut };
  });
}

/** Accuracy of the opened network in per cent, as the Results tab says it. */
async function checked(page: Page, data: readonly { name: string; bytes: Uint8Array }[], model: string): Promise<number> {
  await drop(page, data);
  await expect(page.getByText(/28×28×1/)).toBeVisible();
  await drop(page, [real(`models/${model}.onnx`)]);
  await button(page, "Check its accuracy").click();
  await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 90_000 });
  await openTab(page, "Results");
  return Number(/(\d+\.\d+)\s*%/.exec(await page.getByRole("row", { name: /As imported/ }).innerText())?.[1]);
}

test("a real network has its author's accuracy", async ({ page }) => {
  test.skip(!isThere, "There is no ../shared.");
  await openStudio(page);
  const accuracy = await checked(page, mnist(), "mnist-resnet8");
  const { testAccuracy } = JSON.parse(readFileSync(`${SHARED}/models/mnist-resnet8.json`, "utf8")) as { testAccuracy: number };
  expect(Math.abs(accuracy / 100 - testAccuracy)).toBeLessThanOrEqual(0.001);
});

test("a real network answers on WebGPU as on WASM", async ({ page }) => {
  test.skip(!isThere, "There is no ../shared.");
  const accuracies: number[] = [];
  for (const backend of ["wasm", "webgpu"]) {
    await openStudio(page, { ...QUICK, backend });
    accuracies.push(await checked(page, fewMnist(200), "mnist-lenet"));
  }
  expect(accuracies[0]).toBeGreaterThan(95);
  expect(accuracies[1]).toBe(accuracies[0]);
});

for (const method of ["edmips", "fracbits", "autoqnn"]) {
  test(`a real network is searched from its weights with ${method}, and its policy stands beside it`, async ({ page }) => {
    test.skip(!isThere, "There is no ../shared.");
    test.setTimeout(240_000);
    const own = { epochs: "2", batch: "256", baselines: "0", from: "search", shift: "0" };
    await openStudio(page, { backend: "wasm", method, ...own });
    await drop(page, mnist());
    await expect(page.getByText(/28×28×1/)).toBeVisible();
    await drop(page, [real("models/mnist-lenet.onnx")]);
    await expect(settings(page)).toContainText("62 558 parameters");
    await start(page);
    await expect(page.getByText("Finished", { exact: true })).toBeVisible({ timeout: 200_000 });
    await openTab(page, "Results");
    const accuracyOf = async (name: RegExp): Promise<number> =>
      Number(/(\d+\.\d+)\s*%/.exec(await page.getByRole("row", { name }).first().innerText())?.[1]);
    expect(Math.abs((await accuracyOf(/As imported/)) - 98.35)).toBeLessThan(0.11);
    expect(await accuracyOf(/Retrain|Fine-tune/)).toBeGreaterThan(80);
  });
}
