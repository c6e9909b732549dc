/** WebGPU for Node: Dawn, as browsers have it. */

interface Dawn {
  readonly create: (options: readonly string[]) => GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Makes `navigator.gpu` and the classes of WebGPU global. */
export async function provideWebGpu(): Promise<void> {
  // No dependency of the project, and 130 MB: not for the bundler to find.
  const name = "webgpu";
  const { create, globals } = (await import(/* @vite-ignore */ name)) as Dawn;
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { gpu: create([]) } });
}
