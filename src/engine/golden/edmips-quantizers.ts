/** edmips.quantizers/1: the quantizers alone, values and straight-through gradients, rounding ties included. */
import * as tf from "@tensorflow/tfjs-core";
import { mixActivation, mixWeight } from "../kernels/ops";
import { gaussian, hwgq } from "../quantizers/hwgq";
import { gridOf } from "../quantizers";
import { compare, type CaseResult, type Comparison, type Tolerance } from "./compare";
import { field, tensorOf, toTensor, type Json } from "./read";

/** Indices whose level may differ where division is inexact (WebGPU): see the golden README. */
interface Exceptions {
  readonly near_tie_indices?: readonly number[];
}

export async function checkQuantizers(json: Json, exactDivision: boolean): Promise<readonly CaseResult[]> {
  const tolerance = field<Tolerance>(json, "tolerance");
  const comparisons: Comparison[] = [];
  const run = (name: string, entry: Json, step: number, quantize: (x: tf.Tensor) => tf.Tensor): void => {
    const comparison = compare(name, tolerance);
    tf.tidy(() => {
      const x = toTensor(tensorOf(entry["x"]));
      const y = quantize(x);
      // Where division is inexact the neighbouring level is allowed next to a tie, nothing else.
      const indices = exactDivision ? [] : ((entry as Exceptions).near_tie_indices ?? []);
      comparison.check("y", y, tensorOf(entry["y"]).data, { neighbours: { indices, step } });
      if (entry["upstream"]) {
        const dx = tf.grad((v: tf.Tensor) => quantize(v))(x, toTensor(tensorOf(entry["upstream"])));
        comparison.check("grad_x", dx, tensorOf(entry["grad_x"]).data);
      }
    });
    comparisons.push(comparison);
  };
  const one = (): tf.Tensor1D => tf.ones([1]);
  for (const entry of field<readonly Json[]>(json, "weight")) {
    const bits = field<number>(entry, "bits");
    const candidate = { bits, scheme: gaussian.id };
    run(`weight ${field<string>(entry, "vector")} ${bits} bits`, entry, field<number>(entry, "step"), (x) =>
      mixWeight(x, gridOf([candidate]), one()),
    );
  }
  for (const entry of field<readonly Json[]>(json, "weight_given_step")) {
    const [bits, step] = [field<number>(entry, "bits"), field<number>(entry, "step")];
    const row = gaussian.row(bits);
    // The activation kernel has scale 1, so that the step is the given one.
    const grid = [[step, row.shift, row.qMin, row.qMax, row.passMin, row.passMax]];
    run(`weight step ${step} ${bits} bits`, entry, step, (x) => mixActivation(x, tf.tensor2d(grid), one(), false));
  }
  for (const entry of field<readonly Json[]>(json, "activation")) {
    const candidate = { bits: field<number>(entry, "bits"), scheme: hwgq.id };
    run(`activation ${candidate.bits} bits`, entry, field<number>(entry, "step"), (x) =>
      mixActivation(x, gridOf([candidate]), one(), false),
    );
  }
  const rounding = field<Json>(json, "activation_round_only");
  const step = field<number>(rounding, "step");
  const unlimited = [[step, 0, -1e9, 1e9, -3.4e38, 3.4e38]];
  run("activation rounding alone", rounding, step, (x) => mixActivation(x, tf.tensor2d(unlimited), one(), false));
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}
