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
  if (uniforms) buffers.push(uniformBuffer(backend, state, pipeline.uniformTypes, uniforms));

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
  /** Buffers that go back to the buffer manager after the next submission. Replaced at each submission. */
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

/** Well above the distinct uniforms of one step; a schedule that changes every step leaves its old values here. */
const MAX_UNIFORM_BUFFERS = 1024;

function uniformBuffer(backend: WebGPUBackend, { uniformBuffers }: State, types: readonly string[], values: readonly number[]) {
  const words = new Uint32Array(values.length);
  const floats = new Float32Array(words.buffer);
  values.forEach((value, i) => ((types[i] === "f32" ? floats : words)[i] = value));
  const content = words.join();

  const cached = uniformBuffers.get(content);
  if (cached) return cached;
  if (uniformBuffers.size >= MAX_UNIFORM_BUFFERS) {
    const [oldest] = uniformBuffers as Iterable<[string, GPUBuffer]>;
    if (oldest) {
      uniformBuffers.delete(oldest[0]);
      (backend as unknown as Internals).uniformPendingDisposal.push(oldest[1]);
    }
  }
  const buffer = backend.bufferManager.acquireBuffer(words.byteLength, GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM);
  backend.queue.writeBuffer(buffer, 0, words);
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
