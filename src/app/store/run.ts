/** What the worker said. The bridge is the only writer. */
import { create } from "zustand";
import type { RunConfig } from "../../core/config";
import type { DatasetInfo, ReadingProgress } from "../../core/dataset";
import { emptyHistory, shownSearch, type History } from "../../core/history";
import type { ImportedInfo } from "../../core/imported";
import type { Catalog } from "../../core/catalog";
import type { BackendInfo, Described, FailureCode, Samples, StageInfo, TrainResult } from "../../core/protocol";
import type { LayerView } from "../../core/views";
import type { Policy } from "../../core/policy";
import type { SearchSpace } from "../../core/search";

export type RunStatus =
  | { readonly type: "preparing" }
  | { readonly type: "ready" }
  | { readonly type: "running" }
  | { readonly type: "paused" }
  | { readonly type: "deriving" }
  | { readonly type: "finished"; readonly stopped: boolean }
  | { readonly type: "failed"; readonly code: FailureCode; readonly message: string };

export type FileImport =
  | { readonly type: "none" }
  /** How far it is; null before the first word. */
  | { readonly type: "reading"; readonly progress: ReadingProgress | null }
  | { readonly type: "failed"; readonly message: string };

/** Where a policy comes from before anybody edits it. */
type GivenPolicy =
  { readonly type: "none" } | { readonly type: "derived" } | { readonly type: "opened"; readonly fileName: string };

/** Where the shown policy comes from. */
export type PolicySource = GivenPolicy | { readonly type: "edited"; readonly before: Policy; readonly source: GivenPolicy };

/** Where it comes from, edited or not. */
export const originOf = (source: PolicySource): GivenPolicy => (source.type === "edited" ? source.source : source);

export interface LogEntry {
  readonly at: Date;
  readonly kind: "stage" | "note" | "result" | "failure";
  readonly text: string;
}

/** A row of the results table: results stay when another run starts. */
export interface SessionResult {
  /** Counts the runs of this session from 1. */
  readonly run: number;
  /** "ResNet-8 on Glyphs, seed 1" */
  readonly of: string;
  readonly result: TrainResult;
}

/** What a run was made of. */
interface Ran {
  readonly config: RunConfig;
  readonly data: DatasetInfo;
  /** The network from a file that there was, whether or not it is the one that ran. */
  readonly network: ImportedInfo | null;
  /** Null until the worker has told. */
  readonly described: Described | null;
}

export interface RunState {
  readonly status: RunStatus;
  readonly catalog: Catalog | null;
  readonly backend: BackendInfo | null;
  /** The data that the settings choose; null until the worker has opened it. */
  readonly data: DatasetInfo | null;
  /** The imported set, if there is one: it stays choosable while the built-in one is used. */
  readonly imported: DatasetInfo | null;
  /** The address that it was fetched from; "" for files. */
  readonly importedFrom: string;
  readonly dataImport: FileImport;
  /** The network from a file, if there is one: it stays choosable while a built-in one is used. */
  readonly network: ImportedInfo | null;
  readonly networkImport: FileImport;
  /** What the settings would search; the former answer until another comes, null where they cannot be searched. */
  readonly described: Described | null;
  /** Why the settings cannot be searched, in a sentence. */
  readonly problem: string | null;
  readonly samples: Samples | null;
  readonly stage: StageInfo | null;
  /** The run that the charts show, null before one. */
  readonly ran: Ran | null;
  /** Changed in place: follow `version`. */
  readonly history: History;
  /** Counts changes of `history`, at most five a second. */
  readonly version: number;
  readonly policySource: PolicySource;
  /** Why a policy file could not be opened. */
  readonly policyProblem: string | null;
  /** Tensors of the selected layer. */
  readonly view: LayerView | null;
  readonly log: readonly LogEntry[];
  readonly results: readonly SessionResult[];
  readonly runs: number;
}

export const useRun = create<RunState>()(() => ({
  status: { type: "preparing" },
  catalog: null,
  backend: null,
  data: null,
  imported: null,
  importedFrom: "",
  dataImport: { type: "none" },
  network: null,
  networkImport: { type: "none" },
  described: null,
  problem: null,
  samples: null,
  stage: null,
  ran: null,
  history: emptyHistory(),
  version: 0,
  policySource: { type: "none" },
  policyProblem: null,
  view: null,
  log: [],
  results: [],
  runs: 0,
}));

/** What the charts show: the run, or the settings while nothing has run. Null until the worker has told what it is. */
export const shownDescription = ({ ran, described }: Pick<RunState, "ran" | "described">): Described | null =>
  ran?.described ?? described;

/** The search space of what the charts show. */
export const useSpace = (): SearchSpace | null =>
  useRun((state) => shownSearch(state.history)?.stage.space ?? shownDescription(state)?.space ?? null);

/** Has the charts show one of the run's searches. */
export const showSearch = (stage: number): void =>
  useRun.setState(({ history, version }) => ({ history: { ...history, shown: stage }, version: version + 1 }));

/** The run so far. `history` is changed in place, `version` says when. */
export function useHistory(): { readonly history: History; readonly version: number } {
  const version = useRun((state) => state.version);
  const history = useRun((state) => state.history);
  return { history, version };
}

/** Whether a job is under way: settings that restart are locked then. */
export function isBusy(status: RunStatus): boolean {
  switch (status.type) {
    case "running":
    case "paused":
    case "deriving":
      return true;
    case "preparing":
    case "ready":
    case "finished":
    case "failed":
      return false;
  }
}
