/** Quantizers that are one row of the mixture kernels' grid (see `kernels/contract.ts`), with a step relative to the tensor's scale. */
import * as tf from "@tensorflow/tfjs-core";
import type { Role } from "../../core/search";
import { mixActivation, mixWeight, weightScale } from "../kernels/ops";
import type { OpenQuantizer, Quantizer } from "./quantizer";

export interface GridRow {
  readonly step: number;
  readonly shift: number;
  readonly qMin: number;
  readonly qMax: number;
  /** The gradient passes where passMin <= x <= passMax. */
  readonly passMin: number;
  readonly passMax: number;
}

export interface GridQuantizer extends Quantizer {
  /** Steps relative to the tensor's scale: its standard deviation for weights, 1 for activations. */
  readonly row: (bits: number) => GridRow;
}

type Description = Pick<GridQuantizer, "id" | "label" | "minBits" | "maxBits" | "rectifies" | "zeroPoint" | "signed" | "row"> & {
  readonly role: Role;
};

export function gridQuantizer({ role, ...description }: Description): GridQuantizer {
  const { row, label } = description;
  const scaleOf = role === "weight" ? deviation : () => 1;
  return {
    ...description,
    roles: [role],
    rounding: "ROUND",
    open: (_layer, bits) => {
      if (typeof bits !== "number")
        throw new RangeError(`The quantizer ${label} has one width for a tensor, not one for each kernel.`);
      return openGrid(role, row(bits));
    },
    levels: (bits, values) => {
      const { step, shift, qMin, qMax } = row(bits);
      const unit = step * scaleOf(values);
      return Array.from({ length: qMax - qMin + 1 }, (_, i) => (qMin + i - shift) * unit);
    },
  };
}

function openGrid(role: Role, row: GridRow): OpenQuantizer {
  const grid = gridTensor([row]);
  const one = tf.ones<tf.Rank.R1>([1]);
  return {
    parameters: new Map(),
    apply: (x) => (role === "weight" ? mixWeight(x, grid, one) : mixActivation(x, grid, one, false)),
    calibrate: () => undefined,
    steps: (weight) => (role === "weight" ? tf.mul(weightScale(weight, grid, one), row.step) : tf.tensor1d([row.step])),
    dispose: () => tf.dispose([grid, one]),
  };
}

/** Rows as the grid tensor of the mixture kernels, [K, 6]. The caller disposes it. */
export const gridTensor = (rows: readonly GridRow[]): tf.Tensor2D =>
  tf.tensor2d(rows.map(({ step, shift, qMin, qMax, passMin, passMax }) => [step, shift, qMin, qMax, passMin, passMax]));

/** Sample standard deviation, the scale of the weight quantizers. */
function deviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}
