/** One helper thread: instantiates the kernels over the shared memory and computes chunks until it is terminated. */
import type { HelperStart } from "./helpers";
import type { KernelExports } from "./module";

self.onmessage = ({ data }: MessageEvent<HelperStart>) => {
  const { exports } = new WebAssembly.Instance(data.compiled, { env: { memory: data.memory } });
  self.postMessage("ready");
  (exports as unknown as KernelExports).help?.(data.job);
};
