/** What tests of searches share: a data set that a small network learns in a few steps, and whole runs on it. */
import { DEFAULT_CONFIG, DEFAULT_KNOBS, withMethodDefaults, type Knobs, type RunConfig } from "../../core/config";
import { imageDataset, type ImageDataset } from "../../core/dataset";
import type { RunEvent, Snapshot } from "../../core/protocol";
import { createRandom } from "../../core/random";
import { openBackend, type OpenBackend } from "../backend";
import { createControl, type Control } from "../control";
import { findMethod } from "../methods";
import { openStudy, runStudy, type Study, type Surroundings } from ".";

/** Bright squares in one of four corners. */
export function corners(): ImageDataset {
  const random = createRandom("corners");
  const make = (count: number): ImageDataset["train"] => {
    const images = new Uint8Array(count * 64);
    const labels = Uint16Array.from({ length: count }, () => random.integer(4));
    labels.forEach((label, i) => {
      for (let p = 0; p < 64; p++) {
        const corner = 2 * Number(p >> 3 >= 4) + Number((p & 7) >= 4);
        images[i * 64 + p] = 40 * random.uniform() + (corner === label ? 150 : 0);
      }
    });
    return { images, labels };
  };
  const about = {
    ...{ id: "corners", name: "Corners", classes: ["a", "b", "c", "d"], height: 8, width: 8, channels: 1 },
    resizing: null,
  };
  return imageDataset(about, { train: make(160), test: make(64) });
}

/** Three short epochs of ResNet-8, and nothing after the search. */
export const TOY_CONFIG: RunConfig = {
  ...DEFAULT_CONFIG,
  data: "corners",
  width: 4,
  epochs: 3,
  batch: 16,
  shift: false,
  retrain: false,
  baselines: false,
};

interface Played {
  readonly study: Study;
  readonly events: readonly RunEvent[];
  readonly surroundings: Surroundings;
}

export type Play = (
  change?: Partial<RunConfig>,
  knobs?: Partial<Knobs>,
  onEvent?: (event: RunEvent, control: Control) => void,
) => Promise<Played>;

/** Runs whole studies on `corners` on WASM; the method's own defaults apply to what is not changed. The caller disposes the study. */
export async function openPlayer(): Promise<Play> {
  const data = corners();
  const backend: OpenBackend = await openBackend("wasm", { wasmPaths: null, threads: 1 });
  return async (change = {}, knobs = {}, onEvent) => {
    const events: RunEvent[] = [];
    const control = createControl({ ...DEFAULT_KNOBS, ...knobs });
    const surroundings: Surroundings = {
      backend: backend.info,
      backendFailure: backend.failure,
      control,
      emit: (event) => {
        events.push(event);
        onEvent?.(event, control);
      },
    };
    const config = { ...TOY_CONFIG, ...change };
    const own = new Set([...Object.keys(change), "retrain"] as (keyof RunConfig)[]);
    const study = openStudy(withMethodDefaults(config, findMethod(config.method).defaults, own), data);
    await runStudy(study, surroundings);
    return { study, events, surroundings };
  };
}

/** All events of one type. */
export const eventsOf = <T extends RunEvent["type"]>(
  events: readonly RunEvent[],
  type: T,
): readonly Extract<RunEvent, { readonly type: T }>[] =>
  events.filter((event): event is Extract<RunEvent, { readonly type: T }> => event.type === type);

/** The last snapshot of a search. */
export function lastSearched(events: readonly RunEvent[]): Snapshot {
  const snapshot = eventsOf(events, "snapshot").findLast((event) => event.snapshot.relaxed !== null)?.snapshot;
  if (!snapshot) throw new RangeError("There was no search.");
  return snapshot;
}
