/** The statistics that a tensor's quantizers scale their levels with, and their moving averages. */
import * as tf from "@tensorflow/tfjs-core";
import { SCHEME_STATISTICS, type SchemeStatisticsAttrs } from "../../kernels/contract";
import { schemeStatistics } from "../../kernels/ops";
import { makeVariable } from "../../network";
import { averageStatistics } from "./average";

export interface OpenStatistics {
  /** Of x, [13]. Where they follow the data, training moves the averages and evaluation takes them. */
  readonly of: (x: tf.Tensor, training: boolean) => tf.Tensor1D;
  readonly dispose: () => void;
}

/** `follows` says whether evaluation takes moving averages, as activations do, or the statistics of its own tensor. */
export function openStatistics(wanted: SchemeStatisticsAttrs, follows: boolean): OpenStatistics {
  const average = makeVariable<tf.Rank.R1>(tf.zeros([SCHEME_STATISTICS]), false);
  let started = false;
  return {
    of: (x, training) => {
      if (follows && !training && started) return tf.clone(average as tf.Tensor as tf.Tensor1D);
      const own = schemeStatistics(x, wanted);
      if (follows && training) {
        average.assign(started ? averageStatistics(average as tf.Tensor as tf.Tensor1D, own) : tf.clone(own));
        started = true;
      }
      return own;
    },
    dispose: () => average.dispose(),
  };
}
