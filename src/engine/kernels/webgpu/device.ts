/** Our own WebGPU device: with the adapter's limits instead of the small defaults, and with its failures reported. */
import * as tf from "@tensorflow/tfjs-core";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { readAnew, shareUniforms } from "./dispatch";

export interface WebGpuAdapter {
  /** What the browser tells of the adapter, for people to read. */
  readonly adapterName: string;
  /** A CPU pretending to be a GPU: right, but slower than the WASM backend. */
  readonly software: boolean;
  /** Bytes that one tensor can have. */
  readonly largestTensor: number;
}

/** Says which adapter WebGPU would run on, or why it cannot run. Opens nothing. */
export async function probeWebGpu(): Promise<WebGpuAdapter | { readonly reason: string }> {
  const found = await requestAdapter();
  return "reason" in found ? found : describe(found);
}

/**
 * Opens a device and puts it behind the TensorFlow.js backend "webgpu"; `tf.setBackend("webgpu")` then uses it.
 * A validation error, a lack of memory or a lost device drops work without an exception, so `onFailure` must end the run.
 * Throws where there is no WebGPU.
 */
export async function openWebGpu(onFailure: (message: string) => void): Promise<void> {
  const adapter = await requestAdapter();
  if ("reason" in adapter) throw new Error(adapter.reason);
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  device.addEventListener("uncapturederror", (event) => onFailure(`WebGPU error: ${event.error.message}`));
  void device.lost.then(({ reason, message }) => {
    if (reason !== "destroyed") onFailure(`The WebGPU device was lost: ${message}`);
  });
  if (tf.findBackendFactory("webgpu") != null) tf.removeBackend("webgpu");
  tf.env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", SUBMIT_AFTER);
  const open = (): WebGPUBackend => {
    const backend = new WebGPUBackend(device, adapter.info);
    shareUniforms(backend);
    readAnew(backend);
    return backend;
  };
  tf.registerBackend("webgpu", open, BACKEND_PRIORITY);
}

/**
 * Dispatches in a submission. A step has hundreds; at the stock 15, submitting took a fifth of its JavaScript. More would save little and
 * hold on to more memory, because what a step frees can be used again only after the submission.
 */
const SUBMIT_AFTER = 64;

/** The priority that TensorFlow.js itself gives to WebGPU. */
const BACKEND_PRIORITY = 3;

/** Timestamps serve the benchmark, subgroups the matrix products; neither is needed. */
const FEATURES: readonly GPUFeatureName[] = ["timestamp-query", "subgroups"];

/** Those with a default below what adapters offer. Eight storage buffers, the default, break `tf.addN` of eight tensors. */
const LIMITS = [
  "maxStorageBuffersPerShaderStage",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** SwiftShader, llvmpipe and lavapipe (Mesa), WARP (Windows): what browsers fall back to without a usable GPU. */
const SOFTWARE_ADAPTERS = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

function describe({ info, limits }: GPUAdapter): WebGpuAdapter {
  const parts = [info.vendor, info.architecture, info.device, info.description].filter((part) => part !== "");
  const adapterName = [...new Set(parts)].join(" ") || "unnamed adapter";
  return {
    adapterName,
    software: info.isFallbackAdapter || SOFTWARE_ADAPTERS.test(adapterName),
    largestTensor: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
  };
}

async function requestAdapter(): Promise<GPUAdapter | { readonly reason: string }> {
  // Undefined in browsers without WebGPU and in pages that are not a secure context, whatever the types say.
  const gpu = (globalThis.navigator as { readonly gpu?: GPU } | undefined)?.gpu;
  if (!gpu) {
    const secure = (globalThis as { readonly isSecureContext?: boolean }).isSecureContext ?? true;
    return { reason: secure ? "This browser has no WebGPU." : "WebGPU needs a secure page: https, or localhost." };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  return adapter ?? { reason: "This browser has WebGPU, but finds no graphics adapter that it may use." };
}
