/** What a study would take of its backend's memory; a run that would not fit is refused before anything is allocated. */
import { LIMITS, type RunConfig } from "../../core/config";
import { trainingMemory, type MemoryNeed } from "../../core/memory";
import { ONE_BRANCH } from "../../core/memory-nodes";
import { memoryProblem, totalBytes, type Reduction } from "../../core/memory-advice";
import type { BackendInfo, MemoryUse } from "../../core/protocol";
import { RunFailure } from "../failure";
import { findQuantizer } from "../quantizers";
import { openStudy, type Study } from "./study";

/** Throws a RunFailure "memory" with a sentence that says what would fit. */
export function refuseTooLarge(study: Study, backend: BackendInfo): void {
  const { problem } = memoryOf(study, backend);
  if (problem !== null) throw new RunFailure("memory", problem);
}

export function memoryOf(study: Study, { label, memory }: BackendInfo): MemoryUse {
  const need = needOf(study);
  const backend = label.split(":")[0] ?? label;
  return {
    bytes: totalBytes(need, memory),
    limit: memory.total,
    problem: memoryProblem(need, memory, backend, reductions(study)),
  };
}

/** What a person can make smaller, in the order in which it costs least. */
function reductions(study: Study): readonly Reduction[] {
  const { config, dataset, source } = study;
  const reduction = (name: "batch" | "width" | "resolution", value: number, least: number): Reduction => ({
    ...{ name, value, least },
    need: (smaller) => needOf(smaller === value ? study : changed(study, { [name]: smaller })),
  });
  const ways = [reduction("batch", config.batch, LIMITS.batch.min)];
  if (!source.imported) ways.push(reduction("width", config.width, LIMITS.width.min));
  if (dataset.info.kind === "images") {
    ways.push(reduction("resolution", config.resolution || dataset.info.height, LEAST_RESOLUTION));
  }
  return ways;
}

/** Images below this show nothing. */
const LEAST_RESOLUTION = 16;

/** The study with another configuration; null where there is no such network. */
function changed(study: Study, sizes: Partial<RunConfig>): Study | null {
  const config = { ...study.config, ...sizes };
  if (sizes.batch !== undefined) return { ...study, config };
  try {
    return openStudy(config, study.dataset, study.source.imported);
  } catch (error) {
    if (error instanceof RunFailure) return null;
    throw error;
  }
}

const IMPOSSIBLE: MemoryNeed = { variables: Infinity, step: Infinity, evaluation: Infinity, largest: Infinity };

function needOf(study: Study | null): MemoryNeed {
  if (!study) return IMPOSSIBLE;
  const { config, method, space, source } = study;
  const rectified = new Set(
    space.sites
      .filter(
        ({ role, candidates }) => role === "activation" && candidates.every(({ scheme }) => findQuantizer(scheme).rectifies),
      )
      .map(({ layer }) => layer.name),
  );
  return trainingMemory({
    graph: source.graph,
    searched: space.searched,
    branches: method.branches?.(config) ?? ONE_BRANCH,
    rectifies: (layer) => rectified.has(layer),
    batch: config.batch,
  });
}
