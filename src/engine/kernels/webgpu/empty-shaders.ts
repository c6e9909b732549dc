/** For counting dispatches and timing the JavaScript behind them. */

/**
 * From now on every shader does nothing, so that no test waits for its compilation. Results are rubbish, but commands are recorded and
 * validated as ever: enough to count them.
 */
export function emptyShaders(): void {
  const device = GPUDevice.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the device as `this` below.
  const { createShaderModule, createComputePipeline } = device;
  const layouts = new WeakMap<GPUShaderModule, GPUBindGroupLayoutEntry[]>();
  device.createShaderModule = function (descriptor) {
    const module = createShaderModule.call(this, { code: EMPTY });
    const bindings = [...descriptor.code.matchAll(/@binding\((\d+)\) var<(storage, read_write|storage, read|uniform)>/g)];
    const entries = bindings.map(([, binding, access]) => {
      const type = BINDING_TYPES[access as keyof typeof BINDING_TYPES];
      return { binding: Number(binding), visibility: GPUShaderStage.COMPUTE, buffer: { type } };
    });
    layouts.set(module, entries);
    return module;
  };
  device.createComputePipeline = function (descriptor) {
    if (descriptor.layout !== "auto") return createComputePipeline.call(this, descriptor);
    // A layout made from an empty shader would have no bindings.
    const entries = layouts.get(descriptor.compute.module) ?? [];
    const layout = this.createPipelineLayout({ bindGroupLayouts: [this.createBindGroupLayout({ entries })] });
    return createComputePipeline.call(this, { ...descriptor, layout });
  };
}

/** With the entry points of our kernels and of the stock ones. */
const EMPTY = "@compute @workgroup_size(1) fn main() {} @compute @workgroup_size(1) fn _start() {}";
const BINDING_TYPES = {
  "storage, read": "read-only-storage",
  "storage, read_write": "storage",
  uniform: "uniform",
} as const;
