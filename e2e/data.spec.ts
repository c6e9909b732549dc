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

/** CIFAR-10 records: label, then the red, green and blue plane. */
function cifarLike(count: number): Uint8Array {
  const records = new Uint8Array(count * 3073);
  for (let i = 0; i < count; i++) {
    records.fill(20 * (i % 10), i * 3073, (i + 1) * 3073);
    records[i * 3073] = i % 10;
  }
  return records;
}

test("CIFAR-10 files dropped on the page are searched on, a wrong label is refused", async ({ page }) => {
  await openStudio(page, { ...QUICK, width: "2", epochs: "1", batch: "20", retrain: "0" });
  const wrong = cifarLike(40);
  wrong[3073 * 7] = 11;
  await drop(page, [
    { name: "data_batch_1.bin", bytes: wrong },
    { name: "test_batch.bin", bytes: cifarLike(20) },
  ]);
  await expect(page.getByText(/data_batch_1\.bin.*11/)).toBeVisible();
  await drop(page, [
    { name: "data_batch_1.bin", bytes: cifarLike(40) },
    { name: "test_batch.bin", bytes: cifarLike(20) },
  ]);
  await expect(page.getByText(/32×32×3/)).toBeVisible();
  await expect(button(page, "Start")).toBeEnabled();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
});

test("without cross-origin isolation everything works on one thread", async ({ page }) => {
  await page.route("**/*", async (route) => {
    const response = await route.fetch();
    const { "cross-origin-opener-policy": _opener, "cross-origin-embedder-policy": _embedder, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  await openStudio(page, { ...QUICK, width: "2", epochs: "1", batch: "256", retrain: "0" });
  await expect(page.getByRole("button", { name: "Backend: WASM: SIMD, 1 thread" })).toBeVisible();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
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
    '.open-data input[type="file"] >> nth=0',
    names.map((name) => ({ name, mimeType: "application/gzip", buffer: readFileSync(`${real}/${name}`) })),
  );
  await expect(page.getByText(/28×28×1/)).toBeVisible();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
});
