/** Sums, products and joins of tensors, with each other and with constants. */
import { broadcastDims } from "../fold";
import { numberOf } from "../attributes";
import { Refusal, type Constant } from "../constant";
import { channelsLast, type Flowing, type Value } from "../drawing";
import { axisIn, flowing, type Operator, type Work } from "./operator";

interface Affine {
  readonly scale: (constant: number) => number;
  readonly shift: (constant: number) => number;
}

/** x * scale + shift, where both follow from a constant that varies along one axis at most. */
function withConstant(work: Work, x: Flowing, constant: Constant, { scale, shift }: Affine): readonly Value[] {
  const dims = broadcastDims(x.dims, constant.dims);
  if (dims.join() !== x.dims.join()) throw new Refusal("its constant is larger than its input");
  const missing = x.dims.length - constant.dims.length;
  const varying = x.dims.flatMap((_, axis) => ((constant.dims[axis - missing] ?? 1) > 1 ? [axis] : []));
  const [axis] = varying;
  if (varying.length > 1 || axis === x.axes[0]) throw new Refusal("its constant varies along more than the channels");
  const axes = axis === undefined || x.axes.at(-1) === axis ? x.axes : [...x.axes.filter((a) => a !== axis), axis];
  const numbers = Array.from(constant.data);
  const operation = { op: "affine" as const, scale: numbers.map(scale), shift: numbers.map(shift) };
  if (![...operation.scale, ...operation.shift].every(Number.isFinite)) throw new Refusal("its constant is not finite, or 0");
  return [{ ...x, node: work.drawing.add(work.name, operation, [work.drawing.inLayout(x, axes)]), axes }];
}

/** Two tensors in one layout; the smaller one is second. */
function together(work: Work, a: Flowing, b: Flowing): readonly [Flowing, string, string] {
  const dims = broadcastDims(a.dims, b.dims);
  if (a.dims.length !== b.dims.length || dims.join() !== a.dims.join())
    throw new Refusal("it stretches tensors in a way that is not supported");
  if (a.axes[0] !== b.axes[0]) throw new Refusal("it mixes the samples of a batch");
  const axes = b.dims.join() === a.dims.join() ? a.axes : a.axes.length === a.dims.length ? a.axes : channelsLast(a.dims);
  return [{ ...a, axes }, work.drawing.inLayout(a, axes), work.drawing.inLayout(b, axes)];
}

/** The constant operand and whether it comes first; null if there is none. */
function constantOperand({ inputs: [a, b] }: Work): { readonly constant: Constant; readonly first: boolean } | null {
  if (a?.kind === "known") return { constant: a.constant, first: true };
  return b?.kind === "known" ? { constant: b.constant, first: false } : null;
}

const add: Operator = (work) => {
  const operand = constantOperand(work);
  if (operand) return biasOrShift(work, flowing(work, operand.first ? 1 : 0), operand.constant);
  const [value, a, b] = together(work, ...largerFirst(flowing(work), flowing(work, 1)));
  if (flowing(work).dims.join() !== flowing(work, 1).dims.join()) throw new Refusal("it adds tensors of different sizes");
  return [{ ...value, node: work.drawing.add(work.name, { op: "add" }, [a, b]) }];
};

/** After a layer without a bias whose output nobody else reads, a constant for each unit is that bias. */
function biasOrShift(work: Work, x: Flowing, constant: Constant): readonly Value[] {
  const layer = work.drawing.find(x.node);
  const isLayer = (layer?.op === "dense" || layer?.op === "conv") && !layer.bias && layer.weightOf === undefined;
  const channel = x.axes.at(-1);
  const place = (channel ?? 0) - x.dims.length + constant.dims.length;
  const alongChannels = constant.dims[place] === x.dims[channel ?? -1] && constant.data.length === constant.dims[place];
  if (!isLayer || !alongChannels || !work.isAlone(layer.name))
    return withConstant(work, x, constant, { scale: () => 1, shift: (c) => c });
  work.drawing.replace(layer.name, (node) => (node.op === "dense" || node.op === "conv" ? { ...node, bias: true } : node));
  work.values.set(`${layer.name}.bias`, Float32Array.from(constant.data));
  return [x];
}

const largerFirst = (a: Flowing, b: Flowing): readonly [Flowing, Flowing] => {
  const count = ({ dims }: Flowing): number => dims.reduce((product, size) => product * size, 1);
  return count(b) > count(a) ? [b, a] : [a, b];
};

const subtract: Operator = (work) => {
  const operand = constantOperand(work);
  if (operand) {
    const { constant, first } = operand;
    return withConstant(work, flowing(work, first ? 1 : 0), constant, {
      scale: () => (first ? -1 : 1),
      shift: (c) => (first ? c : -c),
    });
  }
  const [value, a, b] = together(work, flowing(work), flowing(work, 1));
  const negative = work.drawing.add(`${work.name}.negative`, { op: "affine", scale: [-1], shift: [0] }, [b]);
  return [{ ...value, node: work.drawing.add(work.name, { op: "add" }, [a, negative]) }];
};

const multiply: Operator = (work) => {
  const operand = constantOperand(work);
  if (operand)
    return withConstant(work, flowing(work, operand.first ? 1 : 0), operand.constant, { scale: (c) => c, shift: () => 0 });
  const [value, a, b] = together(work, ...largerFirst(flowing(work), flowing(work, 1)));
  return [{ ...value, node: work.drawing.add(work.name, { op: "multiply" }, [a, b]) }];
};

const divide: Operator = (work) => {
  const operand = constantOperand(work);
  if (!operand || operand.first) throw new Refusal("only the division by a constant is supported");
  return withConstant(work, flowing(work), operand.constant, { scale: (c) => 1 / c, shift: () => 0 });
};

const sum: Operator = (work) => {
  const [first, ...others] = work.inputs.map((_, place) => flowing(work, place));
  if (!first) throw new Refusal("it adds nothing");
  if (others.length === 0) return [first];
  if (others.some(({ dims }) => dims.join() !== first.dims.join())) throw new Refusal("it adds tensors of different sizes");
  const names = [first, ...others].map((value) => work.drawing.inLayout(value, first.axes));
  return [{ ...first, node: work.drawing.add(work.name, { op: "add" }, names) }];
};

const concat: Operator = (work) => {
  const parts = work.inputs.map((_, place) => flowing(work, place));
  const [first] = parts;
  if (!first) throw new Refusal("it joins nothing");
  if (parts.length === 1) return [first];
  const axis = axisIn(numberOf(work.node, "axis", 1), first.dims.length);
  if (axis === first.axes[0]) throw new Refusal("it joins along the batch");
  const [batch = 0] = first.axes;
  const others = channelsLast(first.dims).filter((a) => a !== axis && a !== batch);
  const axes = [batch, ...others, axis];
  const names = parts.map((part) => work.drawing.inLayout(part, axes));
  const dims = first.dims.map((size, i) => (i === axis ? parts.reduce((total, part) => total + (part.dims[i] ?? 0), 0) : size));
  return [{ kind: "flowing", node: work.drawing.add(work.name, { op: "concat" }, names), dims, axes }];
};

export const ARITHMETIC: Readonly<Record<string, Operator>> = {
  Add: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
  Sum: sum,
  Concat: concat,
};
