/** Mixture of a tensor's quantization schemes: one dispatch forward; backward one, and a small one more where probabilities are learned. */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { SchemeMixAttrs } from "../contract";
import { dispatch } from "./dispatch";
import { SMALL } from "./mix-weight";
import { candidates, SCHEMES } from "./scheme-shader";
import { sumRows } from "./sum-rows";
import { columnSums, LANES, MAIN, mixtureAt, probabilities, unroll, workgroupsFor } from "./wgsl";

type Inputs = Record<"x" | "rows" | "statistics" | "p", TensorInfo>;

/** -> y, see contract.ts. */
export function schemeMix(backend: WebGPUBackend, { x, rows, statistics, p }: Inputs): TensorInfo {
  const count = util.sizeFromShape(p.shape);
  const y = backend.makeTensorInfo(x.shape, "float32");
  dispatch(backend, {
    key: `schemeMix_${count}`,
    shader: () => ({ inputs: INPUTS, outputs: ["y: f32"], code: mixture(count) }),
    inputs: [x, rows, statistics, p],
    outputs: [y],
    workgroups: [workgroupsFor(util.sizeFromShape(x.shape), 4, MOST_GROUPS), 1, 1],
  });
  return y;
}

/** -> [dx, dp], see contract.ts. Not learned, dp is zeros that never leave the CPU. */
export function schemeMixGrad(
  backend: WebGPUBackend,
  { x, rows, statistics, p, dy }: Inputs & { readonly dy: TensorInfo },
  { learned, errors }: SchemeMixAttrs,
): TensorInfo[] {
  const count = util.sizeFromShape(p.shape);
  const size = util.sizeFromShape(x.shape);
  const groups = learned && size <= SMALL ? 1 : workgroupsFor(size, 8, learned ? MOST_SUMMING_GROUPS : MOST_GROUPS);
  const dx = backend.makeTensorInfo(x.shape, "float32");
  const partials = learned ? [backend.makeTensorInfo(groups === 1 ? [count] : [groups, count], "float32")] : [];
  dispatch(backend, {
    key: `schemeMixGrad_${count}_${learned ? (errors ? "errors" : "learned") : "fixed"}`,
    shader: () => ({
      inputs: [...INPUTS, "dy: f32"],
      outputs: ["dx: f32", ...partials.map(() => "partials: f32")],
      code: gradient(count, learned, errors),
    }),
    inputs: [x, rows, statistics, p, dy],
    outputs: [dx, ...partials],
    workgroups: [groups, 1, 1],
  });
  const [sums] = partials;
  if (!sums) return [dx, backend.makeTensorInfo([count], "float32", new Float32Array(count))];
  return [dx, groups === 1 ? sums : sumRows(backend, sums, count, [count])];
}

const INPUTS = ["x: f32", "rows: f32", "statistics: f32", "p: f32"];

/** Below the 65535 workgroups that every device accepts in one dimension. */
const MOST_GROUPS = 32768;
/** Each leaves a row for the second pass to sum. */
const MOST_SUMMING_GROUPS = 1024;

const mixture = (count: number) => `
${SCHEMES}
${MAIN} {
  ${candidates(count)}
  ${probabilities(count)}
  let size = arrayLength(&x);
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    let v = x[i];
    y[i] = ${mixtureAt(count)};
  }
}`;

/** Straight through: candidate k passes its share of the gradient up to its limit. */
const gradient = (count: number, learned: boolean, errors: boolean) => `
${learned ? columnSums(count, 1) : ""}
${SCHEMES}
${MAIN} {
  ${candidates(count)}
  ${probabilities(count)}
  ${unroll(learned ? count : 0, (k) => `var dp${k} = 0.0;`)}
  let size = arrayLength(&x);
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    let v = x[i];
    let upstream = dy[i];
    dx[i] = upstream * (${unroll(count, (k) => `select(0.0, p${k}, ${passes(k)})`, " + ")});
    ${unroll(learned ? count : 0, (k) => `dp${k} += upstream * (quantize(v, q${k})${errors ? ` - select(0.0, v, ${passes(k)})` : ""});`)}
  }
  ${learned ? sums(count) : ""}
}`;

const passes = (k: number) => `abs(v - q${k}.start) <= q${k}.limit`;

const sums = (count: number) => `
  let sums = columnSums(array<f32, ${count}>(${unroll(count, (k) => `dp${k}`, ", ")}), lane);
  if (lane == 0u) {
    ${unroll(count, (k) => `partials[group.x * ${count}u + ${k}u] = sums[${k}];`)}
  }`;
