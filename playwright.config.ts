import { defineConfig } from "playwright/test";
import { findBrowser } from "./.ci/browser.mjs";

const PORT = 4180;
const executablePath = findBrowser();

/** The built page in real Chromium; WebGPU in software gives the same answers on every machine. */
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
      args: [
        "--enable-unsafe-webgpu",
        "--use-webgpu-adapter=swiftshader",
        "--enable-features=Vulkan",
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --port ${PORT} --strictPort`,
    port: PORT,
    reuseExistingServer: false,
  },
});
