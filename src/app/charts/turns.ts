/**
 * Charts draw one after another, each in a frame of its own: together they would hold up the page for longer than a person's press or
 * drag of a slider may wait (0.1 s) on a small machine that trains at the same time.
 */
import { useRun } from "../store/run";

/** One chart's place in the queue, as an external store of React: its version is that of the run when it was last drawn. */
export interface Turn {
  readonly version: () => number;
  readonly subscribe: (draw: () => void) => () => void;
}

/** A turn rests this many times as long as it took before the next one, so that training and the person get the rest. */
const REST_FACTOR = 3;
/** A frame costs the browser about as much as a chart costs React: fifteen turns a second look alive. */
const LEAST_REST_MS = 40;
/** Something rare and long in between (a layout of the whole page) must not stop the charts. */
const LONGEST_REST_MS = 200;

/** What has to draw, longest waiting first. */
let waiting = new Set<() => void>();
let pumping = false;

/**
 * A turn that comes up whenever the run has moved on; all components of one chart share one, so that they agree. What is `first` goes
 * before what waits: it keeps the rate of the run's updates, and the others share the turns between.
 */
export function createTurn(order: "first" | "last"): Turn {
  const components = new Set<() => void>();
  const now = (): number => useRun.getState().version;
  let drawn = now();
  let unfollow = (): void => undefined;
  const draw = (): void => {
    drawn = now();
    for (const component of components) component();
  };
  return {
    version: () => (components.size === 0 ? now() : drawn),
    subscribe(component) {
      if (components.size === 0) {
        drawn = now();
        unfollow = useRun.subscribe((state, before) => {
          if (state.version !== before.version) enqueue(draw, order);
        });
      }
      components.add(component);
      return () => {
        components.delete(component);
        if (components.size > 0) return;
        unfollow();
        waiting.delete(draw);
      };
    },
  };
}

function enqueue(draw: () => void, order: "first" | "last"): void {
  if (order === "first") waiting = new Set([draw, ...waiting]);
  else waiting.add(draw);
  if (pumping) return;
  pumping = true;
  requestAnimationFrame(next);
}

function next(): void {
  const began = performance.now();
  const [draw] = waiting;
  if (draw) {
    waiting.delete(draw);
    draw();
  }
  // React draws in the microtask that follows and the browser after it; the next task knows how long both took.
  setTimeout(() => {
    pumping = waiting.size > 0;
    if (pumping) setTimeout(() => requestAnimationFrame(next), restOf(performance.now() - began));
  });
}

const restOf = (tookMs: number): number => Math.min(LONGEST_REST_MS, Math.max(LEAST_REST_MS, REST_FACTOR * tookMs));
