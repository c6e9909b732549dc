/**
 * Plays training steps: runs them one by one or, where a backend can, records one and repeats the recording. A step is then the same list
 * of commands over and over; only the contents of what it is fed change.
 */
import * as tf from "@tensorflow/tfjs-core";

export interface Player {
  /**
   * The tensor of this name with these values, for the steps to read: the same tensor every time where steps are recorded. It belongs to
   * the player and holds until the name is fed again.
   */
  readonly feed: <T extends tf.Tensor>(
    name: string,
    values: Float32Array | Int32Array,
    shape: readonly number[],
    dtype: "float32" | "int32",
  ) => T;
  /**
   * What `step` computes. It belongs to the player and holds until the next call. `key` tells everything that the step depends on beside
   * what is fed and the variables: a step may be replaced by a recording of an earlier one with the same key.
   */
  readonly play: (key: string, step: () => readonly tf.Tensor[]) => readonly tf.Tensor[];
  readonly dispose: () => void;
}

export interface Playing {
  readonly open: () => Player;
  /** Gives a variable new values; what was recorded with it finds them there. */
  readonly overwrite: (variable: tf.Variable, values: Float32Array) => void;
}

const playing = new Map<string, Playing>();

/** Has a backend play steps in a way of its own. */
export function registerPlaying(backend: string, own: Playing): void {
  playing.set(backend, own);
}

/** How a backend plays steps. */
export const playingOf = (backend: string): Playing => playing.get(backend) ?? PLAIN;

const here = (): Playing => playingOf(tf.getBackend());

/** A player of the present backend. */
export const openPlayer = (): Player => here().open();

/**
 * Gives a variable new values between two steps: for what changes with every step but is not trained, such as random numbers. A tensor
 * made within the step would keep it from being recorded.
 */
export const overwrite = (variable: tf.Variable, values: Float32Array): void => here().overwrite(variable, values);

/** Runs every step. */
export function openPlainPlayer(): Player {
  const fed = new Map<string, tf.Tensor>();
  let results: readonly tf.Tensor[] = [];
  return {
    feed: <T extends tf.Tensor>(...[name, values, shape, dtype]: Parameters<Player["feed"]>) => {
      fed.get(name)?.dispose();
      const tensor = tf.tensor(values, [...shape], dtype);
      fed.set(name, tensor);
      return tensor as T;
    },
    play: (_key, step) => {
      tf.dispose([...results]);
      return (results = step());
    },
    dispose: () => tf.dispose([...results, ...fed.values()]),
  };
}

/** Runs every step. */
export const PLAIN: Playing = {
  open: openPlainPlayer,
  overwrite: (variable, values) => tf.tidy(() => variable.assign(tf.tensor(values, variable.shape))),
};
