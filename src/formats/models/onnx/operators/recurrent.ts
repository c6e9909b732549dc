/** Long short-term memory in one direction. */
import { GATES } from "../../../../core/graph";
import { numberOf, numbersOf, textOf } from "../attributes";
import { Refusal, type Constant } from "../constant";
import { flowing, optional, stored, type Operator, type Work } from "./operator";

/** Rows of the gates in ONNX's order: input, output, forget, cell. */
const ROWS: Readonly<Record<(typeof GATES)[number], number>> = { input: 0, output: 1, forget: 2, cell: 3 };

const lstm: Operator = (work) => {
  const { node } = work;
  checkVariant(work);
  const x = flowing(work);
  const time = numberOf(node, "layout", 0) === 0 ? 0 : 1;
  const batch = 1 - time;
  if (x.dims.length !== 3 || x.axes[0] !== batch) throw new Refusal("its input is not length x batch x features");
  const weights = stored(work, 1, "weight");
  const recurrent = stored(work, 2, "recurrent weight");
  const bias = optional(work, 3, "bias");
  const features = x.dims[2] as number;
  const units = numberOf(node, "hidden_size", recurrent.dims[2] ?? 0);
  if (weights.dims.join() !== [1, 4 * units, features].join() || recurrent.dims.join() !== [1, 4 * units, units].join())
    throw new Refusal("the sizes of its weights do not agree");
  if (bias && bias.data.length !== 8 * units) throw new Refusal("the size of its bias does not agree");
  const all = work.readers(0).length > 0;
  const last = work.readers(1).length > 0;
  if (work.readers(2).length > 0) throw new Refusal("its last cell state is read");
  if (all && last) throw new Refusal("both all its states and its last one are read");
  const name = work.drawing.add(work.name, { op: "lstm", units, returns: last ? "last" : "sequence" }, [
    work.drawing.inLayout(x, [batch, time, 2]),
  ]);
  for (const gate of GATES) {
    work.values.set(`${name}.${gate}.weight`, gateWeight(weights, recurrent, ROWS[gate], features, units));
    work.values.set(`${name}.${gate}.bias`, gateBias(bias, ROWS[gate], units));
  }
  const [samples = 1, length = 1] = [x.dims[batch], x.dims[time]];
  const one = { kind: "flowing", node: name, dims: time === 0 ? [1, samples, units] : [samples, 1, units] } as const;
  const states =
    time === 0
      ? ({ kind: "flowing", node: name, dims: [length, 1, samples, units], axes: [2, 0, 3] } as const)
      : ({ kind: "flowing", node: name, dims: [samples, length, 1, units], axes: [0, 1, 3] } as const);
  return [states, { ...one, axes: time === 0 ? [1, 2] : [0, 2] }];
};

function checkVariant(work: Work): void {
  const { node } = work;
  if (textOf(node, "direction", "forward") !== "forward") throw new Refusal("it is not in the forward direction alone");
  if (numbersOf(node, "activation_alpha") || node.attributes.has("clip") || numberOf(node, "input_forget", 0) !== 0)
    throw new Refusal("it is of a variant that is not supported");
  const functions = node.attributes.get("activations");
  if (functions) throw new Refusal("it names its own functions");
  if (work.inputs[4]) throw new Refusal("its sequences have lengths of their own");
  if (work.inputs[7]) throw new Refusal("it has peepholes");
  for (const place of [5, 6]) {
    const start = optional(work, place, "initial state");
    if (start?.data.some((value) => value !== 0)) throw new Refusal("its initial state is not zero");
  }
}

/** [units, features] and [units, units] of a gate become [features + units, units]. */
function gateWeight(weights: Constant, recurrent: Constant, row: number, features: number, units: number): Float32Array {
  const joined = new Float32Array((features + units) * units);
  for (let unit = 0; unit < units; unit++) {
    const from = row * units + unit;
    for (let i = 0; i < features; i++) joined[i * units + unit] = weights.data[from * features + i] as number;
    for (let i = 0; i < units; i++) joined[(features + i) * units + unit] = recurrent.data[from * units + i] as number;
  }
  return joined;
}

/** Of the input and of the state, which only ever appear as their sum. */
const gateBias = (bias: Constant | undefined, row: number, units: number): Float32Array =>
  Float32Array.from({ length: units }, (_, unit) =>
    bias ? (bias.data[row * units + unit] as number) + (bias.data[(4 + row) * units + unit] as number) : 0,
  );

export const RECURRENT: Readonly<Record<string, Operator>> = { LSTM: lstm };
