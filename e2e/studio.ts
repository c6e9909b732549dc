/** The page as the journeys use it: by roles and labels, as a person would. */
import { readFile } from "node:fs/promises";
import { expect, type Download, type Page } from "playwright/test";

/** Small enough for a few seconds on two cores, large enough for probabilities to move. */
export const QUICK = { backend: "wasm", width: "4", epochs: "2", batch: "64", baselines: "0" };

/** Opens the page with settings in its address and waits until it can start. Gives the console's errors, which must stay empty. */
export async function openStudio(page: Page, settings: Readonly<Record<string, string>> = QUICK): Promise<readonly string[]> {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(`?${new URLSearchParams(settings).toString()}`);
  await expect(button(page, "Start")).toBeEnabled();
  return errors;
}

export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Starts a run; a very short one may be over before it is seen running. */
export async function start(page: Page): Promise<void> {
  await button(page, "Start").click();
  await expect(button(page, "Pause").or(page.getByText("Finished", { exact: true }))).toBeVisible();
}

/** Waits for the end of the job, whatever it is. */
export async function untilFinished(page: Page): Promise<void> {
  await expect(page.getByText(/^(Finished|Stopped|Failed)$/)).toBeVisible({ timeout: 90_000 });
}

export async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name }).click();
}

/** Names of the Export menu's entries. */
const ENTRIES = { policy: "Policy (JSON)", history: "Run history (CSV)" } as const;

/** Chooses an entry of the Export menu; gives the file's text. */
export async function exported(page: Page, entry: keyof typeof ENTRIES): Promise<string> {
  await button(page, "Export").click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: ENTRIES[entry], exact: true }).click();
  return textOf(await downloading);
}

/** Saves a chart's data from its menu; gives the text. */
export async function savedCsv(page: Page, chart: string): Promise<string> {
  await button(page, `More about: ${chart}`).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Save data as CSV" }).click();
  return textOf(await downloading);
}

const textOf = async (download: Download): Promise<string> => readFile(await download.path(), "utf8");

/** Drops files on the page. */
export async function drop(page: Page, files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    (given) => {
      const data = new DataTransfer();
      for (const { name, bytes } of given) data.items.add(new File([Uint8Array.from(bytes)], name));
      return data;
    },
    files.map(({ name, bytes }) => ({ name, bytes: [...bytes] })),
  );
  await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

/** The rows of the history CSV as objects. */
export function rowsOf(csv: string): readonly Readonly<Record<string, string>>[] {
  const [header = "", ...lines] = csv.trim().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i] as string, value])));
}
