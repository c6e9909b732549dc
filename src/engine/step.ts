/** One training step: cross-entropy and penalty, forward and backward, and the update of the chosen groups of variables. */
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "../core/random";
import { crossEntropy } from "./kernels/ops";
import type { Player } from "./kernels/player";
import type { Group } from "./methods/method";
import { forward, type Mode, type Quantization } from "./forward";
import type { Network } from "./network";
import type { Optimizer, Rate } from "./optimizer";

export interface Batch {
  /** [batch, ...input shape] */
  readonly x: tf.Tensor;
  /** int32 [batch], or [batch * length] for a network that answers at every position. */
  readonly labels: tf.Tensor1D;
}

/** A quantization for one forward pass, with what the loss gains from it. */
export interface Pass {
  readonly quantization: Quantization;
  /** Scalar added to the cross-entropy; null for none. */
  readonly penalty: tf.Scalar | null;
}

/** Scalars of the step on the device. The caller disposes them. */
export interface StepResult {
  /** Cross-entropy before the update. */
  readonly taskLoss: tf.Scalar;
  readonly penalty: tf.Scalar | null;
  /** Right predictions in the batch. */
  readonly correct: tf.Scalar;
}

export interface StepGradients extends StepResult {
  /** By group and variable name. */
  readonly gradients: ReadonlyMap<Group, ReadonlyMap<string, tf.Tensor>>;
}

/** Forward and backward for `groups`; updates the running statistics, no variable. The caller disposes what it gets. */
export function computeGradients(
  network: Network,
  batch: Batch,
  openPass: () => Pass,
  optimizer: Optimizer,
  groups: readonly Group[],
  mode: Mode & { readonly training: true },
): StepGradients {
  const named = groups.flatMap((group) => [...optimizer.group(group)].map(([name, variable]) => ({ group, name, variable })));
  const kept: { result: StepResult | null } = { result: null };
  const { value, grads } = tf.variableGrads(
    () => {
      const { quantization, penalty } = openPass();
      const { logits, running } = forward(network, batch.x, quantization, mode);
      const { loss, correct } = crossEntropy(logits, batch.labels);
      kept.result = { taskLoss: tf.keep(loss), penalty: penalty && tf.keep(penalty), correct: tf.keep(correct) };
      for (const [name, next] of running) (network.running.get(name) as tf.Variable).assign(next);
      tf.dispose([...running.values()]);
      return penalty ? tf.add(loss, penalty) : tf.clone(loss);
    },
    named.map(({ variable }) => variable),
  );
  value.dispose();
  const gradients = new Map<Group, Map<string, tf.Tensor>>(groups.map((group) => [group, new Map()]));
  for (const { group, name, variable } of named) {
    const gradient = grads[variable.name];
    if (gradient) gradients.get(group)?.set(name, gradient);
  }
  return { ...(kept.result as StepResult), gradients };
}

/** One whole step: gradients, then updates at the given rates. */
export function trainStep(
  network: Network,
  batch: Batch,
  openPass: () => Pass,
  optimizer: Optimizer,
  rates: Readonly<Partial<Record<Group, Rate>>>,
  mode: Mode & { readonly training: true },
): StepResult {
  const groups = Object.keys(rates) as Group[];
  const { gradients, ...result } = computeGradients(network, batch, openPass, optimizer, groups, mode);
  // Published rates and norms are those of losses that add up over time, and are averaged over the batch alone. The gradients of the
  // architecture stay those of the mean, which penalties are weighed against.
  if (isRecurrent(network.graph)) clip(gradients.get("weights"), batch.labels.size / (batch.x.shape[0] as number));
  for (const [group, byName] of gradients) {
    optimizer.update(group, byName, rates[group] as Rate);
    tf.dispose([...byName.values()]);
  }
  return result;
}

/**
 * Largest norm of the gradient of all weights of a recurrent network together, whose gradients through time can explode (Pascanu et al.
 * 2013). The value is that of Zaremba et al. 2014, whose learning rate of 1 is 0.1 with a momentum of 0.9.
 */
const LARGEST_NORM = 5;

const isRecurrent = ({ nodes }: Network["graph"]): boolean => nodes.some(({ op }) => op === "lstm");

/** Multiplies the gradients by `factor`, in place, and scales them down where their common norm is then above LARGEST_NORM. */
function clip(gradients: ReadonlyMap<string, tf.Tensor> | undefined, factor: number): void {
  const byName = gradients as Map<string, tf.Tensor> | undefined;
  if (!byName || byName.size === 0) return;
  // LARGEST_NORM / max(norm, LARGEST_NORM / factor) is factor, or less.
  const clipped = tf.tidy(() => {
    const norm = tf.sqrt(tf.addN([...byName.values()].map((gradient) => tf.sum(tf.square(gradient)))));
    const scale = tf.div(LARGEST_NORM, tf.maximum(norm, LARGEST_NORM / factor));
    return [...byName].map(([name, gradient]) => [name, tf.mul(gradient, scale)] as const);
  });
  for (const [name, gradient] of clipped) {
    byName.get(name)?.dispose();
    byName.set(name, gradient);
  }
}

/** What the steps of a stage have in common. */
export interface Steps {
  readonly network: Network;
  readonly optimizer: Optimizer;
  /** Groups that are updated together, one forward and backward after another. */
  readonly passes: readonly (readonly Group[])[];
  readonly openPass: () => Pass;
  /** Feeds dropout. */
  readonly random: Random;
}

/**
 * All passes of a step through a player, which may repeat a recording instead: `key` tells what `openPass` depends on beside variables.
 * Gives the scalars of the first pass; they are the player's until its next step.
 */
export function playStep(
  player: Player,
  key: string,
  { network, optimizer, passes, openPass, random }: Steps,
  batch: Batch,
  rates: Readonly<Record<Group, tf.Scalar>>,
): StepResult {
  const [taskLoss, correct, penalty] = player.play(key, () => {
    const [first, ...others] = passes.map((groups) => {
      const rated = Object.fromEntries(groups.map((group) => [group, rates[group]]));
      const result = trainStep(network, batch, openPass, optimizer, rated, { training: true, random });
      return [result.taskLoss, result.correct, ...(result.penalty ? [result.penalty] : [])];
    });
    tf.dispose(others);
    if (!first) throw new RangeError("A stage needs at least one pass.");
    return first;
  }) as readonly tf.Scalar[];
  return { taskLoss: taskLoss as tf.Scalar, correct: correct as tf.Scalar, penalty: penalty ?? null };
}
