/** Finds an installed Chrome or Chromium, so that tests need no browser download. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

const NAMES = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];

/** Path of the browser: CHROME_PATH, one on the PATH, a usual place, Playwright's own download; undefined where there is none. */
export function findBrowser() {
  const onPath = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const places = [
    process.env.CHROME_PATH,
    ...onPath,
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    playwrightDownload(),
  ];
  return places.find((path) => path && existsSync(path));
}

function playwrightDownload() {
  return createRequire(import.meta.url)("playwright").chromium.executablePath();
}
