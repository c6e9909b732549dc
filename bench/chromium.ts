/** Workers of the built benchmark page in headless Chromium, driven from here. */
import { availableParallelism } from "node:os";
import { chromium, type Browser } from "playwright";
import { preview, type PreviewServer } from "vite";
import { findBrowser } from "../.ci/browser.mjs";
import { CHROMIUM_ARGS } from "../.ci/chromium-args.mjs";
import type { ComposedWorker } from "./browser/composed.worker";
import type { EngineWorker } from "./browser/engine.worker";
import type { WorkerDesk } from "./browser/page";

/** As many as the backend of TensorFlow.js can use (`MAX_THREADS` of the engine). */
export const THREADS = Math.min(8, availableParallelism());

/** An object of another process: every method answers with a promise. */
type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

export interface Desk {
  readonly engine: () => Promise<Remote<EngineWorker>>;
  readonly composed: () => Promise<Remote<ComposedWorker>>;
  readonly close: () => Promise<void>;
}

const launchOptions = (args: readonly string[]) => {
  const executablePath = findBrowser();
  return { ...(executablePath !== undefined && { executablePath }), args: [...args] };
};

/** A browser as people have it, but for the sandbox, which containers lack. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch(launchOptions(["--no-sandbox", "--disable-background-networking"]));

/** With WebGPU: on the graphics processor where there is one that it may use, else on SwiftShader. */
export async function launchWithWebGpu(): Promise<Browser> {
  const software = "--use-webgpu-adapter=swiftshader";
  const browser = await chromium.launch(launchOptions(CHROMIUM_ARGS.filter((arg) => arg !== software)));
  const page = await browser.newPage();
  // A page that counts as secure; WebGPU is nowhere else.
  await page.goto("chrome://version");
  const found = await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) != null);
  await page.close();
  if (found) return browser;
  await browser.close();
  return chromium.launch(launchOptions(CHROMIUM_ARGS));
}

/** Serves the benchmark's page to `browser`. */
export async function openDesk(browser: Browser): Promise<Desk> {
  const server: PreviewServer = await preview({
    root: "bench/browser",
    configFile: "vite.config.ts",
    build: { outDir: "../../node_modules/.cache/bitloom-bench" },
    preview: { port: 4190 },
    logLevel: "error",
  });
  const page = await browser.newPage();
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  const start = async <T>(kind: Parameters<WorkerDesk["start"]>[0]): Promise<Remote<T>> => {
    const worker = await page.evaluate((name) => (globalThis as unknown as { desk: WorkerDesk }).desk.start(name), kind);
    const call = (method: string, args: readonly unknown[]): Promise<unknown> =>
      page.evaluate(
        (request) => (globalThis as unknown as { desk: WorkerDesk }).desk.call(request.worker, request.method, request.args),
        { worker, method, args },
      );
    return new Proxy({} as Remote<T>, {
      // A promise that resolves to this object asks whether it is one itself.
      get: (_, method) => (method === "then" ? undefined : (...args: unknown[]) => call(String(method), args)),
    });
  };
  return {
    engine: () => start<EngineWorker>("engine"),
    composed: () => start<ComposedWorker>("composed"),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
