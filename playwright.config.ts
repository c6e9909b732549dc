import { defineConfig } from "playwright/test";
import { findBrowser } from "./.ci/browser.mjs";
import { CHROMIUM_ARGS } from "./.ci/chromium-args.mjs";

const PORT = 4180;
const executablePath = findBrowser();

/** The built page in real Chromium. */
export default defineConfig({
  testDir: "e2e",
  // Two cores: a search under test needs both.
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1280, height: 720 },
    acceptDownloads: true,
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: CHROMIUM_ARGS,
    },
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --port ${PORT} --strictPort`,
    port: PORT,
    reuseExistingServer: false,
  },
});
