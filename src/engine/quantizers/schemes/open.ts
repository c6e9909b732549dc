/** Candidates of AutoQNN's schemes, opened for one tensor of a network. */
import type * as tf from "@tensorflow/tfjs-core";
import { schemeMix } from "../../kernels/ops";
import type { SchemeRow } from "../../kernels/scheme-row";
import { rowsTensor, statisticsFor } from "./index";
import { openStatistics } from "./statistics";

export interface OpenSchemes {
  /** `sum_k p_k Q_k(x)` of the candidates, p [K]; with `learned` p has a gradient. */
  readonly mix: <T extends tf.Tensor>(x: T, p: tf.Tensor1D, how: { readonly learned: boolean; readonly training: boolean }) => T;
  /** The statistics [13] that an evaluation of x takes. */
  readonly statistics: (x: tf.Tensor) => tf.Tensor1D;
  readonly dispose: () => void;
}

/** `follows` as in `openStatistics`. */
export function openSchemes(rows: readonly SchemeRow[], follows: boolean): OpenSchemes {
  const table = rowsTensor(rows);
  const statistics = openStatistics(statisticsFor(rows), follows);
  return {
    mix: (x, p, { learned, training }) => schemeMix(x, table, statistics.of(x, training), p, { learned }),
    statistics: (x) => statistics.of(x, false),
    dispose: () => {
      table.dispose();
      statistics.dispose();
    },
  };
}
