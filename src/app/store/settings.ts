/** What the controls set. Controls are the only writers; everything here is in the URL, so that a link is an exercise. */
import { useMemo } from "react";
import { create } from "zustand";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, KNOBS, type Knobs, type RunConfig } from "../../core/config";
import { formatSettings, parseSettings } from "../../core/settings-text";
import type { SearchSpace } from "../../core/search";
import { spaceOf, type SpaceResult } from "./space";
import { useRun } from "./run";
import { clamp } from "./validate";

export interface SettingsState {
  /** What the next run is made of. */
  readonly config: RunConfig;
  /** What acts on the running search. */
  readonly knobs: Knobs;
  /** Sentences about the URL that the page was opened with. */
  readonly problems: readonly string[];
  /** Takes checked values only: a field that reads an impossible number keeps it to itself. */
  readonly change: (part: Partial<RunConfig>) => void;
  readonly setKnobs: (part: Partial<Knobs>) => void;
  readonly dismissProblems: () => void;
}

export const useSettings = create<SettingsState>()((set) => ({
  config: DEFAULT_CONFIG,
  knobs: DEFAULT_KNOBS,
  problems: [],
  change: (part) => set(({ config }) => ({ config: { ...config, ...part } })),
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

/** The search space of what the charts show: of the run, or of the settings while nothing has run. Null until the data is known. */
export function useSpace(): SearchSpace | null {
  const ran = useRun((state) => state.ran);
  const data = useRun((state) => state.data);
  const config = useSettings((state) => state.config);
  const shown = ran ?? (data ? { config, data } : null);
  const result = useResult(shown?.config ?? null, shown?.data ?? null);
  return result?.ok ? result.space : null;
}

/** What is wrong with the network that is set, null if it can be built (or the data is not known yet). */
export function useNetworkProblem(): string | null {
  const config = useSettings((state) => state.config);
  const result = useResult(
    config,
    useRun((state) => state.data),
  );
  return result && !result.ok ? result.message : null;
}

export const useKnobs = (): Knobs => useSettings((state) => state.knobs);

/** Rebuilds only when a value changes that the network or its candidates depend on. */
function useResult(config: RunConfig | null, data: Parameters<typeof spaceOf>[1] | null): SpaceResult | null {
  const { model, width, weightBits, activationBits, includeEnds } = config ?? DEFAULT_CONFIG;
  const given = config !== null;
  return useMemo(() => {
    if (!given || !data) return null;
    return spaceOf({ model, width, weightBits, activationBits, includeEnds }, data);
  }, [given, data, model, width, weightBits, activationBits, includeEnds]);
}

/** Reads the settings out of the address and keeps the address in step with them from then on. */
export function keepInUrl(): void {
  const { config, knobs, problems } = parseSettings(new URLSearchParams(location.search));
  useSettings.setState({ config, knobs, problems });
  let pending: ReturnType<typeof setTimeout> | undefined;
  useSettings.subscribe((state, before) => {
    if (state.config === before.config && state.knobs === before.knobs) return;
    clearTimeout(pending);
    pending = setTimeout(() => history.replaceState(null, "", `${location.pathname}${searchText(state)}`), URL_IDLE_MS);
  });
}

/** Browsers refuse more than about 100 address changes in 30 seconds, and dragging lambda makes 60 a second. */
const URL_IDLE_MS = 300;

/** The query of the address for these settings, "" for the defaults. */
export function searchText(settings: Pick<SettingsState, "config" | "knobs">): string {
  const text = new URLSearchParams(formatSettings(settings).map(([key, value]) => [key, value])).toString();
  return text === "" ? "" : `?${text}`;
}
