/** Steps of many variants that take turns: drift of the machine hits all alike. */
import type { NetworkId } from "./measure/networks";
import type { Opened } from "./measure/session";

/** What can be timed: a session of this process, or one in a worker. */
export interface Stepper {
  readonly variants: () => readonly string[] | Promise<readonly string[]>;
  readonly prepare: (network: NetworkId, variant: string) => Promise<Opened>;
  readonly time: (network: NetworkId, variant: string, steps: number) => Promise<number>;
  readonly matmul: (size: number) => Promise<number>;
  readonly release: () => void | Promise<void>;
}

export interface Lane {
  readonly where: string;
  readonly variant: string;
  /** One measurement: milliseconds, GFLOP/s. */
  readonly measure: () => Promise<number>;
}

export interface Opening {
  readonly lanes: readonly Lane[];
  /** Loss before the first step, by variant. */
  readonly losses: ReadonlyMap<string, number>;
  /** Which variants cannot be trained here, and why. */
  readonly refusals: readonly string[];
}

/** Opens every variant of a session on one network. */
export async function openLanes(where: string, session: Stepper, network: NetworkId, steps: number): Promise<Opening> {
  const lanes: Lane[] = [];
  const losses = new Map<string, number>();
  const refusals: string[] = [];
  for (const variant of await session.variants()) {
    const opened = await session.prepare(network, variant);
    if ("reason" in opened) refusals.push(`${variant} on ${where}: ${opened.reason}`);
    else {
      losses.set(variant, opened.loss);
      lanes.push({ where, variant, measure: () => session.time(network, variant, steps) });
    }
  }
  return { lanes, losses, refusals };
}

/**
 * One measurement of each lane in every round; gives the samples of each lane. The first lane of a place finds cold caches and sleeping
 * threads: another one in every round.
 */
export async function takeTurns<L extends Pick<Lane, "measure" | "where">>(
  lanes: readonly L[],
  rounds: number,
): Promise<ReadonlyMap<L, readonly number[]>> {
  const samples = new Map<L, number[]>(lanes.map((lane) => [lane, []]));
  const places = [...new Set(lanes.map(({ where }) => where))].map((place) => lanes.filter(({ where }) => where === place));
  for (let round = 0; round < rounds; round++) {
    for (const place of places) {
      const first = round % place.length;
      for (const lane of [...place.slice(first), ...place.slice(0, first)]) samples.get(lane)?.push(await lane.measure());
    }
  }
  return samples;
}
