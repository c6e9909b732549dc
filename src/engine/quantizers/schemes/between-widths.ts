/** A scheme at real widths: the mean of its outputs at both whole widths around, each by its nearness (FracBits, eq. 3). */
import * as tf from "@tensorflow/tfjs-core";
import type { Candidate, Role } from "../../../core/search";
import { schemeMix } from "../../kernels/ops";
import { detached } from "../../ops/detached";
import type { Widths } from "../widths";
import { rowsOf, rowsTensor, statisticsFor } from "./index";
import { openStatistics, type OpenStatistics } from "./statistics";

export interface OpenInterpolation {
  /** A layer's tensor x at one width, between those of the candidates. Straight-through for x; the width's gradient is that of its share. */
  readonly apply: <T extends tf.Tensor>(layer: string, x: T, at: Widths, training: boolean) => T;
  readonly dispose: () => void;
}

/** For `layers`' tensors of one role. `candidates` are of one scheme, at all whole widths from the least to the most. */
export function openInterpolation(candidates: readonly Candidate[], role: Role, layers: readonly string[]): OpenInterpolation {
  const rows = rowsOf(candidates);
  const table = rowsTensor(rows);
  const least = candidates[0]?.bits ?? 0;
  const statistics = new Map(layers.map((name) => [name, openStatistics(statisticsFor(rows), role === "activation")]));
  return {
    apply: (layer, x, { widths, share }, training) => {
      const around = detached(() => tf.gather(table, tf.cast(tf.sub(tf.reshape(widths, [2]), least), "int32")));
      const p = tf.concat([tf.sub(1, share) as tf.Tensor1D, share]);
      return schemeMix(x, around, (statistics.get(layer) as OpenStatistics).of(x, training), p, { learned: true });
    },
    dispose: () => {
      table.dispose();
      statistics.forEach((open) => open.dispose());
    },
  };
}
