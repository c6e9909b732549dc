/** What a program that measures can ask of an engine, in a worker or in its own process: steps, by network and variant. */
import * as tf from "@tensorflow/tfjs-core";
import type { NetworkId } from "./networks";
import type { Training, Variant } from "./trainings";

export type Opened = { readonly loss: number } | { readonly reason: string };

export interface StepSession {
  /** Names of the variants, in the order of the table. */
  readonly variants: () => readonly string[];
  /** Opens a training and warms it up. Gives the loss before its first step, or why it cannot be trained here. */
  readonly prepare: (network: NetworkId, variant: string) => Promise<Opened>;
  /** Mean milliseconds of `steps` steps after one that does not count, computed to the end. */
  readonly time: (network: NetworkId, variant: string, steps: number) => Promise<number>;
  /** GFLOP/s of one product of two square matrices, by the stock kernel. */
  readonly matmul: (size: number) => Promise<number>;
  /** Frees all trainings. */
  readonly release: () => void;
}

/** Compilers and caches settle within these, and on WebGPU the last two are recorded. */
const WARM_UP_STEPS = 3;

/** How a session waits for its device and multiplies two matrices of one shape with the stock kernel. */
export interface Device {
  readonly settle: () => Promise<void>;
  readonly multiply: (a: tf.Tensor2D, b: tf.Tensor2D) => void;
}

export interface OpenTrainings extends StepSession {
  /** A training that is prepared. */
  readonly training: (network: NetworkId, variant: string) => Training;
}

/** `device` may be asked for before it is open. */
export function createStepSession(variants: readonly Variant[], device: () => Device): OpenTrainings {
  const open = new Map<string, Training>();
  const squares = new Map<number, tf.Tensor2D>();
  const training = (network: NetworkId, variant: string): Training => {
    const found = open.get(`${network}/${variant}`);
    if (!found) throw new RangeError(`${variant} of ${network} is not prepared.`);
    return found;
  };
  return {
    training,
    variants: () => variants.map(({ name }) => name),
    prepare: async (network, name) => {
      const variant = variants.find((known) => known.name === name);
      if (!variant) throw new RangeError(`No variant "${name}".`);
      try {
        const opened = variant.open(network);
        open.set(`${network}/${name}`, opened);
        const [loss] = await opened.step().data();
        for (let i = 1; i < WARM_UP_STEPS; i++) opened.step();
        await device().settle();
        return { loss: loss as number };
      } catch (error) {
        // A method without kernels on this backend is a line of the report; the others are still worth measuring.
        return { reason: (error as Error).message };
      }
    },
    time: (network, variant, steps) => {
      const { step } = training(network, variant);
      // Another training has filled the caches since its last one.
      step();
      return timed(device(), steps, step);
    },
    matmul: async (size) => {
      const square = squares.get(size) ?? tf.randomUniform<tf.Rank.R2>([size, size], -1, 1, "float32", 1);
      squares.set(size, square);
      const ms = await timed(device(), 1, () => device().multiply(square, square));
      return (2 * size ** 3) / ms / 1e6;
    },
    release: () => {
      for (const { dispose } of open.values()) dispose();
      open.clear();
    },
  };
}

/** Mean milliseconds of `count` calls, the device's work included. */
export async function timed({ settle }: Device, count: number, call: () => void): Promise<number> {
  await settle();
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  await settle();
  return (performance.now() - start) / count;
}
