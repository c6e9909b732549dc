/**
 * `tf.unstack` along the first axis and `tf.split` along any, many parts in each dispatch: methods cut a row of probabilities, or a piece
 * of all bit-widths, for each layer from one tensor.
 */
import { backend_util, util, type KernelFunc, type SplitVAttrs, type TensorInfo, type UnpackAttrs } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dispatch } from "./dispatch";
import { LANES, MAIN, unroll, workgroupsFor } from "./wgsl";

/** The stock kernel, which cuts one part a dispatch, stays for other axes and types, and where all is still on the CPU. */
export function unpackTogether(stock: KernelFunc): KernelFunc {
  return (call) => {
    const value = call.inputs["value"] as TensorInfo;
    const { axis } = call.attrs as unknown as UnpackAttrs;
    const firstAxis = axis === 0 || axis === -value.shape.length;
    const backend = call.backend as WebGPUBackend;
    if (!firstAxis || !cuttable(backend, value)) return stock(call);
    const [count = 0, ...shape] = value.shape;
    const size = util.sizeFromShape(shape);
    return cut(
      backend,
      value,
      count * size,
      Array.from({ length: count }, () => ({ shape, width: size })),
    );
  };
}

/** The stock kernel, one slice for each part, stays for other types and where all is still on the CPU. */
export function splitTogether(stock: KernelFunc): KernelFunc {
  return (call) => {
    const x = call.inputs["x"] as TensorInfo;
    const { numOrSizeSplits, axis } = call.attrs as unknown as SplitVAttrs;
    const backend = call.backend as WebGPUBackend;
    if (!cuttable(backend, x)) return stock(call);
    const [along] = util.parseAxisParam(axis, x.shape) as [number];
    const inner = util.sizeFromShape(x.shape.slice(along + 1));
    const parts = backend_util.prepareSplitSize(x as never, numOrSizeSplits, along).map((size) => ({
      shape: x.shape.map((length, i) => (i === along ? size : length)),
      width: size * inner,
    }));
    if (parts.some(({ width }) => width === 0)) return stock(call);
    return cut(backend, x, (x.shape[along] as number) * inner, parts);
  };
}

const cuttable = (backend: WebGPUBackend, value: TensorInfo): boolean =>
  value.dtype === "float32" && util.sizeFromShape(value.shape) > 0 && !backend.shouldExecuteOnCPU([value]);

interface Part {
  readonly shape: number[];
  /** Elements of the part in each row of the whole. */
  readonly width: number;
}

/** Cuts every row of `length` elements into the parts, left to right. */
function cut(backend: WebGPUBackend, value: TensorInfo, length: number, parts: readonly Part[]): TensorInfo[] {
  const outputs = parts.map(({ shape }) => backend.makeTensorInfo(shape, "float32"));
  const together = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
  let begin = 0;
  for (let first = 0; first < parts.length; first += together) {
    const some = parts.slice(first, first + together);
    const largest = Math.max(...some.map(({ shape }) => util.sizeFromShape(shape)));
    dispatch(backend, {
      key: `cut_${some.length}`,
      shader: () => ({
        inputs: ["value: f32"],
        outputs: some.map((_, k) => `part${k}: f32`),
        uniforms: ["row: u32", ...some.flatMap((_, k) => [`begin${k}: u32`, `width${k}: u32`])],
        code: code(some.length),
      }),
      inputs: [value],
      outputs: outputs.slice(first, first + together),
      uniforms: [
        length,
        ...some.flatMap(({ width }) => {
          begin += width;
          return [begin - width, width];
        }),
      ],
      workgroups: [workgroupsFor(largest, 4, 1024), 1, 1],
    });
  }
  return outputs;
}

const code = (count: number) => `
${MAIN} {
  ${unroll(
    count,
    (k) => `
  for (var i = group.x * ${LANES}u + lane; i < arrayLength(&part${k}); i += groups.x * ${LANES}u) {
    let row = i / parameters.width${k};
    part${k}[i] = value[row * parameters.row + parameters.begin${k} + (i - row * parameters.width${k})];
  }`,
  )}
}`;
