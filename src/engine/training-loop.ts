/** The loop around the training step: batches, rates, snapshots, pauses. The same for a search and for a retraining. */
import * as tf from "@tensorflow/tfjs-core";
import type { Knobs } from "../core/config";
import type { DatasetInfo } from "../core/dataset";
import type { RelaxedState, Snapshot } from "../core/protocol";
import type { Random } from "../core/random";
import type { Control, Verdict } from "./control";
import type { BatchSource, HostBatch } from "./datasets/batches";
import { RunFailure } from "./failure";
import { inputOf } from "./evaluate";
import { flush } from "./kernels/flush";
import { openPlayer, type Player } from "./kernels/player";
import type { Group } from "./methods/method";
import type { Network } from "./network";
import type { Optimizer } from "./optimizer";
import { playStep, type Batch, type Pass, type StepResult } from "./step";

/** Ten a second are as smooth as the eye needs; reading back more often stalls the GPU. */
const SNAPSHOT_MS = 100;
/** Speed is an average over about this long. */
const SPEED_MS = 2000;
/**
 * Steps that may wait for a GPU: it computes one while the next is recorded. Without a limit the recording would run ever further ahead,
 * and pauses and knobs would take effect late.
 */
const STEPS_IN_FLIGHT = 2;

/** Reads one snapshot's method part from the device, together with the loop's own numbers. */
export interface Probe {
  /** Flattened numbers, read back with every snapshot. Called inside a tidy. */
  readonly tensors: () => readonly tf.Tensor[];
  readonly state: (values: Float32Array) => RelaxedState;
}

export interface LoopOptions {
  readonly network: Network;
  readonly info: DatasetInfo;
  readonly batches: BatchSource;
  readonly epochs: number;
  readonly optimizer: Optimizer;
  readonly passes: readonly (readonly Group[])[];
  /** Called before each step. `progress` is the share of the stage that is done, 0 to 1. */
  readonly prepare?: (progress: number) => void;
  /** Depends on nothing but the knobs and variables. */
  readonly openPass: (knobs: Knobs) => Pass;
  /** Learning rates after so many steps of the stage. */
  readonly rates: (step: number) => Readonly<Record<Group, number>>;
  readonly random: Random;
  readonly probe: Probe | null;
  readonly control: Control;
  /** A sentence once the backend has failed. */
  readonly backendFailure: () => string | null;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  /** After each epoch, the last included. */
  readonly onEpoch: (epoch: number) => Promise<void>;
}

/** Runs to the last step or to an earlier end; throws a RunFailure for a loss that is not finite and for a failed backend. */
export async function trainingLoop(options: LoopOptions): Promise<Verdict> {
  const { batches, epochs, control } = options;
  const steps = epochs * batches.stepsPerEpoch;
  const meter = speedMeter(control);
  const reader = snapshotReader(options, steps, meter);
  const player = openPlayer();
  const inFlight: Promise<void>[] = [];
  let verdict: Verdict = "go";
  let host = batches.next();
  try {
    for (let step = 0; step < steps; step++) {
      // Who pauses wants to see where the run stands, not where it stood at the last snapshot.
      verdict = await control.gate(() => reader.read(step));
      const failure = options.backendFailure();
      if (failure !== null) throw new RunFailure("device-lost", failure);
      if (verdict !== "go") break;
      const rates = options.rates(step);
      const knobs = control.knobs();
      options.prepare?.(step / steps);
      reader.add(oneStep(options, player, host, knobs, rates), knobs, rates.weights);
      inFlight.push(flush());
      // A GPU is at work now: the time to make the next batch.
      if (step + 1 < steps) host = batches.next();
      if (inFlight.length > STEPS_IN_FLIGHT) await inFlight.shift();
      meter.tick();
      reader.maybeRead(step + 1);
      if ((step + 1) % batches.stepsPerEpoch === 0) {
        await reader.read(step + 1);
        await options.onEpoch((step + 1) / batches.stepsPerEpoch);
      }
    }
    await reader.settle();
  } finally {
    reader.dispose();
    player.dispose();
  }
  return verdict;
}

/** One step, or the sum over some, on the device: nothing is read back until a snapshot. */
interface StepSums extends StepResult {
  readonly predictions: number;
}

/** The next step; its scalars are the player's. */
function oneStep(
  options: LoopOptions,
  player: Player,
  { inputs, labels, size }: HostBatch,
  knobs: Knobs,
  rates: Readonly<Record<Group, number>>,
): StepSums {
  const { shape, dtype } = inputOf(options.info, size);
  const batch: Batch = {
    x: player.feed("x", inputs, shape, dtype),
    labels: player.feed("labels", labels, [labels.length], "int32"),
  };
  const rate = (group: Group): tf.Scalar => player.feed(`rate of ${group}`, Float32Array.of(rates[group]), [], "float32");
  const fed = { weights: rate("weights"), architecture: rate("architecture") };
  const steps = { ...options, openPass: () => options.openPass(knobs) };
  return { ...playStep(player, JSON.stringify(knobs), steps, batch, fed), predictions: labels.length };
}

interface SnapshotReader {
  readonly add: (sums: StepSums, knobs: Knobs, rate: number) => void;
  /** Starts a read-back if the last one is done and long enough ago; the loop goes on meanwhile. */
  readonly maybeRead: (step: number) => void;
  readonly read: (step: number) => Promise<void>;
  /** Waits for the read-back under way. */
  readonly settle: () => Promise<void>;
  readonly dispose: () => void;
}

function snapshotReader(options: LoopOptions, steps: number, meter: SpeedMeter): SnapshotReader {
  const { probe, batches, onSnapshot } = options;
  let sums: StepSums | null = null;
  let counted = 0;
  let last: { knobs: Knobs; rate: number } | null = null;
  let pending: Promise<void> | null = null;
  let failure: unknown = null;
  let readAt = 0;
  let readStep = 0;

  const read = async (step: number): Promise<void> => {
    if (!sums || !last) return;
    const held = sums;
    const { knobs, rate } = last;
    const averaged = counted;
    [sums, counted, readAt, readStep] = [null, 0, performance.now(), step];
    const packed = tf.tidy(() => {
      const scalars = [held.taskLoss, held.penalty ?? tf.scalar(0), held.correct].map((scalar) => tf.reshape(scalar, [1]));
      const further = probe ? probe.tensors().map((tensor) => tf.reshape(tensor, [-1])) : [];
      return tf.concat([...scalars, ...further]);
    });
    disposeSums(held);
    const values = (await packed.data()) as Float32Array;
    packed.dispose();
    const [loss, penalty, correct] = [(values[0] as number) / averaged, values[1] as number, values[2] as number];
    if (!Number.isFinite(loss + penalty)) throw notFinite(step, rate);
    onSnapshot({
      step,
      epoch: step / batches.stepsPerEpoch,
      knobs,
      taskLoss: loss,
      penalty,
      accuracy: correct / held.predictions,
      rate,
      speed: meter.speed(),
      secondsLeft: meter.speed() > 0 ? (steps - step) / meter.speed() : 0,
      relaxed: probe && probe.state(values.slice(3)),
    });
  };

  const rethrow = (): void => {
    if (failure !== null) throw failure as Error;
  };

  const settle = async (): Promise<void> => {
    await pending;
    rethrow();
  };

  return {
    add: (next, knobs, rate) => {
      sums = addSums(sums, next);
      counted++;
      last = { knobs, rate };
    },
    maybeRead: (step) => {
      rethrow();
      if (pending || (performance.now() - readAt < SNAPSHOT_MS && readStep > 0)) return;
      pending = read(step)
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => {
          pending = null;
        });
    },
    read: async (step) => {
      await settle();
      await read(step);
    },
    settle,
    dispose: () => {
      if (sums) disposeSums(sums);
    },
  };
}

/** Loss and right predictions add up, in tensors of their own; the penalty is that of the last step, and the player's. */
function addSums(before: StepSums | null, next: StepSums): StepSums {
  const add = (name: "taskLoss" | "correct"): tf.Scalar => tf.tidy(() => tf.add<tf.Scalar>(before?.[name] ?? 0, next[name]));
  const sums = { taskLoss: add("taskLoss"), correct: add("correct") };
  if (before) disposeSums(before);
  return { ...sums, penalty: next.penalty, predictions: (before?.predictions ?? 0) + next.predictions };
}

const disposeSums = ({ taskLoss, correct }: StepSums): void => tf.dispose([taskLoss, correct]);

const notFinite = (step: number, rate: number): RunFailure =>
  new RunFailure(
    "not-finite",
    `The loss stopped being a finite number at or before step ${step}: training diverged. Lower the learning rate of the weights (now ${rate}) or lambda, or take a larger batch, and start again.`,
  );

interface SpeedMeter {
  readonly tick: () => void;
  /** Steps per second; pauses do not count. */
  readonly speed: () => number;
}

function speedMeter(control: Control): SpeedMeter {
  const now = (): number => performance.now() - control.pausedSeconds() * 1000;
  const times: number[] = [now()];
  return {
    tick: () => {
      const time = now();
      times.push(time);
      while (times.length > 2 && time - (times[0] as number) > SPEED_MS) times.shift();
    },
    speed: () => {
      const span = (times.at(-1) as number) - (times[0] as number);
      return span > 0 ? ((times.length - 1) * 1000) / span : 0;
    },
  };
}
