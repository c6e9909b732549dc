/** Activations at a fractional width: one dispatch forward; backward one, and a small one more for the sums. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { FracActivationAttrs } from "../contract";
import { dispatch } from "./dispatch";
import { IS_NAN, placing, planOf, TINY, UNIT_QUANTIZER, UNIT_UNIFORMS, unitUniforms, type Plan } from "./frac-shader";
import { columnSums, EXACT, LANES, MAIN } from "./wgsl";

type Inputs = Record<"x" | "widths" | "share" | "clip", TensorInfo>;

/** -> y, see contract.ts. */
export function fracActivation(
  backend: WebGPUBackend,
  { x, widths, share, clip }: Inputs,
  { modified, twoSided }: FracActivationAttrs,
): TensorInfo {
  const plan = planOf(x, share, 4, MOST_GROUPS);
  const y = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, {
    key: `fracActivation_${plan.columns}`,
    shader: () => ({
      inputs: ["x: f32", "widths: f32", "share: f32", "clip: f32"],
      outputs: ["y: f32"],
      uniforms: UNIT_UNIFORMS,
      code: forward(plan.columns),
    }),
    inputs: [x, widths, share, clip],
    outputs: [y],
    uniforms: unitUniforms(modified, twoSided),
    workgroups: [plan.strips, plan.columnBlocks, 1],
  });
  return y;
}

/** -> [dx, dshare, dclip], see contract.ts. Not learned, dshare is zeros that never leave the CPU. */
export function fracActivationGrad(
  backend: WebGPUBackend,
  { x, widths, share, clip, dy }: Inputs & { readonly dy: TensorInfo },
  { modified, twoSided, learned }: FracActivationAttrs,
): TensorInfo[] {
  const plan = planOf(x, share, 8, MOST_SUMMING_GROUPS);
  const channels = share.shape[0] ?? 1;
  const dx = backend.makeTensorInfo(x.shape, "float32");
  const sums = (learned ? channels : 0) + plan.columnBlocks;
  const partials = backend.makeTensorInfo([plan.strips * sums], "float32");
  dispatch(backend, {
    key: `fracActivationGrad_${plan.columns}_${learned ? "learned" : "fixed"}`,
    shader: () => ({
      inputs: ["x: f32", "widths: f32", "share: f32", "clip: f32", "dy: f32"],
      outputs: ["dx: f32", "partials: f32"],
      uniforms: UNIT_UNIFORMS,
      code: backward(plan.columns, learned),
    }),
    inputs: [x, widths, share, clip, dy],
    outputs: [dx, partials],
    uniforms: unitUniforms(modified, twoSided),
    workgroups: [plan.strips, plan.columnBlocks, 1],
  });
  return [dx, ...totalsOf(backend, partials, share, clip, plan, learned)];
}

/** -> [dshare, dclip] of the strips' sums, which it frees. */
function totalsOf(
  backend: WebGPUBackend,
  partials: TensorInfo,
  share: TensorInfo,
  clip: TensorInfo,
  { columns, columnBlocks, strips }: Plan,
  learned: boolean,
): TensorInfo[] {
  const zeros = learned ? undefined : new Float32Array(share.shape[0] ?? 1);
  const dshare = backend.makeTensorInfo(share.shape, "float32", zeros);
  const dclip = backend.makeTensorInfo(clip.shape, "float32");
  dispatch(backend, {
    key: `fracActivationSums_${learned ? columns : "fixed"}`,
    shader: () => ({
      inputs: ["partials: f32", "clip: f32"],
      outputs: ["dclip: f32", ...(learned ? ["dshare: f32"] : [])],
      uniforms: ["strips: u32"],
      code: totals(columns, learned),
    }),
    inputs: [partials, clip],
    outputs: learned ? [dclip, dshare] : [dclip],
    uniforms: [strips],
    workgroups: [learned ? columnBlocks + 1 : 1, 1, 1],
  });
  backend.disposeData(partials.dataId);
  return [dshare, dclip];
}

/** Below the 65535 workgroups that every device accepts in one dimension. */
const MOST_GROUPS = 32768;
/** Each leaves a row for the second pass to sum. */
const MOST_SUMMING_GROUPS = 1024;

const CLIPPED = `
fn clipOf(clip: f32) -> f32 { return select(max(abs(clip), ${TINY}), clip, isNan(clip)); }
fn positionOf(v: f32, a: f32) -> f32 { return exactQuotient(clamp(v, parameters.low * a, a), a); }
fn unitOf(t: f32) -> f32 { return (t - parameters.low) * (1.0 + 0.5 * parameters.low); } // Halved if two-sided: exactly.`;

const forward = (columns: number) => `
${placing(columns)}
${EXACT}
${IS_NAN}
${UNIT_QUANTIZER}
${CLIPPED}
${MAIN} {
  let size = arrayLength(&x);
  let place = placeOf(group, groups, lane, arrayLength(&share));
  let quantizer = quantizerOf(place.channel);
  let a = clipOf(clip[0]);
  for (var i = place.first; i < size; i += place.stride) {
    let v = x[i];
    let q = mixed(neighbours(unitOf(positionOf(v, a)), quantizer), quantizer.share);
    y[i] = select(a * (parameters.low + (1.0 - parameters.low) * q), v, isNan(v));
  }
}`;

/** Partial sums: of each strip and channel if learned, then of each workgroup, for the clip. */
const backward = (columns: number, learned: boolean) => `
${placing(columns)}
${columnSums(1, columns)}
${columnSums(1, 1, "workgroupSums")}
${EXACT}
${IS_NAN}
${UNIT_QUANTIZER}
${CLIPPED}
${MAIN} {
  let size = arrayLength(&x);
  let channels = arrayLength(&share);
  let place = placeOf(group, groups, lane, channels);
  let quantizer = quantizerOf(place.channel);
  let a = clipOf(clip[0]);
  var gaps = 0.0;
  var along = 0.0;
  for (var i = place.first; i < size; i += place.stride) {
    let v = x[i];
    let upstream = dy[i];
    let t = positionOf(v, a);
    let q = neighbours(unitOf(t), quantizer);
    let value = parameters.low + (1.0 - parameters.low) * mixed(q, quantizer.share);
    let passes = v > parameters.low * a && v < a;
    dx[i] = select(0.0, upstream, passes);
    gaps += upstream * (q.y - q.x);
    along += upstream * select(value - select(0.0, t, passes), v, isNan(v));
  }
  let whole = workgroupSums(array<f32, 1>(along), lane)[0];
  if (lane == 0u) { partials[${learned ? "channels * groups.x + " : ""}group.y * groups.x + group.x] = whole; }
  ${
    learned
      ? `
  let sums = columnSums(array<f32, 1>(gaps * (1.0 - parameters.low)), lane);
  if (lane < COLUMNS && place.inside) { partials[channels * group.x + place.channel] = sums[0]; }`
      : ""
  }
}`;

/** The last workgroup sums for the clip, those before it for their channels. */
const totals = (columns: number, learned: boolean) => `
${learned ? columnSums(1, columns) : ""}
${columnSums(1, 1, "workgroupSums")}
${IS_NAN}
${MAIN} {
  let a = select(max(abs(clip[0]), ${TINY}), clip[0], isNan(clip[0]));
  let size = arrayLength(&partials);
  ${
    learned
      ? `
  let channels = arrayLength(&dshare);
  let behind = channels * parameters.strips;
  if (group.x < groups.x - 1u) {
    let channel = group.x * ${columns}u + lane % ${columns}u;
    var gaps = 0.0;
    for (var i = select(behind, (lane / ${columns}u) * channels + channel, channel < channels); i < behind; i += channels * ${LANES / columns}u) {
      gaps += partials[i];
    }
    let sums = columnSums(array<f32, 1>(gaps), lane);
    if (lane < ${columns}u && channel < channels) { dshare[channel] = a * sums[0]; }
    return;
  }`
      : "let behind = 0u;"
  }
  var along = 0.0;
  for (var i = behind + lane; i < size; i += ${LANES}u) { along += partials[i]; }
  let whole = workgroupSums(array<f32, 1>(along), lane)[0];
  if (lane == 0u) { dclip[0] = sign(clip[0]) * whole; }
}`;
