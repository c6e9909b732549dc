/** What the controls set. Controls are the only writers; everything here is in the URL, so that a link is an exercise. */
import { create } from "zustand";
import {
  DEFAULT_CONFIG,
  DEFAULT_KNOBS,
  KNOBS,
  withMethodDefaults,
  withPretrainedRate,
  type Knobs,
  type MethodDefaults,
  type RunConfig,
} from "../../core/config";
import type { MethodInfo } from "../../core/catalog";
import { formatSettings, parseSettings } from "../../core/settings-text";
import { clamp } from "./validate";

export interface SettingsState {
  /** What the next run is made of. */
  readonly config: RunConfig;
  /** What acts on the running search. */
  readonly knobs: Knobs;
  /** What the method starts with in place of the general defaults; none before the catalog tells. */
  readonly defaults: MethodDefaults;
  /** What was asked for before the catalog was there: the method's defaults leave it alone. */
  readonly given: ReadonlySet<keyof RunConfig>;
  /** Sentences about the URL that the page was opened with. */
  readonly problems: readonly string[];
  /** Takes checked values only: a field that reads an impossible number keeps it to itself. */
  readonly change: (part: Partial<RunConfig>) => void;
  /** Takes another method with its own values, and takes back those of the method that is left. */
  readonly chooseMethod: (method: MethodInfo) => void;
  /** Fills in the method's own values for whatever was not asked for, once the catalog is there. */
  readonly fillIn: (methods: readonly MethodInfo[]) => void;
  readonly setKnobs: (part: Partial<Knobs>) => void;
  readonly dismissProblems: () => void;
}

const NOTHING: ReadonlySet<keyof RunConfig> = new Set();

export const useSettings = create<SettingsState>()((set) => ({
  config: DEFAULT_CONFIG,
  knobs: DEFAULT_KNOBS,
  defaults: {},
  given: NOTHING,
  problems: [],
  change: (part) =>
    set(({ config, given }) => ({
      config: { ...config, ...part },
      given: new Set([...given, ...(Object.keys(part) as (keyof RunConfig)[])]),
    })),
  chooseMethod: ({ id, defaults }) =>
    set(({ config, defaults: left }) => {
      const general = Object.fromEntries(Object.keys(left).map((key) => [key, DEFAULT_CONFIG[key as keyof RunConfig]]));
      const chosen = withMethodDefaults({ ...config, ...general, method: id, options: {} }, defaults, NOTHING);
      // A rate of the method's own, or the general one, is for new weights.
      const isFresh = "weightRate" in left || "weightRate" in defaults;
      return { config: isFresh ? withPretrainedRate(chosen, NOTHING) : chosen, defaults };
    }),
  fillIn: (methods) =>
    set(({ config, given }) => {
      const defaults = methods.find(({ id }) => id === config.method)?.defaults ?? {};
      return { config: withPretrainedRate(withMethodDefaults(config, defaults, given), given), defaults };
    }),
  setKnobs: (part) =>
    set(({ knobs }) => {
      const taken = Object.entries(part).filter(([, value]) => Number.isFinite(value));
      return {
        knobs: {
          ...knobs,
          ...Object.fromEntries(taken.map(([knob, value]) => [knob, clamp(value, KNOBS[knob as keyof Knobs])])),
        },
      };
    }),
  dismissProblems: () => set({ problems: [] }),
}));

/** Reads the settings out of the address and keeps the address in step with them from then on. */
export function keepInUrl(): void {
  const { config, knobs, given, problems } = parseSettings(new URLSearchParams(location.search));
  useSettings.setState({ config, knobs, given, problems });
  let pending: ReturnType<typeof setTimeout> | undefined;
  useSettings.subscribe((state, before) => {
    if (state.config === before.config && state.knobs === before.knobs) return;
    clearTimeout(pending);
    pending = setTimeout(() => history.replaceState(null, "", `${location.pathname}${searchText(state)}`), URL_IDLE_MS);
  });
}

/** Browsers refuse more than about 100 address changes in 30 seconds, and dragging lambda makes 60 a second. */
const URL_IDLE_MS = 300;

/** The query of the address for these settings, "" for the defaults; what the method starts with by itself is left out. */
export function searchText({ config, knobs, defaults }: Pick<SettingsState, "config" | "knobs" | "defaults">): string {
  const base = { ...DEFAULT_CONFIG, ...defaults };
  const text = new URLSearchParams(formatSettings({ config, knobs }, base).map(([key, value]) => [key, value])).toString();
  return text === "" ? "" : `?${text}`;
}
