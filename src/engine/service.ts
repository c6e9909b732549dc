/** The worker's side of the protocol: holds the backend, the data and the last study, and runs one job at a time. */
import { DEFAULT_KNOBS, type Knobs, type RunConfig } from "../core/config";
import { FormatError, type Dataset } from "../core/dataset";
import { valuesOf } from "../core/distributions";
import type {
  Answer,
  Described,
  ExportedNetwork,
  FailureCode,
  Prepared,
  RunEvent,
  SearchWorker,
  TrainTarget,
} from "../core/protocol";
import { inUnit } from "../core/text";
import type { LabView } from "../core/views";
import type { Role } from "../core/search";
import { openBackend, type BackendOptions, type OpenBackend } from "./backend";
import { createControl, type Verdict } from "./control";
import { builtInDataset } from "./datasets";
import { RunFailure } from "./failure";
import { inspectLayer, readTensors } from "./inspect-layer";
import { METHODS } from "./methods";
import { findQuantizer } from "./quantizers";
import { SCHEMES } from "./quantizers/schemes";
import { LAB_VALUES, spread, viewQuantizers } from "./quantizer-lab";
import {
  derivePolicy,
  disposeStudy,
  newestNetwork,
  openStudy,
  resumeStudy,
  runStudy,
  sampleData,
  trainTargets,
  type Emit,
  type Study,
  type Surroundings,
} from "./study";

type ReadFiles = (files: readonly File[]) => Promise<Dataset>;

/** `readFiles` turns dropped files into a data set. */
export function createService(options: BackendOptions, readFiles: ReadFiles): SearchWorker {
  const control = createControl(DEFAULT_KNOBS);
  let backend: { readonly choice: RunConfig["backend"]; readonly open: OpenBackend } | null = null;
  let builtIn: { readonly seed: number; readonly dataset: Dataset } | null = null;
  let imported: Dataset | null = null;
  /** The same in the unit that was asked for last. */
  let cut: Dataset | null = null;
  let study: Study | null = null;
  let busy = false;

  const open = async (choice: RunConfig["backend"]): Promise<OpenBackend> => {
    const failed = backend?.open.failure() ?? null;
    if (backend && backend.choice === choice && failed === null) return backend.open;
    // Tensors of another backend cannot be used by this one.
    closeStudy();
    const opened = await openBackend(choice, options);
    backend = { choice, open: opened };
    return opened;
  };

  const data = (config: RunConfig): Dataset => {
    if (config.data === "imported") {
      if (!imported)
        throw new RunFailure(
          "data",
          "The data set of this setting is not loaded: drop its files on the page, or choose a built-in one.",
        );
      if (cut?.info.kind === "text" && cut.info.unit !== config.unit) cut = null;
      cut ??= inUnit(imported, config.unit);
      return cut;
    }
    if (builtIn?.seed !== config.seed || builtIn.dataset.info.id !== config.data) {
      builtIn = { seed: config.seed, dataset: builtInDataset(config.data, config.seed) };
    }
    return builtIn.dataset;
  };

  const closeStudy = (): void => {
    if (study) disposeStudy(study);
    study = null;
  };

  const layerValues = async (layer: string, role: Role): Promise<Float32Array> => {
    const search = study?.search;
    const tensors = study && search && (await readTensors(search.network, search.relaxation, study.dataset, layer));
    if (!tensors) throw new RunFailure("config", `There are no values of layer ${layer} yet: start a search.`);
    return spread(tensors[role]);
  };

  /** Runs a job from its start to its one closing event. */
  const job = async (config: RunConfig, emit: Emit, work: (surroundings: Surroundings) => Promise<Verdict>): Promise<void> => {
    if (busy) {
      emit({ type: "failed", code: "internal", message: "Another job is running. Stop it first." });
      return;
    }
    busy = true;
    try {
      const { info, failure } = await open(config.backend);
      emit({ type: "ready", backend: info, data: data(config).info });
      const verdict = await work({ backend: info, backendFailure: failure, control, emit });
      emit({ type: "finished", stopped: verdict === "stop" });
    } catch (error) {
      const { code, message } = failureOf(error, backend?.open.failure() ?? null);
      emit({ type: "failed", code, message });
    } finally {
      busy = false;
    }
  };

  return {
    catalog: () => ({
      methods: METHODS.map(({ id, label, summary, knobs, options: specs, defaults, sampling, continuation }) => ({
        id,
        label,
        summary,
        knobs,
        options: specs,
        defaults,
        sampling,
        continuation,
      })),
      schemes: SCHEMES.map(({ id, label, letter, roles, minBits, maxBits }) => {
        const { signed, zeroPoint, rounding } = findQuantizer(id);
        return { id, label, letter, roles, minBits, maxBits, grid: { signed, zeroPoint, rounding } };
      }),
    }),

    prepare: async (config): Promise<Answer<Prepared>> => {
      try {
        const { info } = await open(config.backend);
        const dataset = data(config);
        return {
          ok: true,
          value: { backend: info, data: dataset.info, samples: { data: sampleData(dataset), predictions: null, by: "" } },
        };
      } catch (error) {
        return { ok: false, ...failureOf(error, null) };
      }
    },

    describe: (config): Answer<Described> => {
      try {
        const { source, vertices, space, method } = openStudy(config, data(config));
        return {
          ok: true,
          value: {
            graph: source.graph,
            vertices,
            space,
            resource: method.resource(config.options),
            searches: method.stages(config.options).map(({ name }) => name),
          },
        };
      } catch (error) {
        return { ok: false, ...failureOf(error, null) };
      }
    },

    importData: async (files) => {
      try {
        imported = await readFiles(files);
        cut = null;
        return { ok: true, value: imported.info };
      } catch (error) {
        return { ok: false, ...failureOf(error, null) };
      }
    },

    run: async (config: RunConfig, knobs: Knobs, emit) => {
      if (!busy) control.reset(knobs);
      await job(config, emit, async (surroundings) => {
        closeStudy();
        study = openStudy(config, data(config));
        return runStudy(study, surroundings);
      });
    },

    resume: async (config, knobs, { policy, weights }, emit) => {
      if (!busy) control.reset(knobs);
      await job(config, emit, async (surroundings) => {
        const next = openStudy(config, data(config));
        const before = study;
        if (weights === "new") closeStudy();
        else if (!before?.search || before.dataset !== next.dataset || !sameGraph(before.config, config)) {
          throw new RunFailure(
            "config",
            "There are no weights of a search of this network to go on with: start a search first, or open the policy from its file to begin with new weights.",
          );
        }
        study = { ...next, search: weights === "new" ? null : (before?.search ?? null) };
        return resumeStudy(study, policy, surroundings);
      });
    },

    derive: async (config, emit) => {
      if (!busy) control.reset(control.knobs());
      await job(config, emit, async (surroundings) => {
        if (!study) throw new RunFailure("config", "There is nothing to derive a policy from yet: start a search first.");
        await derivePolicy(study, config, surroundings);
        return "go";
      });
    },

    train: async (config: RunConfig, targets: readonly TrainTarget[], emit: (event: RunEvent) => void) => {
      if (!busy) control.reset(control.knobs());
      await job(config, emit, async (surroundings) => {
        const dataset = data(config);
        // Files opened since the search are another data set under the same name.
        const fits = study !== null && study.dataset === dataset && sameNetwork(study.config, config);
        const kept = study && fits ? study : openStudy(config, dataset);
        if (kept !== study) closeStudy();
        study = kept;
        return trainTargets({ ...kept, config }, targets, surroundings);
      });
    },

    exportNetwork: async (config, policy): Promise<Answer<ExportedNetwork>> => {
      try {
        const kept = study && study.dataset === data(config) && sameNetwork(study.config, config) ? study : null;
        return { ok: true, value: await newestNetwork(kept ?? openStudy(config, data(config)), policy) };
      } catch (error) {
        return { ok: false, ...failureOf(error, backend?.open.failure() ?? null) };
      }
    },

    control: control.command,

    inspect: async (layer) => {
      const current = study;
      const search = current?.search;
      if (!current || !search) return null;
      return inspectLayer(search.network, search.relaxation, current.dataset, search.space, layer);
    },

    lab: async ({ source, role, bits }): Promise<Answer<LabView>> => {
      try {
        if (!backend) throw new RunFailure("backend", "Nothing computes yet: wait until the page is ready.");
        const values = source.type === "distribution" ? valuesOf(source.id, LAB_VALUES) : await layerValues(source.layer, role);
        return { ok: true, value: await viewQuantizers(values, role, bits) };
      } catch (error) {
        return { ok: false, ...failureOf(error, backend?.open.failure() ?? null) };
      }
    },
  };
}

/** Whether a searched network can serve another configuration: nothing that shapes the network or its data differs. */
function sameNetwork(a: RunConfig, b: RunConfig): boolean {
  const shape = ({
    model,
    width,
    data,
    unit,
    method,
    includeEnds,
    backend,
    seed,
    options,
    weightBits,
    activationBits,
  }: RunConfig): string =>
    JSON.stringify([model, width, data, unit, method, includeEnds, backend, seed, options, weightBits, activationBits]);
  return shape(a) === shape(b);
}

/** Whether weights of one configuration's network fit the other's, on the same data. */
const sameGraph = (a: RunConfig, b: RunConfig): boolean => a.model === b.model && a.width === b.width && a.backend === b.backend;

/** Turns an exception into what the page can say. A failed device explains whatever followed from it. */
function failureOf(error: unknown, backendFailure: string | null): { readonly code: FailureCode; readonly message: string } {
  if (backendFailure !== null)
    return { code: "device-lost", message: `${backendFailure} Reload the page, or choose the WASM backend.` };
  if (error instanceof RunFailure) return { code: error.code, message: error.message };
  if (error instanceof FormatError) return { code: "data", message: error.message };
  if (error instanceof RangeError && /memory|allocation/i.test(error.message)) {
    return { code: "memory", message: "There is not enough memory for this run: choose a smaller batch, width or network." };
  }
  if (error instanceof RangeError) return { code: "config", message: error.message };
  const text = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: `Something went wrong inside the engine: ${text}` };
}
