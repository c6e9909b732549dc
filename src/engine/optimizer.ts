/** SGD with momentum over named variables, two groups with a rate each, in PyTorch's order of operations. */
import * as tf from "@tensorflow/tfjs-core";
import { sgdMomentum } from "./kernels/ops";
import type { Group } from "./methods/method";

export interface OptimizerSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Of the variable with this name. */
  readonly weightDecay: (name: string) => number;
}

export interface Optimizer {
  /** Variables of a group by name. */
  readonly group: (group: Group) => ReadonlyMap<string, tf.Variable>;
  /** Updates the variables of one group from gradients by name; a variable without a gradient keeps its value. */
  readonly update: (group: Group, gradients: ReadonlyMap<string, tf.Tensor>, rate: number) => void;
  readonly dispose: () => void;
}

export function createOptimizer(
  groups: Readonly<Record<Group, ReadonlyMap<string, tf.Variable>>>,
  settings: OptimizerSettings,
): Optimizer {
  const { momentum, nesterov, weightDecay } = settings;
  const velocities = new Map<tf.Variable, tf.Variable>();
  for (const variables of Object.values(groups)) {
    for (const variable of variables.values()) {
      velocities.set(
        variable,
        tf.tidy(() => tf.variable(tf.zerosLike(variable), false)),
      );
    }
  }
  return {
    group: (group) => groups[group],
    update: (group, gradients, rate) => {
      tf.tidy(() => {
        for (const [name, variable] of groups[group]) {
          const gradient = gradients.get(name);
          if (!gradient) continue;
          const velocity = velocities.get(variable) as tf.Variable;
          const [value, next] = sgdMomentum(variable, velocity, gradient, {
            momentum,
            nesterov,
            weightDecay: weightDecay(name),
            rate,
          });
          variable.assign(value);
          velocity.assign(next);
        }
      });
    },
    dispose: () => tf.dispose([...velocities.values()]),
  };
}
