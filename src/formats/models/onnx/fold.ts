/** Computes at reading time what depends on constants and shapes alone: shape arithmetic, generated weights. */
import { countElements, numbersIn, permute, Refusal, type Constant } from "./constant";
import type { OnnxNode } from "./messages";
import { axesOf, numberOf, numbersOf, tensorOf } from "./attributes";

/** What a foldable node is given. */
export interface FoldInput {
  readonly node: OnnxNode;
  /** Undefined where an input is left out. */
  readonly inputs: readonly (Constant | undefined)[];
  /** Most elements of a result. */
  readonly most: number;
}

type Fold = (input: FoldInput) => Constant;

/** The result of a node whose inputs are all known; null for a type that is not computed here. */
export function fold(input: FoldInput): Constant | null {
  const compute = FOLDS[input.node.type];
  return compute ? compute(input) : null;
}

export const isFoldable = (type: string): boolean => type in FOLDS || type === "Shape" || type === "Size";

const FOLDS: Readonly<Record<string, Fold>> = {
  Constant: ({ node, most }) => constantNode(node, most),
  ConstantOfShape: ({ node, inputs, most }) => {
    const dims = numbersIn(needed(inputs[0]));
    const value = tensorOf(node, "value", most);
    const count = countElements(dims, most);
    const fill = value?.data[0] ?? 0;
    // Shapes made this way are integers; weights are floats.
    return { dims, data: (value?.data instanceof Float64Array ? new Float64Array(count) : new Float32Array(count)).fill(fill) };
  },
  Identity: ({ inputs }) => needed(inputs[0]),
  Cast: ({ node, inputs }) => {
    const { dims, data } = needed(inputs[0]);
    const isFloat = [1, 10, 16].includes(numberOf(node, "to", 1));
    if (isFloat) return { dims, data: Float32Array.from(data) };
    return { dims, data: numberOf(node, "to", 1) === 11 ? Float64Array.from(data) : Float64Array.from(data, Math.trunc) };
  },
  Gather: ({ node, inputs, most }) => gather(needed(inputs[0]), needed(inputs[1]), numberOf(node, "axis", 0), most),
  Unsqueeze: ({ node, inputs }) => {
    const { dims, data } = needed(inputs[0]);
    const axes = axesOf(node, inputs[1]) ?? [];
    return { dims: unsqueezed(dims, axes), data };
  },
  Squeeze: ({ node, inputs }) => {
    const { dims, data } = needed(inputs[0]);
    const axes = axesOf(node, inputs[1])?.map((axis) => (axis < 0 ? axis + dims.length : axis));
    return { dims: dims.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)), data };
  },
  Concat: ({ node, inputs, most }) => concatenate(inputs.map(needed), numberOf(node, "axis", 0), most),
  Slice: ({ node, inputs }) => slice(node, inputs),
  Reshape: ({ node, inputs }) => {
    const { dims, data } = needed(inputs[0]);
    return { dims: reshapedDims(dims, numbersIn(needed(inputs[1])), numberOf(node, "allowzero", 0) === 1), data };
  },
  Transpose: ({ node, inputs }) => {
    const constant = needed(inputs[0]);
    return permute(constant, numbersOf(node, "perm") ?? constant.dims.map((_, axis) => constant.dims.length - 1 - axis));
  },
  Expand: ({ inputs, most }) => {
    const shape = numbersIn(needed(inputs[1]));
    return elementwise(needed(inputs[0]), { dims: shape, data: new Float64Array(countElements(shape, most)) }, (a) => a, most);
  },
  Range: ({ inputs, most }) => {
    const [start = 0, limit = 0, step = 1] = inputs.map((input) => numbersIn(needed(input))[0]);
    const count = Math.max(0, Math.ceil((limit - start) / step));
    countElements([count], most);
    return { dims: [count], data: Float64Array.from({ length: count }, (_, i) => start + i * step) };
  },
  ReduceProd: ({ inputs }) => {
    const values = numbersIn(needed(inputs[0]));
    return { dims: [], data: Float64Array.of(values.reduce((product, value) => product * value, 1)) };
  },
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: ({ inputs, most }) => {
    const [a, b] = [needed(inputs[0]), needed(inputs[1])];
    const isInteger = !(a.data instanceof Float32Array) && [...a.data, ...b.data].every(Number.isInteger);
    return elementwise(a, b, isInteger ? (x, y) => Math.trunc(x / y) : (x, y) => x / y, most);
  },
  Min: binary(Math.min),
  Max: binary(Math.max),
  Equal: binary((a, b) => Number(a === b)),
  Where: ({ inputs, most }) => {
    const [condition, yes, no] = [needed(inputs[0]), needed(inputs[1]), needed(inputs[2])];
    const chosen = elementwise(condition, yes, (c, y) => (c ? y : NaN), most);
    return elementwise(chosen, no, (value, other) => (Number.isNaN(value) ? other : value), most);
  },
  Neg: unary((x) => -x),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sqrt: unary(Math.sqrt),
};

function needed(input: Constant | undefined): Constant {
  if (!input) throw new Refusal("one of its inputs is missing");
  return input;
}

function constantNode(node: OnnxNode, most: number): Constant {
  const tensor = tensorOf(node, "value", most);
  if (tensor) return tensor;
  for (const [name, attribute] of node.attributes) {
    if (attribute.type === "number") {
      const data = name === "value_float" ? Float32Array.of(attribute.value) : Float64Array.of(attribute.value);
      return { dims: [], data };
    }
    if (attribute.type === "numbers") {
      const { value } = attribute;
      return { dims: [value.length], data: name === "value_floats" ? Float32Array.from(value) : Float64Array.from(value) };
    }
  }
  throw new Refusal("it holds something that is no tensor of numbers");
}

function unary(compute: (x: number) => number): Fold {
  return ({ inputs }) => {
    const { dims, data } = needed(inputs[0]);
    return { dims, data: data instanceof Float32Array ? Float32Array.from(data, compute) : Float64Array.from(data, compute) };
  };
}

function binary(compute: (a: number, b: number) => number): Fold {
  return ({ inputs, most }) => elementwise(needed(inputs[0]), needed(inputs[1]), compute, most);
}

/** With broadcasting. */
function elementwise(a: Constant, b: Constant, compute: (a: number, b: number) => number, most: number): Constant {
  const dims = broadcastDims(a.dims, b.dims);
  const count = countElements(dims, most);
  const data = a.data instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  const [placeA, placeB] = [placesIn(a.dims, dims), placesIn(b.dims, dims)];
  for (let i = 0; i < count; i++) data[i] = compute(a.data[placeA(i)] as number, b.data[placeB(i)] as number);
  return { dims, data };
}

/** Shape of two shapes together (NumPy's rules). */
export function broadcastDims(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) throw new Refusal(`tensors of ${a.join(" x ")} and ${b.join(" x ")} do not fit together`);
    return x === 1 ? y : x;
  });
}

/** Where in a tensor of `own` the element i of the broadcast shape `dims` is. */
function placesIn(own: readonly number[], dims: readonly number[]): (i: number) => number {
  const missing = dims.length - own.length;
  const strides = own.map((size, axis) => (size === 1 ? 0 : own.slice(axis + 1).reduce((product, n) => product * n, 1)));
  return (i) => {
    let [place, rest] = [0, i];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const size = dims[axis] as number;
      place += (rest % size) * (strides[axis - missing] ?? 0);
      rest = Math.floor(rest / size);
    }
    return place;
  };
}

/** Sizes after axes of size 1 were put in. */
export function unsqueezed(dims: readonly number[], axes: readonly number[]): readonly number[] {
  const rank = dims.length + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  let from = 0;
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (dims[from++] ?? 1)));
}

/** What a Reshape makes of sizes: 0 keeps one, -1 takes what is left. */
export function reshapedDims(dims: readonly number[], target: readonly number[], allowZero: boolean): readonly number[] {
  const total = dims.reduce((product, size) => product * size, 1);
  const filled = target.map((size, axis) => (size === 0 && !allowZero ? (dims[axis] ?? 0) : size));
  const known = filled.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const result = filled.map((size) => (size === -1 ? total / known : size));
  const fits = result.every((size) => Number.isInteger(size) && size > 0) && result.reduce((p, n) => p * n, 1) === total;
  if (!fits) throw new Refusal(`${dims.join(" x ")} numbers cannot be shaped as ${target.join(" x ")}`);
  return result;
}

function gather(source: Constant, indices: Constant, axis: number, most: number): Constant {
  const at = axis < 0 ? axis + source.dims.length : axis;
  const size = source.dims[at] ?? 0;
  const inner = source.dims.slice(at + 1).reduce((product, n) => product * n, 1);
  const outer = source.dims.slice(0, at).reduce((product, n) => product * n, 1);
  const picks = Array.from(indices.data, (index) => (index < 0 ? index + size : index));
  if (!picks.every((index) => index >= 0 && index < size)) throw new Refusal("it asks for an element that is not there");
  const dims = [...source.dims.slice(0, at), ...indices.dims, ...source.dims.slice(at + 1)];
  const count = countElements(dims, most);
  const data = source.data instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of picks) {
      const from = (o * size + index) * inner;
      data.set(source.data.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return { dims, data };
}

function concatenate(parts: readonly Constant[], axis: number, most: number): Constant {
  const [first] = parts;
  if (!first) throw new Refusal("it joins nothing");
  const at = axis < 0 ? axis + first.dims.length : axis;
  const inner = (part: Constant): number => part.dims.slice(at).reduce((product, n) => product * n, 1);
  const outer = first.dims.slice(0, at).reduce((product, n) => product * n, 1);
  if (!parts.every(({ dims }) => dims.length === first.dims.length && dims.every((n, i) => i === at || n === first.dims[i])))
    throw new Refusal("it joins tensors whose sizes differ");
  const dims = first.dims.map((size, i) => (i === at ? parts.reduce((sum, part) => sum + (part.dims[at] ?? 0), 0) : size));
  const count = countElements(dims, most);
  const data = first.data instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const part of parts) {
      const length = inner(part);
      data.set(part.data.subarray(o * length, (o + 1) * length), to);
      to += length;
    }
  }
  return { dims, data };
}

/** Of lists alone, which is what shape arithmetic slices. */
function slice(node: OnnxNode, inputs: readonly (Constant | undefined)[]): Constant {
  const { dims, data } = needed(inputs[0]);
  if (dims.length !== 1) throw new Refusal("only lists are sliced among constants");
  const list = (place: number, name: string): number | undefined => {
    const given = inputs[place];
    return (given ? numbersIn(given) : numbersOf(node, name))?.[0];
  };
  const [size = 0] = dims;
  const step = list(4, "steps") ?? 1;
  if (step === 0) throw new Refusal("its step is 0");
  const clamp = (value: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, value < 0 ? value + size : value));
  const start = clamp(list(1, "starts") ?? 0, 0, step > 0 ? size : size - 1);
  const end = clamp(list(2, "ends") ?? size, step > 0 ? 0 : -1, size);
  const picked: number[] = [];
  for (let i = start; step > 0 ? i < end : i > end; i += step) picked.push(data[i] as number);
  return { dims: [picked.length], data: data instanceof Float32Array ? Float32Array.from(picked) : Float64Array.from(picked) };
}
