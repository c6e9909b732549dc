/**
 * One compute dispatch with any number of outputs, recorded into the command encoder of TensorFlow.js' WebGPU backend, whose own
 * `runWebGPUProgram` has one output and uploads a uniform buffer every time.
 *
 * This is the only file that touches private members of `WebGPUBackend` (see `Internals`); they are those of version 4.22.0. A test fails
 * with any other version, and for any other file. Kernel times of `tf.time` do not include these dispatches.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { finishReaders } from "./deferred";

interface Shader {
  /**
   * Storage buffers in the order of the tensors, `name: element type`, such as `"x: f32"` or, read four at a time, `"x: vec4f"`.
   * A buffer is exactly as long as its tensor, so `arrayLength` gives the tensor's size.
   */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Fields of `parameters`, 32-bit scalars: `"rate: f32"`. */
  readonly uniforms?: readonly string[];
  /** Helpers and the entry point `main`. */
  readonly code: string;
}

export interface Dispatch {
  /** Two dispatches with one key have one shader: everything that its text depends on is in the key. Also its label. */
  readonly key: string;
  /** Called when the key is new. */
  readonly shader: () => Shader;
  readonly inputs: readonly tf.TensorInfo[];
  readonly outputs: readonly tf.TensorInfo[];
  readonly uniforms?: readonly number[];
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** Records the dispatch; it runs when the backend next submits its queue. */
export function dispatch(backend: WebGPUBackend, { key, shader, inputs, outputs, uniforms, workgroups }: Dispatch): void {
  const state = stateOf(backend);
  let pipeline = state.pipelines.get(key);
  if (!pipeline) state.pipelines.set(key, (pipeline = compile(backend.device, key, shader())));

  const internals = backend as unknown as Internals;
  const buffers = [...inputs, ...outputs].map(({ dataId }) => {
    backend.uploadToGPU(dataId); // Small tensors may still live on the CPU; an output gets its buffer here.
    internals.commandQueueOwnedIds.add(dataId); // Disposed before the submission, it keeps its buffer until then.
    return backend.tensorMap.get(dataId).resource as GPUBuffer;
  });
  if (uniforms) buffers.push(uniformBuffer(backend, pipeline.uniformTypes, uniforms));

  backend.ensureCommandEncoderReady();
  internals.computePassEncoder ??= internals.commandEncoder.beginComputePass();
  const pass = internals.computePassEncoder;
  pass.setPipeline(pipeline.pipeline);
  pass.setBindGroup(
    0,
    backend.device.createBindGroup({
      layout: pipeline.layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  pass.dispatchWorkgroups(...workgroups);
  internals.dispatchCountInPass++;
  if (internals.dispatchCountInPass >= tf.env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE")) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}

/**
 * A tensor with the values of `from`, to be written in place: it gets the buffer itself, and `from` must not be used again. Where
 * another tensor shares that buffer, such as a clone, it gets a copy.
 */
export function takeOver(backend: WebGPUBackend, from: tf.TensorInfo): tf.TensorInfo {
  finishReaders(backend, from);
  const to = backend.makeTensorInfo(from.shape, from.dtype);
  if (backend.refCount(from.dataId) > 1) {
    const size = tf.util.sizeFromShape(from.shape);
    dispatch(backend, { ...COPY, inputs: [from], outputs: [to], workgroups: [Math.min(Math.ceil(size / 256), 32768), 1, 1] });
    return to;
  }
  backend.uploadToGPU(from.dataId);
  const given: { resource?: unknown } = backend.tensorMap.get(from.dataId);
  const taken: { resource?: unknown } = backend.tensorMap.get(to.dataId);
  // A new identity, not the old one again: the backend keeps what was once read of a tensor, and would not read it again.
  taken.resource = given.resource;
  given.resource = null;
  return to;
}

const COPY = {
  key: "copy",
  shader: (): Shader => ({
    inputs: ["given: f32"],
    outputs: ["copied: f32"],
    code: `
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&given); i += 256u * groups.x) { copied[i] = given[i]; }
}`,
  }),
};

/** Where commands go that are not dispatches of a kernel; they run after all that was recorded before. */
export function openEncoder(backend: WebGPUBackend): GPUCommandEncoder {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  return (backend as unknown as Internals).commandEncoder;
}

/** Submits what was recorded, if anything was. */
export function submitPending(backend: WebGPUBackend): void {
  if (!(backend as unknown as { readonly commandEncoder: GPUCommandEncoder | null }).commandEncoder) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/**
 * Has stock programs take their uniforms from the buffers that ours use. Stock, each dispatch writes a buffer that a later one uses again
 * with other contents, so that no dispatch could be repeated.
 */
export function shareUniforms(backend: WebGPUBackend): void {
  const internals = backend as unknown as Internals;
  const { makeUniforms } = internals;
  internals.makeUniforms = (fields) => {
    const written: ArrayBuffer[] = [];
    // The layout is the stock function's: it is asked for the contents, on a device that is none.
    const { size } = makeUniforms.call(
      {
        bufferManager: { acquireBuffer: (bytes) => ({ size: bytes }) as GPUBuffer },
        queue: { writeBuffer: (_buffer, _offset, contents) => void written.push(contents) },
        uniformPendingDisposal: [],
      },
      fields,
    );
    return { offset: 0, size, buffer: sharedBuffer(backend, new Uint32Array(written[0] as ArrayBuffer)) };
  };
}

/**
 * Has the backend read tensors on the GPU anew each time. Stock, it keeps what was once read of a tensor, and would not see what a
 * repeated step has written since.
 */
export function readAnew(backend: WebGPUBackend): void {
  (backend as unknown as Internals).convertAndCacheOnCPU = (dataId, values) => {
    // It may have been freed meanwhile.
    const data = backend.tensorMap.has(dataId) ? backend.tensorMap.get(dataId) : null;
    if (data?.resource === null || data?.resource === undefined) Object.assign(data ?? {}, { values });
    return values;
  };
}

/** The private members used: read and written exactly as `recordAndSubmit` and `makeUniforms` of version 4.22.0 do. */
interface Internals {
  /** Present after `ensureCommandEncoderReady`. */
  readonly commandEncoder: GPUCommandEncoder;
  /** Open between dispatches, null after a copy or a submission. */
  computePassEncoder: GPUComputePassEncoder | null;
  /** Tensors that the commands not yet submitted use. Replaced at each submission. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  /** Dispatches since the last submission. */
  dispatchCountInPass: number;
  /** Called with what was read of a tensor. */
  convertAndCacheOnCPU: (dataId: tf.DataId, values: tf.BackendValues) => tf.BackendValues;
  /** Fills a buffer with a program's uniforms. */
  makeUniforms: (
    this: UniformDevice,
    fields: unknown,
  ) => { readonly offset: 0; readonly size: number; readonly buffer: GPUBuffer };
}

/** What `makeUniforms` uses of the backend. */
interface UniformDevice {
  readonly bufferManager: { readonly acquireBuffer: (bytes: number) => GPUBuffer };
  readonly queue: { readonly writeBuffer: (buffer: GPUBuffer, offset: number, contents: ArrayBuffer) => void };
  readonly uniformPendingDisposal: GPUBuffer[];
}

interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly uniformTypes: readonly string[];
}

interface State {
  readonly pipelines: Map<string, Pipeline>;
  /** By content, oldest first: most values come back every step, and then nothing is written to the GPU. */
  readonly uniformBuffers: Map<string, GPUBuffer>;
}

const states = new WeakMap<WebGPUBackend, State>();

function stateOf(backend: WebGPUBackend): State {
  let state = states.get(backend);
  if (!state) states.set(backend, (state = { pipelines: new Map(), uniformBuffers: new Map() }));
  return state;
}

/** Well above the distinct uniforms of one step. */
const MAX_UNIFORM_BUFFERS = 1024;

function uniformBuffer(backend: WebGPUBackend, types: readonly string[], values: readonly number[]): GPUBuffer {
  const words = new Uint32Array(values.length);
  const floats = new Float32Array(words.buffer);
  values.forEach((value, i) => ((types[i] === "f32" ? floats : words)[i] = value));
  return sharedBuffer(backend, words);
}

/** A uniform buffer with these contents, which it keeps for good: recordings hold on to it. */
function sharedBuffer(backend: WebGPUBackend, words: Uint32Array<ArrayBuffer>): GPUBuffer {
  const { uniformBuffers } = stateOf(backend);
  const content = words.join();
  const cached = uniformBuffers.get(content);
  if (cached) return cached;
  if (uniformBuffers.size >= MAX_UNIFORM_BUFFERS) {
    const [oldest] = uniformBuffers.keys() as Iterable<string>;
    if (oldest !== undefined) uniformBuffers.delete(oldest);
  }
  const buffer = backend.device.createBuffer({ size: words.byteLength, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true });
  new Uint32Array(buffer.getMappedRange()).set(words);
  buffer.unmap();
  uniformBuffers.set(content, buffer);
  return buffer;
}

function compile(device: GPUDevice, label: string, { inputs, outputs, uniforms = [], code }: Shader): Pipeline {
  const types: GPUBufferBindingType[] = [
    ...inputs.map(() => "read-only-storage" as const),
    ...outputs.map(() => "storage" as const),
    ...(uniforms.length > 0 ? ["uniform" as const] : []),
  ];
  const declarations = [
    ...[...inputs, ...outputs].map((declared, i) => {
      const access = i < inputs.length ? "read" : "read_write";
      return `@group(0) @binding(${i}) var<storage, ${access}> ${declared.replace(/: *(.+)/, ": array<$1>")};`;
    }),
    ...(uniforms.length > 0
      ? [
          `struct Parameters { ${uniforms.join(", ")} };`,
          `@group(0) @binding(${types.length - 1}) var<uniform> parameters: Parameters;`,
        ]
      : []),
  ];
  const layout = device.createBindGroupLayout({
    entries: types.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
  });
  const module = device.createShaderModule({ label, code: [...declarations, code].join("\n") });
  const pipeline = device.createComputePipeline({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  return { pipeline, layout, uniformTypes: uniforms.map((field) => field.replace(/.*: */, "")) };
}
