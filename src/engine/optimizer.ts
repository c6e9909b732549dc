/** SGD with momentum over named variables, two groups with a rate each, in PyTorch's order of operations. */
import * as tf from "@tensorflow/tfjs-core";
import { sgdMomentum } from "./kernels/ops";
import type { Group } from "./methods/method";
import { makeVariable } from "./network";

export interface OptimizerSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Of the variable with this name. */
  readonly weightDecay: (name: string) => number;
}

/** A learning rate, as a scalar tensor where it is already on the device. */
export type Rate = number | tf.Scalar;

export interface Optimizer {
  /** Variables of a group by name. */
  readonly group: (group: Group) => ReadonlyMap<string, tf.Variable>;
  /** Updates the variables of one group from gradients by name; a variable without a gradient keeps its value. */
  readonly update: (group: Group, gradients: ReadonlyMap<string, tf.Tensor>, rate: Rate) => void;
  readonly dispose: () => void;
}

export function createOptimizer(
  groups: Readonly<Record<Group, ReadonlyMap<string, tf.Variable>>>,
  { momentum, nesterov, weightDecay }: OptimizerSettings,
): Optimizer {
  const variables = Object.values(groups).flatMap((group) => [...group.values()]);
  const offsets = new Map<tf.Variable, number>();
  let total = 0;
  for (const variable of variables) {
    offsets.set(variable, total);
    total += variable.size;
  }
  // Of all variables in one tensor: a kernel that binds few buffers updates more variables at once.
  const velocity = makeVariable(tf.zeros<tf.Rank.R1>([total]), false);
  return {
    group: (group) => groups[group],
    update: (group, gradients, rate) => {
      const pairs = [...groups[group]].flatMap(([name, parameter]) => {
        const gradient = gradients.get(name);
        return gradient
          ? [{ parameter, gradient, offset: offsets.get(parameter) as number, weightDecay: weightDecay(name) }]
          : [];
      });
      if (pairs.length === 0) return;
      tf.tidy(() => {
        const scalar = typeof rate === "number" ? tf.scalar(rate) : rate;
        const next = sgdMomentum(velocity as tf.Tensor as tf.Tensor1D, pairs, scalar, { momentum, nesterov });
        velocity.assign(next.velocity);
        pairs.forEach(({ parameter }, i) => parameter.assign(next.parameters[i] as tf.Tensor));
      });
    },
    dispose: () => velocity.dispose(),
  };
}
