/** One time step of an LSTM and its gradient. A chunk is one row of the batch. */
import type * as tf from "@tensorflow/tfjs-core";
import { KERNELS } from "../contract";
import { LSTM_CELL, LSTM_CELL_GRAD } from "./kernel-ids";
import { address, input, output, register, type Call } from "./register";

export function registerLstm(): void {
  register(KERNELS.lstmCell, lstmCell);
  register(KERNELS.lstmCellGrad, lstmCellGrad);
}

function lstmCell(call: Call<unknown>): tf.TensorInfo[] {
  const [z, bias, c] = [input(call, "z"), input(call, "bias"), input(call, "c")];
  const outputs = [output(call, c.shape), output(call, c.shape), output(call, z.shape)];
  run(call, LSTM_CELL, c, [z, bias, c, ...outputs]);
  return outputs;
}

function lstmCellGrad(call: Call<unknown>): tf.TensorInfo[] {
  const [gates, c] = [input(call, "gates"), input(call, "c")];
  const outputs = [output(call, gates.shape), output(call, c.shape)];
  run(call, LSTM_CELL_GRAD, c, [gates, c, input(call, "next"), input(call, "dh"), input(call, "dnext"), ...outputs]);
  return outputs;
}

/** `c` says how many rows of how many units there are. */
function run(call: Call<unknown>, kernel: number, c: tf.TensorInfo, tensors: readonly tf.TensorInfo[]): void {
  const [rows = 0, units = 0] = c.shape;
  call.module.run(kernel, rows, [units, ...tensors.map((tensor) => address(call, tensor))]);
}
