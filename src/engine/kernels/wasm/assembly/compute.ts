/** The list of kernels. */
import * as id from "../kernel-ids";
import { batchGradInput, batchGradSums, batchNormalise, batchStatistics } from "./batch-norm";
import { convolve, packFilter } from "./convolution";
import { depthwiseFilterGrad, depthwiseInputGrad } from "./depthwise";
import { squaredDeviation, sum } from "./deviation";
import { addPartials, filterGrad } from "./filter-gradient";
import { fractional } from "./fractional";
import { lstmCell, lstmCellGrad } from "./lstm";
import { maxPoolGrad } from "./max-pool";
import { mix, mixGrad } from "./mixture";
import { schemeMoments, schemeResidual, schemeTernary } from "./scheme-statistics";
import { schemeMix, schemeMixGrad } from "./schemes";
import { sgd } from "./sgd";
import { largestMagnitude, multiply, tanh, weightGradient } from "./weight-map";

/** Computes one chunk of the job. */
export function compute(job: usize, chunk: i32): void {
  switch (load<i32>(job, id.JOB_KERNEL)) {
    case id.MIX:
      return mix(job, chunk);
    case id.MIX_GRAD:
      return mixGrad(job, chunk);
    case id.SUM:
      return sum(job, chunk);
    case id.SQUARED_DEVIATION:
      return squaredDeviation(job, chunk);
    case id.BATCH_STATISTICS:
      return batchStatistics(job, chunk);
    case id.BATCH_NORMALISE:
      return batchNormalise(job, chunk);
    case id.BATCH_GRAD_SUMS:
      return batchGradSums(job, chunk);
    case id.BATCH_GRAD_INPUT:
      return batchGradInput(job, chunk);
    case id.FILTER_GRAD:
      return filterGrad(job, chunk);
    case id.ADD_PARTIALS:
      return addPartials(job, chunk);
    case id.PACK_FILTER:
      return packFilter(job, chunk);
    case id.CONVOLVE:
      return convolve(job, chunk);
    case id.DEPTHWISE_FILTER_GRAD:
      return depthwiseFilterGrad(job, chunk);
    case id.DEPTHWISE_INPUT_GRAD:
      return depthwiseInputGrad(job, chunk);
    case id.MAX_POOL_GRAD:
      return maxPoolGrad(job, chunk);
    case id.SGD:
      return sgd(job, chunk);
    case id.FRACTIONAL:
      return fractional(job, chunk);
    case id.TANH:
      return tanh(job, chunk);
    case id.LARGEST_MAGNITUDE:
      return largestMagnitude(job, chunk);
    case id.MULTIPLY:
      return multiply(job, chunk);
    case id.WEIGHT_GRADIENT:
      return weightGradient(job, chunk);
    case id.SCHEME_MIX:
      return schemeMix(job, chunk);
    case id.SCHEME_MIX_GRAD:
      return schemeMixGrad(job, chunk);
    case id.SCHEME_MOMENTS:
      return schemeMoments(job, chunk);
    case id.SCHEME_RESIDUAL:
      return schemeResidual(job, chunk);
    case id.SCHEME_TERNARY:
      return schemeTernary(job, chunk);
    case id.LSTM_CELL:
      return lstmCell(job, chunk);
    case id.LSTM_CELL_GRAD:
      return lstmCellGrad(job, chunk);
  }
}
