/**
 * What AutoQNN's schemes scale their levels with. One dispatch for a small tensor; for a large one a pass over it, another for the ternary
 * scale and each residual after the first, and a last one that combines what the workgroups left. That one waits for what comes after: a
 * moving average is moved in the same dispatch.
 */
import { util, type DataId, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { SCHEME_STATISTICS, type SchemeStatisticsAttrs } from "../contract";
import { defer, settle } from "./deferred";
import { dispatch } from "./dispatch";
import { SMALL } from "./mix-weight";
import { AVERAGE, COLUMN, combined, MOST_PARTS, momentsOfParts, restOfParts, results, whole } from "./scheme-statistics-shaders";
import { MAIN, partsOf, workgroupsFor } from "./wgsl";

/** Does the last dispatch of a tensor's statistics; gives the next moving average, if there is one to move. */
type Combine = (moved: Moved | null) => TensorInfo | null;

interface Moved {
  readonly average: TensorInfo;
  readonly momentum: number;
}

/** What waits for the moving average, by statistics: both take one dispatch. */
const waiting = new WeakMap<WebGPUBackend, Map<DataId, Combine>>();

/** -> statistics, see contract.ts. */
export function schemeStatistics(
  backend: WebGPUBackend,
  { x }: Record<"x", TensorInfo>,
  attrs: SchemeStatisticsAttrs,
): TensorInfo {
  const { residuals, ternary, zero } = attrs;
  const size = util.sizeFromShape(x.shape);
  const statistics = backend.makeTensorInfo([SCHEME_STATISTICS], "float32");
  const partials = size > SMALL ? partialsOf(backend, x, size, attrs) : null;
  const combine: Combine = (moved) => {
    const averaged = moved ? backend.makeTensorInfo([SCHEME_STATISTICS], "float32") : null;
    const code = partials ? combined : whole;
    dispatch(backend, {
      key: `schemeStatistics_${partials ? "combined" : "whole"}_${residuals}_${ternary ? "ternary" : "plain"}${moved ? "_average" : ""}`,
      shader: () => ({
        inputs: ["x: f32", ...(partials ? ["partials: f32"] : []), ...(moved ? ["average: f32"] : [])],
        outputs: ["statistics: f32", ...(moved ? ["averaged: f32"] : [])],
        uniforms: ["zero: f32", "momentum: f32"],
        code: code(`${results(residuals, ternary)} ${moved ? AVERAGE : ""}`, residuals, ternary),
      }),
      inputs: [x, ...(partials ? [partials] : []), ...(moved ? [moved.average] : [])],
      outputs: [statistics, ...(averaged ? [averaged] : [])],
      uniforms: [zero, moved?.momentum ?? 0],
      workgroups: [1, 1, 1],
    });
    if (partials) backend.disposeData(partials.dataId);
    return averaged;
  };
  let all = waiting.get(backend);
  if (!all) waiting.set(backend, (all = new Map<DataId, Combine>()));
  all.set(statistics.dataId, combine);
  const work = (): void => {
    all.delete(statistics.dataId);
    combine(null);
  };
  defer(backend, { outputs: [statistics], inputs: [x], work });
  return statistics;
}

/** The passes over a large tensor; gives what its parts leave to combine. */
function partialsOf(
  backend: WebGPUBackend,
  x: TensorInfo,
  size: number,
  { residuals, ternary, zero }: SchemeStatisticsAttrs,
): TensorInfo {
  const parts = partsOf(size, workgroupsFor(size, 16, MOST_PARTS));
  const partials = backend.makeTensorInfo([COLUMN.count, parts], "float32");
  const pass = (name: string, code: () => string): void =>
    dispatch(backend, {
      key: `schemeStatistics_${name}`,
      shader: () => ({ inputs: ["x: f32"], outputs: ["partials: f32"], uniforms: ["zero: f32"], code: code() }),
      inputs: [x],
      outputs: [partials],
      uniforms: [zero],
      workgroups: [parts, 1, 1],
    });
  pass("moments", momentsOfParts);
  for (let j = 1; j < residuals || (ternary && j === 1); j++) {
    const also = ternary && j === 1;
    pass(`rest${j < residuals ? j : 0}_${also ? "ternary" : "plain"}`, () => restOfParts(j < residuals ? j : 0, also));
  }
  return partials;
}

/** -> the next moving average, see contract.ts. */
export function schemeAverage(
  backend: WebGPUBackend,
  { average, statistics }: Record<"average" | "statistics", TensorInfo>,
  { momentum }: { readonly momentum: number },
): TensorInfo {
  const combine = waiting.get(backend)?.get(statistics.dataId);
  // A buffer cannot be read and written in one dispatch.
  if (combine && average.dataId !== statistics.dataId) {
    settle(backend, statistics);
    waiting.get(backend)?.delete(statistics.dataId);
    return combine({ average, momentum }) as TensorInfo;
  }
  const averaged = backend.makeTensorInfo([SCHEME_STATISTICS], "float32");
  dispatch(backend, {
    key: "schemeAverage",
    shader: () => ({
      inputs: ["average: f32", "statistics: f32"],
      outputs: ["averaged: f32"],
      uniforms: ["momentum: f32"],
      code: `${MAIN} { ${AVERAGE} }`,
    }),
    inputs: [average, statistics],
    outputs: [averaged],
    uniforms: [momentum],
    workgroups: [1, 1, 1],
  });
  return averaged;
}
