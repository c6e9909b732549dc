/** Tensors whose values are known when a file is read. */
import type { OnnxTensor } from "./messages";

export interface Constant {
  readonly dims: readonly number[];
  /** Integers are exact up to 2^53. */
  readonly data: Float32Array | Float64Array;
}

/** What cannot be used; the message is the reason without the node, which the caller names. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Elements of a shape; a Refusal if a size is no size or there are more than `most`. */
export function countElements(dims: readonly number[], most: number): number {
  let count = 1;
  for (const size of dims) {
    if (!Number.isInteger(size) || size < 0) throw new Refusal(`a tensor has the impossible size ${size}`);
    count *= size;
    if (count > most) throw new Refusal(`a tensor of ${dims.join(" x ")} is larger than the ${most} numbers that can be read`);
  }
  return count;
}

type Reader = (view: DataView, at: number) => number;
interface NumberType {
  readonly bytes: number;
  readonly read: Reader;
  /** How a number of the field int32_data stands for one. */
  readonly fromField?: (value: number) => number;
}

/** TensorProto.DataType: those that networks hold. */
const TYPES: Readonly<Record<number, NumberType>> = {
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 1, read: (view, at) => view.getInt8(at) },
  4: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  5: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  6: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  7: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  9: { bytes: 1, read: (view, at) => view.getUint8(at) },
  10: { bytes: 2, read: (view, at) => half(view.getUint16(at, true)), fromField: half },
  11: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  12: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  13: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  16: { bytes: 2, read: (view, at) => brain(view.getUint16(at, true)), fromField: brain },
};

/** float32 and the shorter ones become float32, everything else float64. */
const SHORT_FLOATS: readonly number[] = [1, 10, 16];

/** The values of a stored tensor. Throws a Refusal for other types, data elsewhere, and lengths that do not agree. */
export function constantOf(tensor: OnnxTensor, most: number): Constant {
  const { dims, type, raw, numbers, external } = tensor;
  if (external) throw new Refusal(`its tensor "${tensor.name}" is kept in another file: export the network into one file`);
  const format = TYPES[type];
  if (!format) throw new Refusal(`its tensor "${tensor.name}" has numbers of a type (${type}) that networks do not use`);
  const count = countElements(dims, most);
  const held = raw ? raw.length / format.bytes : numbers.length;
  if (held !== count) throw new Refusal(`its tensor "${tensor.name}" should have ${count} numbers and has ${held}`);
  const data = SHORT_FLOATS.includes(type) ? new Float32Array(count) : new Float64Array(count);
  if (raw) {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let i = 0; i < count; i++) data[i] = format.read(view, i * format.bytes);
  } else {
    const convert = format.fromField ?? ((value: number) => value);
    for (let i = 0; i < count; i++) data[i] = convert(numbers[i] as number);
  }
  return { dims, data };
}

/** IEEE half precision. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));
/** bfloat16: the upper half of a float32. */
function brain(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** All values if there are few: shapes, axes, scalars. */
export function numbersIn({ data }: Constant): readonly number[] {
  if (data.length > MAX_LIST) throw new Refusal(`a list of ${data.length} numbers stands where a few should`);
  return Array.from(data);
}
const MAX_LIST = 100_000;

/** The tensor with its axes in another order: axis i of the result is axis order[i]. */
export function permute({ dims, data }: Constant, order: readonly number[]): Constant {
  if (order.join() === "1,0") return { dims: [dims[1] as number, dims[0] as number], data: transposed(data, dims[0] as number) };
  const size = (axis: number): number => dims[axis] as number;
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, n) => product * n, 1));
  const shape = order.map(size);
  const steps = order.map((axis) => strides[axis] as number);
  const result = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (steps[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return { dims: shape, data: result };
}

/** Pieces of a matrix that stay in the processor's cache: dense layers have millions of weights. */
const TILE = 64;

function transposed(data: Constant["data"], rows: number): Constant["data"] {
  const columns = data.length / rows;
  const result = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      for (let row = top; row < Math.min(rows, top + TILE); row++) {
        for (let column = left; column < Math.min(columns, left + TILE); column++) {
          result[column * rows + row] = data[row * columns + column] as number;
        }
      }
    }
  }
  return result;
}

/** As float32, which everything trained is. */
export const asFloat32 = ({ data }: Constant): Float32Array => (data instanceof Float32Array ? data : Float32Array.from(data));
