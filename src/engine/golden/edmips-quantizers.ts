/** edmips.quantizers/1: the quantizers alone, values and straight-through gradients, rounding ties included. */
import * as tf from "@tensorflow/tfjs-core";
import { mixActivation, mixWeight } from "../kernels/ops";
import { gaussian, hwgq } from "../quantizers/hwgq";
import { gridOf } from "../quantizers";
import { compare, type CaseResult, type Tolerance } from "./compare";
import { field, tensorOf, toTensor, type Json } from "./read";

/** Indices whose level may differ where division is inexact (WebGPU): see the golden README. */
interface Exceptions {
  readonly near_tie_indices?: readonly number[];
  readonly tie_indices?: readonly number[];
}

export function checkQuantizers(json: Json, exactDivision: boolean): readonly CaseResult[] {
  const tolerance = field<Tolerance>(json, "tolerance");
  const results: CaseResult[] = [];
  const run = (name: string, entry: Json, step: number, quantize: (x: tf.Tensor) => tf.Tensor): void => {
    const comparison = compare(name, tolerance);
    tf.tidy(() => {
      const x = toTensor(tensorOf(entry["x"]));
      const y = quantize(x);
      const loose = exactDivision ? [] : ((entry as Exceptions).near_tie_indices ?? []);
      const golden = [...tensorOf(entry["y"]).data];
      const ours = [...y.dataSync()];
      for (const i of loose) {
        // The neighbouring level is allowed there, nothing else.
        if (Math.abs((ours[i] as number) - (golden[i] as number)) < step * 1.001) ours[i] = golden[i] as number;
      }
      comparison.check("y", ours, golden);
      if (entry["upstream"]) {
        const dx = tf.grad((v: tf.Tensor) => quantize(v))(x, toTensor(tensorOf(entry["upstream"])));
        comparison.check("grad_x", dx.dataSync(), tensorOf(entry["grad_x"]).data);
      }
    });
    results.push(comparison.result());
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
  return results;
}
