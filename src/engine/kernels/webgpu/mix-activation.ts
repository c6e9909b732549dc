/** Mixture of quantized activations: one dispatch forward; backward one, and a small one more where the probabilities are learned. */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { GRID_COLUMNS } from "../contract";
import { dispatch } from "./dispatch";
import { normaliseFor } from "./normalise";
import { sumRows } from "./sum-rows";
import { columnSums, EXACT, LANES, MAIN, mixtureAt, probabilities, quantizers, QUANTIZER, unroll, workgroupsFor } from "./wgsl";

/** -> y, see contract.ts. */
export function mixActivation(backend: WebGPUBackend, { x, grid, p }: Record<"x" | "grid" | "p", TensorInfo>): TensorInfo {
  const candidates = util.sizeFromShape(p.shape);
  const normalised = normaliseFor(backend, x, {
    key: `mixActivation_${candidates}`,
    inputs: ["grid: f32", "p: f32"],
    tensors: [grid, p],
    declarations: `${EXACT} ${QUANTIZER}`,
    constants: `${quantizers(candidates, "1.0")} ${probabilities(candidates)}`,
    result: mixtureAt(candidates),
  });
  if (normalised) return normalised;
  const y = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, {
    key: `mixActivation_${candidates}`,
    shader: () => ({ inputs: ["x: f32", "grid: f32", "p: f32"], outputs: ["y: f32"], code: mixture(candidates) }),
    inputs: [x, grid, p],
    outputs: [y],
    workgroups: [workgroupsFor(util.sizeFromShape(x.shape), 4, MOST_GROUPS), 1, 1],
  });
  return y;
}

/** -> [dx, dp], see contract.ts. Not learned, dp is zeros that never leave the CPU. */
export function mixActivationGrad(
  backend: WebGPUBackend,
  { x, grid, p, dy }: Record<"x" | "grid" | "p" | "dy", TensorInfo>,
  { learned }: { readonly learned: boolean },
): TensorInfo[] {
  const candidates = util.sizeFromShape(p.shape);
  const groups = workgroupsFor(util.sizeFromShape(x.shape), 8, learned ? MOST_SUMMING_GROUPS : MOST_GROUPS);
  const dx = backend.makeTensorInfo(x.shape, "float32");
  const partials = learned ? [backend.makeTensorInfo([groups, candidates], "float32")] : [];
  dispatch(backend, {
    key: `mixActivationGrad_${candidates}_${learned ? "learned" : "fixed"}`,
    shader: () => ({
      inputs: ["x: f32", "grid: f32", "p: f32", "dy: f32"],
      outputs: ["dx: f32", ...partials.map(() => "partials: f32")],
      code: learned ? learnedGradient(candidates) : fixedGradient(candidates),
    }),
    inputs: [x, grid, p, dy],
    outputs: [dx, ...partials],
    workgroups: [groups, 1, 1],
  });
  const [first] = partials;
  const dp = first
    ? sumRows(backend, first, candidates, [candidates])
    : backend.makeTensorInfo([candidates], "float32", new Float32Array(candidates));
  return [dx, dp];
}

/** Below the 65535 workgroups that every device accepts in one dimension. */
const MOST_GROUPS = 32768;
/** Each leaves a row for the second pass to sum. */
const MOST_SUMMING_GROUPS = 1024;

const mixture = (candidates: number) => `
${EXACT}
${QUANTIZER}
${MAIN} {
  ${quantizers(candidates, "1.0")}
  ${probabilities(candidates)}
  let size = arrayLength(&x);
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    let v = x[i];
    y[i] = ${mixtureAt(candidates)};
  }
}`;

const passRanges = (candidates: number) =>
  unroll(candidates, (k) => `let pass${k} = vec2f(grid[${k * GRID_COLUMNS + 4}], grid[${k * GRID_COLUMNS + 5}]);`);

/** The straight-through estimator: candidate k passes its share of the gradient in its range, ends included. */
const passed = (candidates: number) => unroll(candidates, (k) => `select(0.0, p${k}, v >= pass${k}.x && v <= pass${k}.y)`, " + ");

const fixedGradient = (candidates: number) => `
${MAIN} {
  ${probabilities(candidates)}
  ${passRanges(candidates)}
  let size = arrayLength(&x);
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    let v = x[i];
    dx[i] = dy[i] * (${passed(candidates)});
  }
}`;

const learnedGradient = (candidates: number) => `
${columnSums(candidates, 1)}
${EXACT}
${QUANTIZER}
${MAIN} {
  ${quantizers(candidates, "1.0")}
  ${probabilities(candidates)}
  ${passRanges(candidates)}
  ${unroll(candidates, (k) => `var dp${k} = 0.0;`)}
  let size = arrayLength(&x);
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    let v = x[i];
    let upstream = dy[i];
    dx[i] = upstream * (${passed(candidates)});
    ${unroll(candidates, (k) => `dp${k} += upstream * quantize(v, q${k});`)}
  }
  let sums = columnSums(array<f32, ${candidates}>(${unroll(candidates, (k) => `dp${k}`, ", ")}), lane);
  if (lane == 0u) {
    ${unroll(candidates, (k) => `partials[group.x * ${candidates}u + ${k}u] = sums[${k}];`)}
  }
}`;
