import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { PNG } from "pngjs";
import { expect, test, type Page } from "playwright/test";
import { button, drop, openStudio, openTab, QUICK, start, untilFinished } from "./studio";

/** A colour picture whose left or right half is bright. */
function picture(side: number, bright: "left" | "right", i: number): Uint8Array {
  const png = new PNG({ height: side, width: side });
  for (let pixel = 0; pixel < side * side; pixel++) {
    const value = pixel % side < side / 2 === (bright === "left") ? 200 : (pixel * 7 + i) % 60;
    png.data.set([value, value >> 1, 20, 255], 4 * pixel);
  }
  return Uint8Array.from(PNG.sync.write(png));
}

const PICTURES = Object.fromEntries(
  Array.from({ length: 96 }, (_, i) => {
    const bright = i % 2 ? "left" : "right";
    return [`halves/${bright}/${i}.png`, picture(12, bright, i)] as const;
  }),
);

/** An array of bytes as NumPy writes it. */
function npy(shape: string, data: Uint8Array): Uint8Array {
  const header = `${`{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117)}\n`;
  const text = new TextEncoder();
  return Uint8Array.from([0x93, ...text.encode("NUMPY"), 1, 0, header.length, 0, ...text.encode(header), ...data]);
}

const bars = (count: number): Uint8Array =>
  Uint8Array.from({ length: count * 100 }, (_, p) => (p % 10 < 5 === (Math.floor(p / 100) % 2 === 0) ? 200 : 30));
const parity = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i % 2);

const SPECIES = ["setosa", "versicolor", "virginica"];
const IRISES = new TextEncoder().encode(
  [
    "petal length,petal width,stem,species",
    ...Array.from(
      { length: 180 },
      (_, i) => `${(i % 3) + (i % 7) / 20},${(i % 3) / 2 + (i % 5) / 20},${i % 4},${SPECIES[i % 3]}`,
    ),
  ].join("\n"),
);

const SHORT = { ...QUICK, epochs: "1", batch: "16", retrain: "0" };

async function searched(page: Page): Promise<void> {
  await expect(button(page, "Start")).toBeEnabled();
  await start(page);
  await untilFinished(page);
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
}

test("a zip of images is read, its classes are shown, another size reads it again, and it is searched on", async ({ page }) => {
  const errors = await openStudio(page, SHORT);
  await drop(page, [{ name: "halves.zip", bytes: zipSync(PICTURES) }]);
  await expect(page.getByText("12×12×3, 2 classes, 80 images, 16 for testing.")).toBeVisible();
  await openTab(page, "Samples");
  const classes = page.getByRole("region", { name: "Classes" });
  await expect(classes.getByRole("row", { name: "left 40 8" })).toBeVisible();
  await page.getByRole("textbox", { name: "Side" }).fill("8");
  await expect(page.getByText("8×8×3, 2 classes, 80 images, 16 for testing.")).toBeVisible();
  expect(page.url()).toContain("side=8");
  await searched(page);
  expect(errors).toEqual([]);
});

test("a folder of images is read with its name", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "bitloom-folder-"));
  for (const [path, bytes] of Object.entries(PICTURES)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  writeFileSync(join(folder, "halves", "notes.txt"), "not an image");
  await openStudio(page, SHORT);
  await page.setInputFiles('input[type="file"][webkitdirectory]', join(folder, "halves"));
  await expect(page.getByText("12×12×3, 2 classes, 80 images, 16 for testing.")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Data" })).toHaveText(/halves \(a sixth of each class for testing\)/);
  rmSync(folder, { recursive: true });
});

test("NumPy's arrays are searched on", async ({ page }) => {
  await openStudio(page, SHORT);
  const arrays = {
    ...{ "x_train.npy": npy("64, 10, 10", bars(64)), "y_train.npy": npy("64,", parity(64)) },
    ...{ "x_test.npy": npy("16, 10, 10", bars(16)), "y_test.npy": npy("16,", parity(16)) },
  };
  await drop(page, [{ name: "bars.npz", bytes: zipSync(arrays) }]);
  await expect(page.getByText("10×10×1, 2 classes, 64 images, 16 for testing.")).toBeVisible();
  await searched(page);
});

test("a table of numbers is searched on with a multilayer perceptron", async ({ page }) => {
  await openStudio(page, { ...SHORT, epochs: "3" });
  await drop(page, [{ name: "iris.csv", bytes: IRISES }]);
  await expect(page.getByText("3 numbers a row, 3 classes, 150 rows, 30 for testing.")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Network" })).toHaveValue("mlp");
  await searched(page);
  await openTab(page, "Samples");
  await expect(page.getByText(/of 30 right/)).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "petal length" })).toBeVisible();
});

test.describe("an address", () => {
  let server: Server;
  let base = "";
  test.beforeAll(async () => {
    server = createServer((request, response) => {
      const open = { "access-control-allow-origin": "*" };
      if (request.url === "/iris.csv") return void response.writeHead(200, open).end(IRISES);
      if (request.url === "/closed.csv") return void response.writeHead(200).end(IRISES);
      if (request.url === "/endless.csv") return void response.writeHead(200, open).write(IRISES);
      return void response.writeHead(404, open).end();
    });
    await new Promise<void>((done) => server.listen(0, "localhost", done));
    const address = server.address();
    base = `http://localhost:${typeof address === "object" ? address?.port : ""}`;
  });
  test.afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const fetchFrom = async (page: Page, address: string): Promise<void> => {
    const field = page.getByRole("textbox", { name: /Address of a file/ });
    if (!(await field.isVisible())) await button(page, "Address").click();
    await field.fill(address);
    await button(page, "Fetch").click();
  };

  test("is fetched, goes into the page's own address, and loads from there", async ({ page }) => {
    await openStudio(page, SHORT);
    await fetchFrom(page, `${base}/iris.csv`);
    await expect(page.getByText(/3 numbers a row/)).toBeVisible();
    await expect.poll(() => page.url()).toContain("dataurl=");
    await page.goto(page.url());
    await expect(page.getByText(/3 numbers a row/)).toBeVisible();
    await expect(page.getByRole("alert")).toHaveCount(0);
    await expect(button(page, "Start")).toBeEnabled();
  });

  test("that cannot be read is told, and the data before it stay", async ({ page }) => {
    await openStudio(page, SHORT);
    for (const [address, sentence] of [
      [`${base}/nothing.csv`, /the server answers 404/],
      [`${base}/closed.csv`, /does not let other pages read its files \(CORS\)/],
      ["glyphs", /is no address of a file/],
    ] as const) {
      await fetchFrom(page, address);
      await expect(page.getByText(sentence)).toBeVisible();
    }
    await expect(page.getByText(/20×20×1, 10 classes/)).toBeVisible();
    await expect(button(page, "Start")).toBeEnabled();
  });

  test("that does not end is stopped by hand, and the data before it stay", async ({ page }) => {
    await openStudio(page, SHORT);
    await fetchFrom(page, `${base}/endless.csv`);
    await expect(page.getByRole("progressbar", { name: "Reading data" })).toBeVisible();
    await button(page, "Stop reading").click();
    await expect(page.getByText("Reading was stopped.")).toBeVisible();
    await expect(page.getByText(/20×20×1, 10 classes/)).toBeVisible();
    await expect(button(page, "Start")).toBeEnabled();
  });
});

const REAL = "../shared/data/cifar10-subset/image-folder.zip";

test("800 real JPEG files in a zip are read", async ({ page }) => {
  test.skip(!existsSync(REAL), `SKIPPED: ${REAL} is not here`);
  await openStudio(page, SHORT);
  await page.setInputFiles('.open-data input[type="file"] >> nth=0', [
    { name: "image-folder.zip", mimeType: "application/zip", buffer: readFileSync(REAL) },
  ]);
  await expect(page.getByText("32×32×3, 10 classes, 600 images, 200 for testing.")).toBeVisible({ timeout: 60_000 });
});
