import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "playwright/test";
import { mnistLikeFiles } from "./mnist-like";
import { button, drop, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

const FILES = mnistLikeFiles();

test("the four MNIST files dropped in any order are searched on", async ({ page }) => {
  await openStudio(page, { ...QUICK, retrain: "0", lra: "0.05", epochs: "4" });
  await drop(page, FILES);
  await expect(page.getByText(/12×12×1/)).toBeVisible();
  await expect(button(page, "Start")).toBeEnabled();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await openTab(page, "Samples");
  await expect(page.getByRole("tabpanel")).toContainText(/1/);
});

test("a truncated file is refused with a sentence and the data before it stays", async ({ page }) => {
  await openStudio(page);
  const cut = FILES.map(({ name, bytes }) => ({ name, bytes: name.startsWith("t10k-images") ? bytes.slice(0, 500) : bytes }));
  await drop(page, cut);
  await expect(page.getByText(/t10k-images-idx3-ubyte/)).toBeVisible();
  await expect(page.getByText(/20×20×1/)).toBeVisible();
  await start(page);
  await button(page, "Stop").click();
});

const real = "../shared/data/mnist10k";
const names = [
  "train-images-idx3-ubyte.gz",
  "train-labels-idx1-ubyte.gz",
  "t10k-images-idx3-ubyte.gz",
  "t10k-labels-idx1-ubyte.gz",
];

test("the real MNIST files dropped on the page start a search", async ({ page }) => {
  test.skip(!existsSync(real), `SKIPPED: ${real} is not here`);
  await openStudio(page, { ...QUICK, width: "2", epochs: "1", batch: "256", retrain: "0" });
  await page.setInputFiles(
    'input[type="file"] >> nth=0',
    names.map((name) => ({ name, mimeType: "application/gzip", buffer: readFileSync(`${real}/${name}`) })),
  );
  await expect(page.getByText(/28×28×1/)).toBeVisible();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
});
