/** Asks the worker for the quantizer lab's figures while the lab is shown. */
import { labRequest, CHOSEN_LAYER, useLab } from "../store/lab";
import { useRun } from "../store/run";
import { useSelection } from "../store/selection";
import { currentWorker, fail, sentence } from "./session";

/** A layer's values change while it trains; each look at them costs the worker a read-back. */
const REFRESH_MS = 1000;

/** Asks at once, whenever the question changes, and once a second for a layer that trains. Returns what ends it. */
export function followLab(): () => void {
  let asking = false;
  let stale = false;
  let askedAt = 0;
  let ended = false;

  const ask = async (): Promise<void> => {
    const worker = currentWorker();
    const request = labRequest(useLab.getState(), useSelection.getState().layer);
    if (ended || !worker || !useRun.getState().data) return;
    if (!request)
      return useLab.setState({
        view: null,
        problem: "Choose a layer first: press it in the chart of bits, or in the table of layers.",
      });
    if (asking) return void (stale = true);
    asking = true;
    askedAt = performance.now();
    try {
      const answer = await worker.lab(request);
      if (!ended && worker === currentWorker()) {
        useLab.setState(answer.ok ? { view: answer.value, problem: null } : { view: null, problem: answer.message });
      }
    } catch (error) {
      if (worker === currentWorker()) fail("internal", sentence(error));
    } finally {
      asking = false;
    }
    if (stale) {
      stale = false;
      await ask();
    }
  };

  const ends = [
    useLab.subscribe((state, before) => {
      if (state.source !== before.source || state.role !== before.role || state.bits !== before.bits) void ask();
    }),
    useSelection.subscribe(({ layer }, before) => {
      if (layer !== before.layer && useLab.getState().source === CHOSEN_LAYER) void ask();
    }),
    useRun.subscribe((state, before) => {
      // A worker that was not there, or whose backend was not, may answer now.
      const opened = state.data !== before.data;
      const trained = state.version !== before.version && useLab.getState().source === CHOSEN_LAYER;
      if (opened || (trained && performance.now() - askedAt > REFRESH_MS)) void ask();
    }),
  ];
  void ask();
  return () => {
    ended = true;
    ends.forEach((end) => end());
  };
}
