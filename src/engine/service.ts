/** The worker's side of the protocol: holds the backend, the data and the last study, and runs one job at a time. */
import { DEFAULT_KNOBS, type Knobs, type RunConfig } from "../core/config";
import { valuesOf } from "../core/distributions";
import { IMPORTED, type ImportedNetwork } from "../core/imported";
import type { Answer, Described, ExportedNetwork, Prepared, RunEvent, SearchWorker, TrainTarget } from "../core/protocol";
import type { LabView } from "../core/views";
import type { Role } from "../core/search";
import { answer, failureOf } from "./answer";
import { openBackend, type BackendOptions, type OpenBackend } from "./backend";
import { CATALOG } from "./catalog";
import { createControl, type Verdict } from "./control";
import { createDataShelf, type ReadData } from "./data-shelf";
import { RunFailure } from "./failure";
import { inspectLayer, readTensors } from "./inspect-layer";
import { createNetworkShelf, type NetworkReading } from "./network-shelf";
import { LAB_VALUES, spread, viewQuantizers } from "./quantizer-lab";
import {
  adaptStudy,
  checkNetwork,
  derivePolicy,
  disposeStudy,
  memoryOf,
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

/** `readData` turns files into a data set, `networks` into networks. */
export function createService(options: BackendOptions, readData: ReadData, networks: NetworkReading): SearchWorker {
  const control = createControl(DEFAULT_KNOBS);
  let backend: { readonly choice: RunConfig["backend"]; readonly open: OpenBackend } | null = null;
  const shelf = createDataShelf(readData);
  const data = shelf.dataset;
  const networkShelf = createNetworkShelf(networks);
  let study: Study | null = null;
  let busy = false;

  const deviceFailure = (): string | null => backend?.open.failure() ?? null;

  const open = async (choice: RunConfig["backend"]): Promise<OpenBackend> => {
    if (backend && backend.choice === choice && deviceFailure() === null) return backend.open;
    // Tensors of another backend cannot be used by this one.
    closeStudy();
    const opened = await openBackend(choice, options);
    backend = { choice, open: opened };
    return opened;
  };

  const opened = (config: RunConfig): Study => openStudy(config, data(config), networkShelf.network());

  const networkOf = ({ model }: RunConfig): ImportedNetwork | null => (model === IMPORTED ? networkShelf.network() : null);

  /** The study if it can serve a configuration: files opened since are other data, or another network, under the same name. */
  const keptFor = (config: RunConfig): Study | null =>
    study && study.dataset === data(config) && study.source.imported === networkOf(config) && sameNetwork(study.config, config)
      ? study
      : null;

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
      const { code, message } = failureOf(error, deviceFailure());
      emit({ type: "failed", code, message });
    } finally {
      busy = false;
    }
  };

  return {
    catalog: () => CATALOG,

    prepare: (config): Promise<Answer<Prepared>> =>
      answer(async () => {
        const { info } = await open(config.backend);
        const dataset = data(config);
        return { backend: info, data: dataset.info, samples: { data: sampleData(dataset), predictions: null, by: "" } };
      }),

    describe: (config): Promise<Answer<Described>> =>
      answer(() => {
        const described = opened(config);
        const { source, vertices, space, method } = described;
        return {
          graph: source.graph,
          vertices,
          space,
          resource: method.resource(config.options),
          searches: method.stages(config.options).map(({ name }) => name),
          memory: backend && memoryOf(described, backend.open.info),
        };
      }),

    identify: networkShelf.identify,

    importNetwork: (source, tell) => answer(async () => (await networkShelf.take(source, tell)).info),

    importData: (source, resizing, tell) => answer(async () => (await shelf.take(source, resizing, tell)).info),

    stopImport: () => {
      shelf.stop();
      networkShelf.stop();
    },

    run: async (config: RunConfig, knobs: Knobs, emit) => {
      if (!busy) control.reset(knobs);
      await job(config, emit, async (surroundings) => {
        closeStudy();
        study = await adaptStudy(opened(config));
        return runStudy(study, surroundings);
      });
    },

    resume: async (config, knobs, { policy, weights }, emit) => {
      if (!busy) control.reset(knobs);
      await job(config, emit, async (surroundings) => {
        const next = await adaptStudy(opened(config));
        const before = study;
        if (weights === "new") closeStudy();
        else if (!before?.search || !sameGraph(before, next)) {
          throw new RunFailure(
            "config",
            "There are no weights of a search of this network to go on with: start a search first, or open the policy from its file to begin with new weights.",
          );
        }
        study = { ...next, search: weights === "new" ? null : (before?.search ?? null) };
        return resumeStudy(study, policy, surroundings);
      });
    },

    check: async (config, emit) => {
      if (!busy) control.reset(control.knobs());
      await job(config, emit, (surroundings) => checkNetwork(opened(config), surroundings));
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
        const kept = keptFor(config) ?? (await adaptStudy(opened(config)));
        if (kept !== study) closeStudy();
        study = kept;
        return trainTargets({ ...kept, config }, targets, surroundings);
      });
    },

    exportNetwork: (config, policy): Promise<Answer<ExportedNetwork>> =>
      answer(() => newestNetwork(keptFor(config) ?? opened(config), policy), deviceFailure),

    control: control.command,

    inspect: async (layer) => {
      const current = study;
      const search = current?.search;
      if (!current || !search) return null;
      return inspectLayer(search.network, search.relaxation, current.dataset, search.space, layer);
    },

    lab: ({ source, role, bits }): Promise<Answer<LabView>> =>
      answer(async () => {
        if (!backend) throw new RunFailure("backend", "Nothing computes yet: wait until the page is ready.");
        const values = source.type === "distribution" ? valuesOf(source.id, LAB_VALUES) : await layerValues(source.layer, role);
        return viewQuantizers(values, role, bits);
      }, deviceFailure),
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
    expensive,
    excluded,
    activations,
    resolution,
    normalise,
    start,
    adapt,
    backend,
    seed,
    options,
    weightBits,
    activationBits,
  }: RunConfig): string =>
    JSON.stringify([
      ...[model, width, data, unit, method, includeEnds, expensive, excluded, activations, resolution, normalise, start, adapt],
      ...[backend, seed, options, weightBits, activationBits],
    ]);
  return shape(a) === shape(b);
}

/** Whether weights of one study's network fit the other's, on the same data. */
function sameGraph(a: Study, b: Study): boolean {
  const shape = ({ model, width, resolution, normalise, start, adapt, backend }: RunConfig): string =>
    JSON.stringify([model, width, resolution, normalise, start, adapt, backend]);
  return a.dataset === b.dataset && a.source.imported === b.source.imported && shape(a.config) === shape(b.config);
}
