/** The variables of a network. */
import * as tf from "@tensorflow/tfjs-core";
import { shapeOf, type Graph, type Shape } from "../core/graph";
import type { Random } from "../core/random";
import { initialValue, parametersOf } from "./initial";

/** Variables of a network by name: "conv1.weight", "bn1.bias"; running statistics apart, because nothing trains them. */
export interface Network {
  readonly graph: Graph;
  readonly trainable: ReadonlyMap<string, tf.Variable>;
  readonly running: ReadonlyMap<string, tf.Variable>;
}

/** Values of variables by name, in the layout of `parameterShapes`; those of batch norms' running statistics are "mean" and "variance". */
export type NetworkValues = ReadonlyMap<string, Float32Array>;

/** Creates the variables: with their `values`, and those that have none each from its own stream of `random`. */
export function createNetwork(graph: Graph, random: Random, values: NetworkValues = new Map()): Network {
  const given = (name: string, shape: Shape): tf.Tensor | null => {
    const data = values.get(name);
    return data ? tf.tensor(data, [...shape], "float32") : null;
  };
  const trainable = new Map(
    parametersOf(graph).map((parameter) => {
      const { name, shape } = parameter;
      return [name, makeVariable(given(name, shape) ?? initialValue(parameter, random.fork(name)), true)];
    }),
  );
  const running = new Map<string, tf.Variable>();
  for (const node of graph.nodes) {
    if (node.op !== "batchNorm") continue;
    const shape = [shapeOf(graph, node.name).at(-1) as number];
    for (const [statistic, initial] of [["mean", 0] as const, ["variance", 1] as const]) {
      const name = `${node.name}.${statistic}`;
      running.set(name, makeVariable(given(name, shape) ?? tf.fill(shape, initial), false));
    }
  }
  return { graph, trainable, running };
}

/** A further weight for a layer of the network, started as its own. */
export function anotherWeight({ graph }: Network, layer: string, random: Random): tf.Variable {
  const parameter = parametersOf(graph).find(({ name }) => name === `${layer}.weight`);
  if (!parameter) throw new RangeError(`This network has no layer "${layer}".`);
  return makeVariable(initialValue(parameter, random), true);
}

/** Frees a network's variables. */
export function disposeNetwork({ trainable, running }: Network): void {
  tf.dispose([...trainable.values(), ...running.values()]);
}

/** Copies the values of all variables from a network with the same graph. */
export function copyNetwork(from: Network, to: Network): void {
  for (const kind of ["trainable", "running"] as const) {
    for (const [name, variable] of to[kind]) {
      const source = from[kind].get(name);
      if (source) tf.tidy(() => variable.assign(tf.clone(source)));
    }
  }
}

/** A variable from a fresh tensor, which it takes over. Named by TensorFlow.js: our names live in the maps. */
export function makeVariable<R extends tf.Rank>(initial: tf.Tensor<R>, trainable: boolean): tf.Variable<R> {
  const variable = tf.variable(initial, trainable);
  initial.dispose();
  return variable;
}
