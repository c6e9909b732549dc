/** What the page and the worker say to each other. Everything here survives `structuredClone`. */
import type { Resource } from "./budget";
import type { BackendId, Knobs, Resizing, RunConfig } from "./config";
import type { DatasetInfo, ReadingProgress, Split } from "./dataset";
import type { CostTotals } from "./cost";
import type { Graph } from "./graph";
import type { ImportedInfo } from "./imported";
import type { QuantizingVertex } from "./qag";
import type { MemoryLimits } from "./memory-advice";
import type { MeterSpec, Catalog } from "./catalog";
import type { LayerView, LabRequest, LabView } from "./views";
import type { Policy } from "./policy";
import type { SearchSpace } from "./search";

export interface BackendInfo {
  readonly id: BackendId;
  /** "WebGPU: NVIDIA RTX 4060", "WASM: SIMD, 2 threads". */
  readonly label: string;
  /** Why this one: empty, or for instance why WebGPU is not used. */
  readonly note: string;
  readonly memory: MemoryLimits;
}

/** Sample images or texts for the page, the first of the test data, with labels and, once a network exists, predictions. */
export interface Samples {
  readonly data: Split;
  /** For each of the labels; null before the first evaluation. */
  readonly predictions: Uint16Array | null;
  /** Whose predictions: "search", "W2A2", ... */
  readonly by: string;
}

export type StageKind = "search" | "derive" | "train";

export interface StageInfo {
  readonly kind: StageKind;
  /** "Search", "Derive", "Retrain", "Float", "W2A2" */
  readonly label: string;
  /** Steps of this stage; 0 for one that takes none. */
  readonly steps: number;
  readonly epochs: number;
  /** What `RelaxedState.meters` holds in this stage, in its order. */
  readonly meters: readonly MeterSpec[];
  /** What a search searches, if it is not what the study describes but follows from what an earlier search decided. */
  readonly space?: SearchSpace;
}

/** The state of the running stage, ten times a second at most. */
export interface Snapshot {
  /** Steps done in this stage. */
  readonly step: number;
  /** Epochs done in this stage, fractional. */
  readonly epoch: number;
  /** Knobs that the last step used. */
  readonly knobs: Knobs;
  /** Cross-entropy of the last batch. */
  readonly taskLoss: number;
  /** What the method added to it: lambda * C for EdMIPS. 0 in training stages. */
  readonly penalty: number;
  /** Share of right predictions over the training images since the previous snapshot, 0..1. */
  readonly accuracy: number;
  /** Learning rate of the weights now. */
  readonly rate: number;
  /** Steps per second over the last two seconds or so. */
  readonly speed: number;
  /** Seconds that this stage still takes at that speed. */
  readonly secondsLeft: number;
  /** Search only, else null. */
  readonly relaxed: RelaxedState | null;
}

/** Where a search stands. */
export interface RelaxedState {
  /** Probabilities of the candidates, site after site (weight and activation of each searched layer), flattened. */
  readonly probabilities: Float32Array;
  /** Expected bits, [weight, activation] of each searched layer. */
  readonly bits: Float32Array;
  /** Totals over the searched layers at the expected bits. */
  readonly totals: CostTotals;
  /**
   * Bits of each kernel, site after site, `Site.kernels` numbers each; null where every tensor has one width. Kept for the newest
   * snapshot only.
   */
  readonly kernels: Float32Array | null;
  /** One for each `StageInfo.meters`: one number, or one for each searched layer. */
  readonly meters: readonly Float32Array[];
}

/** A trained network's result. */
export interface TrainResult {
  readonly label: string;
  readonly kind: "float" | "uniform" | "policy";
  /** Test accuracy 0..1 of the hard network; of next symbols for a language model. */
  readonly accuracy: number;
  /** Of a language model on the test text, for each symbol (character or word); null for other networks. */
  readonly perplexity: number | null;
  /** Test accuracy after each epoch. */
  readonly accuracies: readonly number[];
  /** Totals over the searched layers. */
  readonly totals: CostTotals;
  readonly epochs: number;
  readonly seconds: number;
  /** Weights in this policy, for "policy" and "uniform". */
  readonly policy: Policy | null;
}

export type FailureCode =
  | "backend" // no such backend, or it would not start
  | "device-lost"
  | "not-finite"
  | "data"
  | "config"
  | "memory"
  | "internal";

export type RunEvent =
  | { readonly type: "ready"; readonly backend: BackendInfo; readonly data: DatasetInfo }
  | { readonly type: "stage"; readonly stage: StageInfo }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  /** Of a network on the test data after an epoch; "relaxed" is the searched one. */
  | {
      readonly type: "evaluated";
      readonly label: string;
      readonly epoch: number;
      readonly accuracy: number;
      readonly perplexity: number | null;
    }
  | { readonly type: "derived"; readonly policy: Policy; readonly tried: readonly DerivedTry[] }
  | { readonly type: "result"; readonly result: TrainResult }
  | { readonly type: "samples"; readonly samples: Samples }
  | { readonly type: "log"; readonly text: string }
  /** The run is over; `stopped` if a person ended it. */
  | { readonly type: "finished"; readonly stopped: boolean }
  | { readonly type: "failed"; readonly code: FailureCode; readonly message: string };

/** One policy that a sampling rule compared. */
export interface DerivedTry {
  readonly averageBits: number;
  readonly bitOps: number;
  /** On held-out training images; null for a rule with a single try. */
  readonly accuracy: number | null;
  readonly withinBudget: boolean;
  readonly chosen: boolean;
}

export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: FailureCode; readonly message: string };

export interface Prepared {
  readonly backend: BackendInfo;
  readonly data: DatasetInfo;
  readonly samples: Samples;
}

/** A dropped or picked file; `path` is its name with the folders that were given, "/" between them. */
export interface GivenFile {
  readonly file: File;
  readonly path: string;
}

/** Where a network comes from. */
export type NetworkFiles =
  { readonly type: "files"; readonly files: readonly GivenFile[] } | { readonly type: "url"; readonly url: string };

/** Where a data set comes from; "again" reads the files of the last one once more. */
export type DataSource =
  | { readonly type: "files"; readonly files: readonly GivenFile[] }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "again" };

/** What a configuration would search. */
export interface Described {
  /** The network as it runs on the data; costly nodes say which quantized tensors they share. */
  readonly graph: Graph;
  /** Where its quantizers sit. */
  readonly vertices: readonly QuantizingVertex[];
  readonly space: SearchSpace;
  /** What the budget counts; null for a method without one. */
  readonly resource: Resource | null;
  /** Names of the searches that follow one another; the space is the first one's. */
  readonly searches: readonly string[];
  /** Null before a backend is open. */
  readonly memory: MemoryUse | null;
}

/** What a run is expected to take of the backend's memory, in bytes. */
export interface MemoryUse {
  readonly bytes: number;
  readonly limit: number;
  /** Why the run would be refused, and what would fit; null if it fits. */
  readonly problem: string | null;
}

/** A network with its weights, for files. */
export interface ExportedNetwork {
  readonly graph: Graph;
  /** By variable, before any quantization: "conv1.weight", "bn1.mean". */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** What gave it these weights: "Retrain", "Search", "as imported". */
  readonly from: string;
}

/** Where a training after the search starts, and what it trains. */
export type TrainTarget =
  | { readonly kind: "float" }
  | { readonly kind: "uniform"; readonly weightBits: number; readonly activationBits: number }
  | { readonly kind: "policy"; readonly policy: Policy; readonly from: "scratch" | "search" };

/** The worker as the page sees it. Long work reports through `emit`; one job runs at a time. */
export interface SearchWorker {
  readonly catalog: () => Catalog;
  /** Opens backend and data, so that the page can say which they are and show samples. */
  readonly prepare: (config: RunConfig) => Promise<Answer<Prepared>>;
  /** The search space of a configuration on the data that are open. Cheap; may be asked during a run. */
  readonly describe: (config: RunConfig) => Promise<Answer<Described>>;
  /** Reads a network, which the model "imported" then stands for; the former one stays if it cannot be used. */
  readonly importNetwork: (source: NetworkFiles, tell: (progress: ReadingProgress) => void) => Promise<Answer<ImportedInfo>>;
  /** Whether files are meant to be a network or data. */
  readonly identify: (files: readonly GivenFile[]) => Promise<"network" | "data">;
  /** Reads what is given into the data set "imported", images in the size that is chosen. The former one stays if this fails. */
  readonly importData: (
    source: DataSource,
    resizing: Resizing,
    tell: (progress: ReadingProgress) => void,
  ) => Promise<Answer<DatasetInfo>>;
  /** Ends the reading that is under way. */
  readonly stopImport: () => void;
  /** Search, derive and, as configured, retrain and baselines; to the end, whatever the end is. */
  readonly run: (config: RunConfig, knobs: Knobs, emit: (event: RunEvent) => void) => Promise<void>;
  /**
   * The searches of a run after its first one, which take `policy` for what that decided, and what follows them: with the weights of the
   * last search, or with new ones.
   */
  readonly resume: (
    config: RunConfig,
    knobs: Knobs,
    start: { readonly policy: Policy; readonly weights: "search" | "new" },
    emit: (event: RunEvent) => void,
  ) => Promise<void>;
  /** Evaluates an imported network on the test data as it is. */
  readonly check: (config: RunConfig, emit: (event: RunEvent) => void) => Promise<void>;
  /** Derives again from the last search, with the rule of `config.derive`. */
  readonly derive: (config: RunConfig, emit: (event: RunEvent) => void) => Promise<void>;
  readonly train: (config: RunConfig, targets: readonly TrainTarget[], emit: (event: RunEvent) => void) => Promise<void>;
  /**
   * The network of a configuration with its newest weights: those that were trained for a policy, those of the search (`policy` says which
   * of its branches count), or those that were imported.
   */
  readonly exportNetwork: (config: RunConfig, policy: Policy | null) => Promise<Answer<ExportedNetwork>>;
  readonly control: (command: Command) => void;
  readonly inspect: (layer: string) => Promise<LayerView | null>;
  readonly lab: (request: LabRequest) => Promise<Answer<LabView>>;
}

export type Command =
  | { readonly type: "knobs"; readonly knobs: Knobs }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** One step, then paused again. */
  | { readonly type: "step" }
  /** Ends the running stage early and goes on with what follows (a search is derived from where it stands). */
  | { readonly type: "finish" }
  /** Ends the whole job. What was reached stays. */
  | { readonly type: "stop" };
