/** Candidates of AutoQNN's schemes, opened for one tensor of a network. */
import * as tf from "@tensorflow/tfjs-core";
import { SCHEME_STATISTICS } from "../../kernels/contract";
import { schemeMix, schemeStatistics } from "../../kernels/ops";
import type { SchemeRow } from "../../kernels/scheme-row";
import { makeVariable } from "../../network";
import { averageStatistics, rowsTensor, statisticsFor } from "./index";

export interface OpenSchemes {
  /**
   * `sum_k p_k Q_k(x)` of the candidates, p [K]; with `learned` p has a gradient. Where statistics follow the data, training takes those
   * of x and moves the averages, evaluation takes the averages.
   */
  readonly mix: <T extends tf.Tensor>(x: T, p: tf.Tensor1D, how: { readonly learned: boolean; readonly training: boolean }) => T;
  /** The statistics [13] that an evaluation of x takes. */
  readonly statistics: (x: tf.Tensor) => tf.Tensor1D;
  readonly dispose: () => void;
}

/** `follows` says whether evaluation quantizes with moving averages, as activations do, or with the statistics of its own tensor. */
export function openSchemes(rows: readonly SchemeRow[], follows: boolean): OpenSchemes {
  const table = rowsTensor(rows);
  const wanted = statisticsFor(rows);
  const average = makeVariable<tf.Rank.R1>(tf.zeros([SCHEME_STATISTICS]), false);
  let started = false;
  const statistics = (x: tf.Tensor): tf.Tensor1D => (follows && started ? tf.clone(average) : schemeStatistics(x, wanted));
  return {
    mix: (x, p, { learned, training }) => {
      if (!follows || !training) return schemeMix(x, table, statistics(x), p, { learned });
      const own = schemeStatistics(x, wanted);
      average.assign(started ? averageStatistics(average, own) : tf.clone(own));
      started = true;
      return schemeMix(x, table, own, p, { learned });
    },
    statistics,
    dispose: () => tf.dispose([table, average]),
  };
}
