/** A momentum step of many variables, in place, some of them in each dispatch; stock TensorFlow.js takes four and more for one. */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { SgdMomentumAttrs } from "../contract";
import { dispatch, takeOver } from "./dispatch";
import { LANES, MAIN, unroll } from "./wgsl";

/** -> [newVelocity, newP0, newP1, ...], see contract.ts. */
export function sgdMomentum(
  backend: WebGPUBackend,
  inputs: Readonly<Record<string, TensorInfo>>,
  { momentum, nesterov, offsets, weightDecays }: SgdMomentumAttrs,
): TensorInfo[] {
  const velocity = takeOver(backend, inputs["velocity"] as TensorInfo);
  const gradients = offsets.map((_, i) => inputs[`g${i}`] as TensorInfo);
  const parameters = offsets.map((_, i) => takeOver(backend, inputs[`p${i}`] as TensorInfo));
  // Beside the velocity and the rate, each variable binds itself and its gradient.
  const together = Math.floor((backend.device.limits.maxStorageBuffersPerShaderStage - 2) / 2);
  for (let first = 0; first < offsets.length; first += together) {
    const slice = <T>(all: readonly T[]): T[] => all.slice(first, first + together);
    const some = slice(parameters);
    const blocks = some.reduce((sum, { shape }) => sum + Math.ceil(util.sizeFromShape(shape) / BLOCK), 0);
    dispatch(backend, {
      key: `sgdMomentum_${some.length}${nesterov ? "_nesterov" : ""}`,
      shader: () => ({
        inputs: ["rate: f32", ...unrolled(some.length, (k) => `g${k}: f32`)],
        outputs: ["velocity: f32", ...unrolled(some.length, (k) => `p${k}: f32`)],
        uniforms: [
          "momentum: f32",
          ...unrolled(some.length, (k) => `offset${k}: u32`),
          ...unrolled(some.length, (k) => `weightDecay${k}: f32`),
        ],
        code: code(some.length, nesterov),
      }),
      inputs: [inputs["rate"] as TensorInfo, ...slice(gradients)],
      outputs: [velocity, ...some],
      uniforms: [momentum, ...slice(offsets), ...slice(weightDecays)],
      workgroups: [Math.min(blocks, MOST_GROUPS), 1, 1],
    });
  }
  return [velocity, ...parameters];
}

/** Elements of one variable that a workgroup updates at a time. */
const BLOCK = 4 * LANES;

/** Below the 65535 workgroups that every device accepts in one dimension. */
const MOST_GROUPS = 32768;

const unrolled = (count: number, line: (k: number) => string): string[] => Array.from({ length: count }, (_, k) => line(k));

/** Blocks are numbered through all variables of the dispatch. */
const code = (count: number, nesterov: boolean) => `
${unroll(
  count,
  (k) => `
fn blocksOf${k}() -> u32 { return (arrayLength(&p${k}) + ${BLOCK - 1}u) / ${BLOCK}u; }
fn update${k}(block: u32, lane: u32) {
  let end = min(arrayLength(&p${k}), (block + 1u) * ${BLOCK}u);
  for (var i = block * ${BLOCK}u + lane; i < end; i += ${LANES}u) {
    let gradient = g${k}[i] + parameters.weightDecay${k} * p${k}[i];
    let next = parameters.momentum * velocity[parameters.offset${k} + i] + gradient;
    velocity[parameters.offset${k} + i] = next;
    p${k}[i] -= rate[0] * (${nesterov ? "gradient + parameters.momentum * next" : "next"});
  }
}`,
)}
${MAIN} {
  let blocks = ${unroll(count, (k) => `blocksOf${k}()`, " + ")};
  for (var i = group.x; i < blocks; i += groups.x) {
    var block = i;
    ${unroll(
      count,
      (k) => `
    if (block < blocksOf${k}()) { update${k}(block, lane); continue; }
    block -= blocksOf${k}();`,
    )}
  }
}`;
