/**
 * Gradient of the probabilities of a weight mixture. Nobody needs it before the end of the backward pass, so it waits for those of other
 * layers to share a dispatch.
 */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { defer, settle } from "./deferred";
import { dispatch } from "./dispatch";
import { SMALL } from "./mix-weight";
import { sumRowsInto } from "./sum-rows";
import { columnSums, EXACT, LANES, MAIN, quantizers, QUANTIZER, unroll, workgroupsFor } from "./wgsl";

/** -> dp, see contract.ts. */
export function mixWeightGrad(
  backend: WebGPUBackend,
  { x, scale, grid, dy }: Record<"x" | "scale" | "grid" | "dy", TensorInfo>,
): TensorInfo {
  const dp = backend.makeTensorInfo([grid.shape[0] as number], "float32");
  let queue = queues.get(backend);
  if (!queue) queues.set(backend, (queue = []));
  // One grid for all in a dispatch.
  if (queue.some((other) => other.grid.dataId !== grid.dataId)) gradients(backend);
  queue.push({ x, scale, grid, dy, dp });
  defer(backend, { outputs: [dp], inputs: [x, scale, grid, dy], work: () => gradients(backend) });
  const buffersEach = 4;
  const together = Math.floor((backend.device.limits.maxStorageBuffersPerShaderStage - 1) / buffersEach);
  if (queue.length >= together) gradients(backend);
  return dp;
}

type Waiting = Record<"x" | "scale" | "grid" | "dy" | "dp", TensorInfo>;

const queues = new WeakMap<WebGPUBackend, Waiting[]>();

function gradients(backend: WebGPUBackend): void {
  const all = queues.get(backend)?.splice(0) ?? [];
  const grid = all[0]?.grid as TensorInfo;
  const candidates = grid.shape[0] as number;
  for (const { dp } of all) settle(backend, dp);
  const sums = all.map(({ x, dp }) => {
    const size = util.sizeFromShape(x.shape);
    const groups = size > SMALL ? workgroupsFor(size, 8, 512) : 1;
    return groups === 1 ? dp : backend.makeTensorInfo([groups, candidates], "float32");
  });
  const groups = sums.map(({ shape }) => util.sizeFromShape(shape) / candidates);
  dispatch(backend, {
    key: `mixWeightGrad_${candidates}_${all.length}`,
    shader: () => ({
      inputs: ["grid: f32", ...all.flatMap((_, k) => [`x${k}: f32`, `scale${k}: f32`, `dy${k}: f32`])],
      outputs: all.map((_, k) => `sums${k}: f32`),
      code: code(candidates, all.length),
    }),
    inputs: [grid, ...all.flatMap(({ x, scale, dy }) => [x, scale, dy])],
    outputs: sums,
    workgroups: [groups.reduce((total, count) => total + count, 0), 1, 1],
  });
  all.forEach(({ dp }, k) => {
    const partials = sums[k] as TensorInfo;
    if (partials !== dp) sumRowsInto(backend, partials, dp);
  });
}

/** Workgroups are numbered through the layers; each leaves a row of sums. */
const code = (candidates: number, layers: number) => `
${columnSums(candidates, 1)}
${EXACT}
${QUANTIZER}
${unroll(
  layers,
  (layer) => `
fn groupsOf${layer}() -> u32 { return arrayLength(&sums${layer}) / ${candidates}u; }
fn sumsOf${layer}(group: u32, lane: u32) -> array<f32, ${candidates}> {
  ${quantizers(candidates, `scale${layer}[0]`)}
  ${unroll(candidates, (k) => `var dp${k} = 0.0;`)}
  let size = arrayLength(&x${layer});
  for (var i = group * ${LANES}u + lane; i < size; i += groupsOf${layer}() * ${LANES}u) {
    let v = x${layer}[i];
    let upstream = dy${layer}[i];
    ${unroll(candidates, (k) => `dp${k} += upstream * quantize(v, q${k});`)}
  }
  return array<f32, ${candidates}>(${unroll(candidates, (k) => `dp${k}`, ", ")});
}`,
)}
${MAIN} {
  var layer = 0u;
  var member = group.x;
  ${unroll(layers - 1, (k) => `if (layer == ${k}u && member >= groupsOf${k}()) { member -= groupsOf${k}(); layer++; }`)}
  var sums: array<f32, ${candidates}>;
  switch layer {
    ${unroll(layers, (layer) => `case ${layer}u: { sums = sumsOf${layer}(member, lane); }`)}
    default: {}
  }
  let total = columnSums(sums, lane);
  if (lane == 0u) {
    switch layer {
      ${unroll(
        layers,
        (layer) => `
      case ${layer}u: { ${unroll(candidates, (k) => `sums${layer}[member * ${candidates}u + ${k}u] = total[${k}];`)} }`,
      )}
      default: {}
    }
  }
}`;
