/** Layers with weights. */
import { isDepthwise, type Operation, type Pair } from "../../../../core/graph";
import { numberOf, numbersOf } from "../attributes";
import { asFloat32, permute, Refusal, type Constant } from "../constant";
import { channelsLast, type Value } from "../drawing";
import { flowing, optional, stored, type Operator, type Work } from "./operator";
import { windowOf } from "./window";

const IMAGES_ONLY = "only layers on images (batch x channels x height x width) are supported";

const conv: Operator = (work) => {
  const x = flowing(work);
  const weight = stored(work, 1, "weight");
  const bias = optional(work, 2, "bias");
  if (x.dims.length !== 4 || weight.dims.length !== 4) throw new Refusal(IMAGES_ONLY);
  const [filters, perGroup, ...kernel] = weight.dims as [number, number, number, number];
  const groups = numberOf(work.node, "group", 1);
  const channels = x.dims[1] as number;
  if (perGroup * groups !== channels)
    throw new Refusal(`its weight is for ${perGroup * groups} channels and its input has ${channels}`);
  const declared = numbersOf(work.node, "kernel_shape");
  if (declared && declared.join() !== kernel.join()) throw new Refusal("its kernel_shape is not that of its weight");
  const { output, padding, stride, dilation } = windowOf(work.node, x.dims, kernel as unknown as Pair);
  const operation: Operation = {
    ...{ op: "conv", filters, kernel: kernel as unknown as Pair, stride, padding, dilation, groups, bias: bias !== undefined },
  };
  const node = addLayer(work, operation, work.drawing.inLayout(x, [0, 2, 3, 1]), bias, (): Float32Array => {
    // OIHW to HWIO; ours to HWCM, where the filters of a channel follow one another as they do here.
    if (!isDepthwise({ groups }, channels)) return asFloat32(permute(weight, [2, 3, 1, 0]));
    const byChannel: Constant = { dims: [channels, filters / channels, ...kernel], data: weight.data };
    return asFloat32(permute(byChannel, [2, 3, 0, 1]));
  });
  return [{ kind: "flowing", node, dims: [x.dims[0] as number, filters, ...output], axes: [0, 2, 3, 1] }];
};

/** Adds a layer, with its weights unless a layer with the same ones is there: then it is that layer, applied once more. */
function addLayer(
  work: Work,
  operation: Operation,
  input: string,
  bias: Constant | undefined,
  weightOf: () => Float32Array,
): string {
  const names = [1, 2].map((place) => {
    const given = work.inputs[place];
    return given?.kind === "known" ? given.stored : given === undefined ? "" : null;
  });
  const key = names.includes(null) ? null : JSON.stringify([names, operation]);
  const owner = key === null ? undefined : work.layers.get(key);
  if (owner !== undefined) return work.drawing.add(work.name, operation, [input], { weightOf: owner });
  const node = work.drawing.add(work.name, operation, [input]);
  if (key !== null) work.layers.set(key, node);
  work.values.set(`${node}.weight`, weightOf());
  if (bias) work.values.set(`${node}.bias`, asFloat32(bias));
  return node;
}

/** One for each unit, from one for all or one each. */
function biasFor(constant: Constant, units: number): Constant {
  const { length } = constant.data;
  if (length !== 1 && length !== units) throw new Refusal(`its bias has ${length} numbers for ${units} units`);
  return { dims: [units], data: Float32Array.from({ length: units }, (_, i) => constant.data[length === 1 ? 0 : i] as number) };
}

const scaled = (constant: Constant, factor: number): Constant =>
  factor === 1 ? constant : { dims: constant.dims, data: Float32Array.from(constant.data, (value) => value * factor) };

const gemm: Operator = (work) => {
  const { node } = work;
  if (numberOf(node, "transA", 0) !== 0) throw new Refusal("its input is transposed (transA)");
  const given = stored(work, 1, "weight");
  if (given.dims.length !== 2) throw new Refusal("its weight is no matrix");
  const weight = numberOf(node, "transB", 0) === 0 ? given : permute(given, [1, 0]);
  const bias = optional(work, 2, "bias");
  return dense(work, scaled(weight, numberOf(node, "alpha", 1)), bias && scaled(bias, numberOf(node, "beta", 1)));
};

const matMul: Operator = (work) => {
  const weight = stored(work, 1, "second factor");
  if (weight.dims.length !== 2) throw new Refusal("its weight is no matrix");
  return dense(work, weight, undefined);
};

function dense(work: Work, weight: Constant, bias: Constant | undefined): readonly Value[] {
  const x = flowing(work);
  const [inputs, units] = weight.dims as [number, number];
  if (x.dims.at(-1) !== inputs) throw new Refusal(`its weight is for ${inputs} inputs and it gets ${x.dims.at(-1)}`);
  if (x.dims.length !== 2 && x.dims.length !== 3)
    throw new Refusal(`its input has ${x.dims.length} axes: put a Flatten before it`);
  // Sequences come with the batch first or with the time first.
  const axes = x.dims.length === 2 ? [0, 1] : [x.axes[0] as number, 1 - (x.axes[0] as number), 2];
  const operation: Operation = { op: "dense", units, bias: bias !== undefined };
  const own = bias && biasFor(bias, units);
  const node = addLayer(work, operation, work.drawing.inLayout(x, axes), own, () => asFloat32(weight));
  return [{ kind: "flowing", node, dims: [...x.dims.slice(0, -1), units], axes }];
}

const batchNormalization: Operator = (work) => {
  const x = flowing(work);
  if (numberOf(work.node, "training_mode", 0) !== 0)
    throw new Refusal("it is in training mode: export the network for inference");
  if (work.node.outputs.filter(Boolean).length > 1)
    throw new Refusal("it gives its statistics: export the network for inference");
  if (x.axes[0] !== 0 || x.dims.length > 4) throw new Refusal(IMAGES_ONLY);
  const axes = channelsLast(x.dims);
  const epsilon = numberOf(work.node, "epsilon", 1e-5);
  const momentum = 1 - numberOf(work.node, "momentum", 0.9);
  const node = work.drawing.add(work.name, { op: "batchNorm", epsilon, momentum }, [work.drawing.inLayout(x, axes)]);
  (["weight", "bias", "mean", "variance"] as const).forEach((parameter, i) => {
    const constant = stored(work, i + 1, parameter);
    if (constant.data.length !== x.dims[1])
      throw new Refusal(`its ${parameter} has ${constant.data.length} numbers for ${x.dims[1]} channels`);
    work.values.set(`${node}.${parameter}`, asFloat32(constant));
  });
  return [{ ...x, node, axes }];
};

/** Vectors for symbols; of constants alone, it is computed at reading time. */
const gather: Operator = (work) => {
  const table = work.inputs[0];
  if (table?.kind === "flowing") return lastOfSequence(work);
  const symbols = flowing(work, 1);
  const weight = stored(work, 0, "table");
  const [vocabulary, size] = weight.dims as [number, number];
  if (weight.dims.length !== 2 || symbols.dims.length !== 2 || numberOf(work.node, "axis", 0) !== 0)
    throw new Refusal("only the embedding of a sequence of symbols is supported");
  const axes = [symbols.axes[0] as number, 1 - (symbols.axes[0] as number)];
  const node = work.drawing.add(work.name, { op: "embedding", vocabulary, size }, [work.drawing.inLayout(symbols, axes)]);
  work.values.set(`${node}.weight`, asFloat32(weight));
  return [{ kind: "flowing", node, dims: [...symbols.dims, size], axes: [...axes, 2] }];
};

/** The last state of an LSTM, taken out of all of them. */
function lastOfSequence(work: Work): readonly Value[] {
  const x = flowing(work);
  const axis = numberOf(work.node, "axis", 0);
  const [index] = Array.from(stored(work, 1, "index").data);
  const lstm = work.drawing.find(x.node);
  const [batch, time, features] = x.axes;
  const isLast = axis === time && (index === -1 || index === (x.dims[axis] as number) - 1);
  if (lstm?.op !== "lstm" || !isLast || batch === undefined || features === undefined)
    throw new Refusal("only the last state of an LSTM can be taken out of a tensor");
  if (x.axes.length !== 3) throw new Refusal("the tensor that it takes from has another layout");
  const scalar = stored(work, 1, "index").dims.length === 0;
  const node = work.drawing.add(work.name, { ...lstm, returns: "last" }, lstm.inputs, { weightOf: x.node });
  const dims = x.dims.flatMap((size, i) => (i !== time ? [size] : scalar ? [] : [1]));
  const moved = (a: number): number => (scalar && a > time ? a - 1 : a);
  return [{ kind: "flowing", node, dims, axes: [moved(batch), moved(features)] }];
}

export const LAYERS: Readonly<Record<string, Operator>> = {
  Conv: conv,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
  Gather: gather,
};
