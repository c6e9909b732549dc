/** What a study would take of its backend's memory; a run that would not fit is refused before anything is allocated. */
import { LIMITS } from "../../core/config";
import type { DatasetInfo } from "../../core/dataset";
import type { Graph } from "../../core/graph";
import { layersOf } from "../../core/layers";
import { trainingMemory, type MemoryNeed } from "../../core/memory";
import { ONE_BRANCH } from "../../core/memory-nodes";
import { memoryProblem, totalBytes, type Reduction } from "../../core/memory-advice";
import { buildModel } from "../../core/models";
import type { BackendInfo, MemoryUse } from "../../core/protocol";
import { searchSpace } from "../../core/search";
import { RunFailure } from "../failure";
import { findQuantizer } from "../quantizers";
import type { Study } from "./study";

/** Throws a RunFailure "memory" with a sentence that says what would fit. */
export function refuseTooLarge(study: Study, backend: BackendInfo): void {
  const { problem } = memoryOf(study, backend);
  if (problem !== null) throw new RunFailure("memory", problem);
}

export function memoryOf(study: Study, { label, memory }: BackendInfo): MemoryUse {
  const need = needOf(study, {});
  const backend = label.split(":")[0] ?? label;
  return {
    bytes: totalBytes(need, memory),
    limit: memory.total,
    problem: memoryProblem(need, memory, backend, reductions(study)),
  };
}

/** What a person can make smaller, in the order in which it costs least. */
function reductions(study: Study): readonly Reduction[] {
  const { batch, width } = study.config;
  return [
    { name: "batch", value: batch, least: LIMITS.batch.min, need: (value) => needOf(study, { batch: value }) },
    { name: "width", value: width, least: LIMITS.width.min, need: (value) => needOf(study, { width: value }) },
  ];
}

/** The need of the study with some of its sizes changed. */
function needOf(
  study: Study,
  sizes: { readonly batch?: number; readonly width?: number; readonly info?: DatasetInfo },
): MemoryNeed {
  const { config, dataset, method } = study;
  const { batch = config.batch, width = config.width, info = dataset.info } = sizes;
  const graph: Graph = buildModel(config.model, width, info);
  const { searched, sites } = searchSpace(layersOf(graph), { includeEnds: config.includeEnds, site: method.site(config) });
  const rectified = new Set(
    sites
      .filter(
        ({ role, candidates }) => role === "activation" && candidates.every(({ scheme }) => findQuantizer(scheme).rectifies),
      )
      .map(({ layer }) => layer.name),
  );
  return trainingMemory({
    graph,
    searched,
    branches: method.branches?.(config) ?? ONE_BRANCH,
    rectifies: (layer) => rectified.has(layer),
    batch,
  });
}
