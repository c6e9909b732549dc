/** What a step records into the device's queue, seen at the interface of WebGPU: kernels of ours and stock ones alike. */
import type { DataId } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

interface DispatchCommand {
  readonly kind: "dispatch";
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  /** Of the bind group, in its order. */
  readonly buffers: readonly GPUBuffer[];
}

/** Constants that a step uploads every time. */
interface UploadCommand {
  readonly kind: "upload";
  readonly words: Uint32Array;
  /** Holds them for good. */
  readonly from: GPUBuffer;
  readonly to: GPUBuffer;
}

interface CopyCommand {
  readonly kind: "copy";
  readonly from: GPUBuffer;
  readonly to: GPUBuffer;
}

export type Command = DispatchCommand | UploadCommand | CopyCommand;

interface CommandWatch {
  readonly commands: Command[];
  /** Whether the commands are all that was asked of the device. */
  readonly repeats: () => boolean;
  readonly stop: () => void;
}

/** Notes commands until it is stopped. */
export function watchCommands(backend: WebGPUBackend): CommandWatch {
  const commands: Command[] = [];
  const groups = new WeakMap<GPUBindGroup, readonly GPUBuffer[]>();
  let complete = true;
  let uploading = false;
  let pipeline: GPUComputePipeline | null = null;
  let bindGroup: GPUBindGroup | null = null;

  const incomplete = (): void => {
    complete = false;
  };
  const undo = [
    observe(GPUDevice.prototype, "createBindGroup", ([{ entries }]: [GPUBindGroupDescriptor], group: GPUBindGroup) => {
      groups.set(
        group,
        [...entries].map(({ resource }) => (resource as GPUBufferBinding).buffer),
      );
    }),
    observe(GPUComputePassEncoder.prototype, "setPipeline", ([next]: [GPUComputePipeline]) => {
      pipeline = next;
    }),
    observe(GPUComputePassEncoder.prototype, "setBindGroup", ([, next]: [number, GPUBindGroup]) => {
      bindGroup = next;
    }),
    observe(GPUComputePassEncoder.prototype, "dispatchWorkgroups", ([x, y = 1, z = 1]: [number, number?, number?]) => {
      const buffers = bindGroup && groups.get(bindGroup);
      if (!pipeline || !bindGroup || !buffers) return incomplete();
      commands.push({ kind: "dispatch", pipeline, bindGroup, workgroups: [x, y, z], buffers });
    }),
    observe(GPUCommandEncoder.prototype, "copyBufferToBuffer", () => {
      // Of an upload the values are noted instead.
      if (!uploading) incomplete();
    }),
    observe(GPUQueue.prototype, "writeBuffer", incomplete),
  ];

  const upload = backend.uploadToGPU.bind(backend);
  // As it was: a method of the class, or a function that somebody else put around it.
  const own = Object.getOwnPropertyDescriptor(backend, "uploadToGPU");
  backend.uploadToGPU = (dataId: DataId) => {
    const data = backend.tensorMap.get(dataId);
    const values = data.resource === null || data.resource === undefined ? data.values : null;
    const whole = data.dtype === "int32" || data.dtype === "bool";
    uploading = values !== null && values !== undefined;
    upload(dataId);
    if (uploading) {
      const numbers = values as ArrayLike<number>;
      const words = new Uint32Array((whole ? Int32Array : Float32Array).from(numbers).buffer);
      const to = backend.tensorMap.get(dataId).resource as GPUBuffer;
      commands.push({ kind: "upload", words, from: constant(backend.device, words), to });
    }
    uploading = false;
  };
  undo.push(() => {
    if (own) Object.defineProperty(backend, "uploadToGPU", own);
    else delete (backend as Partial<WebGPUBackend>).uploadToGPU;
  });
  return { commands, repeats: () => complete, stop: () => undo.splice(0).forEach((restore) => restore()) };
}

function constant(device: GPUDevice, words: Uint32Array): GPUBuffer {
  const buffer = device.createBuffer({ size: words.byteLength, usage: GPUBufferUsage.COPY_SRC, mappedAtCreation: true });
  new Uint32Array(buffer.getMappedRange()).set(words);
  buffer.unmap();
  return buffer;
}

/** Has every call of a method, on any object of a class, seen after it; the result ends that. */
function observe<T extends object, A extends unknown[], R>(
  prototype: T,
  name: keyof T,
  see: (all: A, result: R) => void,
): () => void {
  const methods = prototype as Record<keyof T, (...all: A) => R>;
  const stock = methods[name];
  methods[name] = function (this: T, ...all) {
    const result = stock.apply(this, all);
    see(all, result);
    return result;
  };
  return () => {
    methods[name] = stock;
  };
}
