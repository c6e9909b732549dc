import { playwright } from "@vitest/browser-playwright";
import { defineConfig, mergeConfig } from "vitest/config";
import { findBrowser } from "./.ci/browser.mjs";
import { CHROMIUM_ARGS } from "./.ci/chromium-args.mjs";
import viteConfig from "./vite.config";

/** Undefined makes Playwright look for its own browser, and say how to install it. */
const executablePath = findBrowser();

/** Whole trainings and shaders compiled in software take a second on an idle machine, many on one that is busy. */
const TIMEOUT_MS = 90_000;

const BROWSER_TESTS = "src/**/*.browser.test.{ts,tsx}";

export default mergeConfig(
  viteConfig,
  defineConfig({
    // Real networks and data, where they lie beside the project.
    server: { fs: { allow: [".", "../shared"] } },
    // Tests need these; found late, they would make Vite bundle again and reload a running test page.
    optimizeDeps: {
      include: [
        "@dagrejs/dagre",
        "@tensorflow/tfjs-core",
        "@tensorflow/tfjs-core/dist/register_all_gradients",
        "@tensorflow/tfjs-backend-cpu",
        "@tensorflow/tfjs-backend-wasm",
        "@tensorflow/tfjs-backend-webgpu",
        "@xyflow/react",
        "comlink",
        "fflate",
        "h5wasm",
        "react-aria-components/Button",
        "react-aria-components/ComboBox",
        "react-aria-components/Dialog",
        "react-aria-components/Input",
        "react-aria-components/ListBox",
        "react-aria-components/Menu",
        "react-aria-components/Modal",
        "react-aria-components/Popover",
        "react-aria-components/ToggleButton",
        "react-aria-components/ToggleButtonGroup",
        "react-dom/client",
        "recharts",
        "zod/mini",
        "zustand",
      ],
    },
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: "node",
            environment: "node",
            include: ["src/**/*.test.ts"],
            exclude: [BROWSER_TESTS],
            testTimeout: TIMEOUT_MS,
          },
        },
        {
          extends: true,
          test: {
            name: "browser",
            include: [BROWSER_TESTS],
            testTimeout: TIMEOUT_MS,
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args: CHROMIUM_ARGS } }),
              instances: [{ browser: "chromium" }],
            },
          },
        },
      ],
    },
  }),
);
