/** `tf.unstack` along the first axis, many parts in each dispatch: methods cut a row of probabilities for each layer from a matrix. */
import { util, type KernelFunc, type TensorInfo, type UnpackAttrs } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dispatch } from "./dispatch";
import { LANES, MAIN, unroll, workgroupsFor } from "./wgsl";

/** The stock kernel, which cuts one part a dispatch, stays for other axes and types, and where all is still on the CPU. */
export function unpackTogether(stock: KernelFunc): KernelFunc {
  return (call) => {
    const backend = call.backend as WebGPUBackend;
    const value = call.inputs["value"] as TensorInfo;
    const { axis } = call.attrs as unknown as UnpackAttrs;
    const firstAxis = axis === 0 || axis === -value.shape.length;
    if (!firstAxis || value.dtype !== "float32" || backend.shouldExecuteOnCPU([value])) return stock(call);
    return unpackRows(backend, value);
  };
}

function unpackRows(backend: WebGPUBackend, value: TensorInfo): TensorInfo[] {
  const [count = 0, ...shape] = value.shape;
  const size = util.sizeFromShape(shape);
  const parts = Array.from({ length: count }, () => backend.makeTensorInfo(shape, "float32"));
  const together = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
  for (let first = 0; first < count; first += together) {
    const some = parts.slice(first, first + together);
    dispatch(backend, {
      key: `unpack_${some.length}`,
      shader: () => ({
        inputs: ["value: f32"],
        outputs: some.map((_, k) => `part${k}: f32`),
        uniforms: ["first: u32"],
        code: code(some.length),
      }),
      inputs: [value],
      outputs: some,
      uniforms: [first],
      workgroups: [workgroupsFor(size, 4, 1024), 1, 1],
    });
  }
  return parts;
}

const code = (count: number) => `
${MAIN} {
  let size = arrayLength(&part0);
  let begin = parameters.first * size;
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    ${unroll(count, (k) => `part${k}[i] = value[begin + ${k}u * size + i];`)}
  }
}`;
