/** Keeps the histograms of the selected layer up to date. */
import { useRun } from "../store/run";
import { useSelection } from "../store/selection";
import { currentWorker, fail, sentence } from "./session";

/** Histograms change slowly, and each costs the worker a read-back. */
const INSPECT_MS = 1000;

let inspecting = false;
let inspectedAt = 0;

/** Asks for another layer at once, and once a second while something runs. */
export function followSelection(): void {
  useSelection.subscribe((state, before) => {
    if (state.layer !== before.layer) void inspect(true);
  });
  useRun.subscribe((state, before) => {
    if (state.version !== before.version) void inspect(false);
  });
}

async function inspect(another: boolean): Promise<void> {
  const { layer } = useSelection.getState();
  const worker = currentWorker();
  if (!worker || layer === null || inspecting || useRun.getState().history.points.length === 0) return;
  if (!another && performance.now() - inspectedAt < INSPECT_MS) return;
  inspecting = true;
  // A worker that breaks never answers: the next one must not wait for it.
  const release = useRun.subscribe(() => {
    if (currentWorker() !== worker) settle();
  });
  const settle = (): void => {
    release();
    inspecting = false;
    inspectedAt = performance.now();
  };
  try {
    const view = await worker.inspect(layer);
    if (currentWorker() === worker) useRun.setState({ view });
  } catch (error) {
    fail("internal", sentence(error));
  } finally {
    settle();
  }
  if (useSelection.getState().layer !== layer) await inspect(true);
}
