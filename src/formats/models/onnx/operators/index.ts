import { ARITHMETIC } from "./arithmetic";
import { FUNCTIONS } from "./functions";
import { LAYERS } from "./layers";
import type { Operator } from "./operator";
import { POOLING } from "./pooling";
import { RECURRENT } from "./recurrent";
import { SHAPES } from "./shapes";

/** Every operator that is understood, by its ONNX name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [LAYERS, FUNCTIONS, ARITHMETIC, POOLING, SHAPES, RECURRENT].flatMap((family) => Object.entries(family)),
);

/** Why an operator that people will try is not there. */
export const REASONS: ReadonlyMap<string, string> = new Map([
  ["ConvTranspose", "transposed convolutions have no cost model here"],
  ["GRU", "of the recurrent layers only LSTM is supported"],
  ["RNN", "of the recurrent layers only LSTM is supported"],
  ["If", "control flow is not supported"],
  ["Loop", "control flow is not supported"],
  ["Scan", "control flow is not supported"],
  ["QuantizeLinear", "the network is quantized already: export it in float"],
  ["DequantizeLinear", "the network is quantized already: export it in float"],
  ["QLinearConv", "the network is quantized already: export it in float"],
  ["LayerNormalization", "transformers are not supported"],
  ["Attention", "transformers are not supported"],
]);
