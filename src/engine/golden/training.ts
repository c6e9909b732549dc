/** What the trajectory files of all methods need of the engine's training. */
import * as tf from "@tensorflow/tfjs-core";
import type { Network } from "../network";
import type { computeGradients, StepResult } from "../step";
import type { Tolerance } from "./compare";
import { field, type Json } from "./read";

/** "First step" is all that is required where noise larger than float32's may flip a level later on: the GPU. */
export type Extent = "all steps" | "first step";

/** A tolerance that the file states as one number: it bounds absolute plus relative difference. */
export const bothWays = (json: Json, name: string): Tolerance => ({
  abs: field(json, "tolerance", name),
  rel: field(json, "tolerance", name),
});

/** Gradients that leave the running statistics as they were, so that the run itself starts from the golden state. */
export function gradientsOf(
  { running }: Network,
  compute: () => ReturnType<typeof computeGradients>,
  take: (gradients: ReturnType<typeof computeGradients>["gradients"]) => void,
): void {
  const before = new Map([...running].map(([name, variable]) => [name, tf.clone(variable)]));
  const { gradients, ...step } = compute();
  take(gradients);
  for (const byName of gradients.values()) tf.dispose([...byName.values()]);
  disposeStep(step);
  for (const [name, value] of before) {
    (running.get(name) as tf.Variable).assign(value);
    value.dispose();
  }
}

export const disposeStep = ({ taskLoss, correct, penalty }: StepResult): void =>
  tf.dispose([taskLoss, correct, ...(penalty ? [penalty] : [])]);
