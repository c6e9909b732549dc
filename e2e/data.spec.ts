import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "playwright/test";
import { button, drop, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

/** IDX bytes: magic, sizes, data. */
function idx(sizes: readonly number[], data: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  head.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => head.setUint32(4 + 4 * i, size));
  return Uint8Array.from([...new Uint8Array(head.buffer), ...data]);
}

/** Two classes of 12x12 images: left half bright or right half bright. */
function mnistLike(count: number): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const pixels = new Uint8Array(count * 144);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  labels.forEach((label, i) => {
    for (let p = 0; p < 144; p++) pixels[i * 144 + p] = p % 12 < 6 === (label === 0) ? 200 : (p * 7 + i) % 60;
  });
  return { images: idx([count, 12, 12], pixels), labels: idx([count], labels) };
}

const [TRAIN, TEST] = [mnistLike(256), mnistLike(64)];
const FILES = [
  { name: "t10k-labels-idx1-ubyte", bytes: TEST.labels },
  { name: "train-images-idx3-ubyte.gz", bytes: gzipSync(TRAIN.images) },
  { name: "t10k-images-idx3-ubyte", bytes: TEST.images },
  { name: "train-labels-idx1-ubyte.gz", bytes: gzipSync(TRAIN.labels) },
] as const;

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
