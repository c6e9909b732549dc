/**
 * Weights at a fractional width. Forward one dispatch for small tensors, every workgroup of which reads them all; two for large ones,
 * three if they are rescaled. Backward two: the sums of each part, then the gradient, every workgroup of which adds the sums up.
 */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { FracWeightAttrs } from "../contract";
import { dispatch } from "./dispatch";
import { planOf, UNIT_UNIFORMS, unitUniforms } from "./frac-shader";
import { gradientShader, levelPartsShader, quantizeShader, sumsShader, weightPartsShader } from "./frac-weight-shaders";
import { partsOf, workgroupsFor } from "./wgsl";

type Inputs = Record<"w" | "widths" | "share", TensorInfo>;

/** Up to this many elements one workgroup reads them all faster than a further dispatch would start. */
const SMALL = 16384;
/** Every workgroup of the last dispatch combines the statistics of all parts: at most as many as it has lanes. */
const MOST_PARTS = 64;
/** As many sums every workgroup of the gradient adds up again. */
const MOST_SUMMING_GROUPS = 512;
const MOST_GROUPS = 1024;

/** -> [y, scale, largest], see contract.ts. */
export function fracWeight(backend: WebGPUBackend, { w, widths, share }: Inputs, attrs: FracWeightAttrs): TensorInfo[] {
  const { rescale, fanOut, modified } = attrs;
  const size = util.sizeFromShape(w.shape);
  const uniforms = [...unitUniforms(modified, true), 1 / Math.sqrt(fanOut)];
  const inputs = [w, widths, share];
  const declared = ["w: f32", "widths: f32", "share: f32"];
  const fields = [...UNIT_UNIFORMS, "wanted: f32"];
  const parts = partsOf(size, workgroupsFor(size, 16, MOST_PARTS));
  const statistics = (key: string, name: string, columns: number, code: () => string): void => {
    const partials = backend.makeTensorInfo([parts, columns], "float32");
    const given = { inputs: [...inputs], declared: [...declared] };
    dispatch(backend, {
      key,
      shader: () => ({ inputs: given.declared, outputs: [`${name}: f32`], uniforms: fields, code: code() }),
      inputs: given.inputs,
      outputs: [partials],
      uniforms,
      workgroups: [parts, 1, 1],
    });
    inputs.push(partials);
    declared.push(`${name}: f32`);
  };
  if (size > SMALL) {
    statistics(`fracWeightParts_${rescale}`, "ofWeights", 3, () => weightPartsShader(rescale));
    if (rescale !== "none") statistics("fracWeightLevels", "ofLevels", 2, levelPartsShader);
  }
  const outputs = [w.shape, [1], [1]].map((shape) => backend.makeTensorInfo(shape, "float32"));
  dispatch(backend, {
    key: `fracWeight_${rescale}_${size > SMALL ? "large" : "small"}`,
    shader: () => ({
      inputs: declared,
      outputs: ["y: f32", "scale: f32", "largest: f32"],
      uniforms: fields,
      code: quantizeShader(rescale, size > SMALL),
    }),
    inputs,
    outputs,
    uniforms,
    workgroups: [workgroupsFor(size, 4, MOST_GROUPS), 1, 1],
  });
  inputs.slice(3).forEach(({ dataId }) => backend.disposeData(dataId));
  return outputs;
}

/** -> [dw, dshare], see contract.ts. */
export function fracWeightGrad(
  backend: WebGPUBackend,
  { w, widths, share, scale, largest, dy }: Inputs & Record<"scale" | "largest" | "dy", TensorInfo>,
  { modified }: Pick<FracWeightAttrs, "modified">,
): TensorInfo[] {
  const plan = planOf(w, share, 8, MOST_SUMMING_GROUPS);
  const channels = util.sizeFromShape(share.shape);
  const partials = backend.makeTensorInfo([plan.strips, channels + 2 * plan.columnBlocks], "float32");
  dispatch(backend, {
    key: `fracWeightSums_${plan.columns}`,
    shader: () => ({
      inputs: ["w: f32", "widths: f32", "share: f32", "largest: f32", "dy: f32"],
      outputs: ["partials: f32"],
      uniforms: UNIT_UNIFORMS,
      code: sumsShader(plan.columns),
    }),
    inputs: [w, widths, share, largest, dy],
    outputs: [partials],
    uniforms: unitUniforms(modified, true),
    workgroups: [plan.strips, plan.columnBlocks, 1],
  });
  const [dw, dshare] = [w, share].map(({ shape }) => backend.makeTensorInfo(shape, "float32")) as [TensorInfo, TensorInfo];
  dispatch(backend, {
    key: `fracWeightGrad_${plan.columns}`,
    shader: () => ({
      inputs: ["w: f32", "scale: f32", "largest: f32", "dy: f32", "partials: f32"],
      outputs: ["dw: f32", "dshare: f32"],
      uniforms: ["strips: u32"],
      code: gradientShader(plan.columns),
    }),
    inputs: [w, scale, largest, dy, partials],
    outputs: [dw, dshare],
    uniforms: [plan.strips],
    workgroups: [plan.strips, plan.columnBlocks, 1],
  });
  backend.disposeData(partials.dataId);
  return [dw, dshare];
}
