/** ONNX's protobuf messages, as far as a network needs them (onnx.proto3; field numbers are the format's). */
import { PbfReader } from "pbf";
import { FormatError } from "../../../core/dataset";
import type { ModelLimits } from "../reader";

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType */
  readonly type: number;
  readonly raw: Uint8Array | null;
  /** From whichever typed field was used. */
  readonly numbers: readonly number[];
  /** Kept in another file. */
  readonly external: boolean;
}

export type Attribute =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "numbers"; readonly value: readonly number[] }
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "tensor"; readonly value: OnnxTensor }
  /** Graphs, strings, sparse tensors. */
  | { readonly type: "other" };

export interface OnnxNode {
  readonly name: string;
  readonly type: string;
  readonly domain: string;
  /** "" for an input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface OnnxInput {
  readonly name: string;
  /** TensorProto.DataType */
  readonly type: number;
  /** Null for a size that the file leaves open. */
  readonly dims: readonly (number | null)[];
}

export interface OnnxModel {
  readonly opset: number;
  readonly producer: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
  readonly sparse: number;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };
type Growing<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Reads a model file. Throws a FormatError with a sentence; `name` is the file's. */
export function readMessages(bytes: Uint8Array, name: string, limits: ModelLimits): OnnxModel {
  const model: Draft<OnnxModel> & { versions: Map<string, number> } = {
    ...{ opset: 0, producer: "", nodes: [], initializers: [], inputs: [], outputs: [], sparse: 0 },
    versions: new Map(),
  };
  try {
    new PbfReader(bytes).readFields((tag, found, pbf) => {
      if (tag === 2) found.producer = text(pbf);
      if (tag === 7) Object.assign(found, readGraph(pbf, limits));
      if (tag === 8) readOpset(pbf, found.versions);
    }, model);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`"${name}" is not an ONNX file, or it is damaged or cut off. Get the file again.`, { cause: error });
  }
  const { versions, ...rest } = model;
  return { ...rest, opset: versions.get("") ?? versions.get("ai.onnx") ?? 0 };
}

/** A message inside another one; what claims to be longer than its surroundings is damaged. */
function message<T>(pbf: PbfReader, result: T, read: (tag: number, result: T, pbf: PbfReader) => void): T {
  const end = pbf.readVarint() + pbf.pos;
  if (!(end <= pbf.length)) throw new RangeError("A message is longer than the file.");
  pbf.readFields(read, result, end);
  if (pbf.pos !== end) throw new RangeError("A message does not end where it should.");
  return result;
}

function bytesOf(pbf: PbfReader): Uint8Array {
  const bytes = pbf.readBytes();
  if (pbf.pos > pbf.length) throw new RangeError("A field is longer than the file.");
  return bytes;
}

const DECODER = new TextDecoder();
/** Names longer than this are no names. */
const MAX_TEXT = 4096;
const text = (pbf: PbfReader): string => DECODER.decode(bytesOf(pbf).subarray(0, MAX_TEXT));

function readOpset(pbf: PbfReader, versions: Map<string, number>): void {
  const { domain, version } = message(pbf, { domain: "", version: 0 }, (tag, found, inner) => {
    if (tag === 1) found.domain = text(inner);
    if (tag === 2) found.version = inner.readVarint(true);
  });
  versions.set(domain, version);
}

function readGraph(
  pbf: PbfReader,
  limits: ModelLimits,
): Pick<OnnxModel, "nodes" | "initializers" | "inputs" | "outputs" | "sparse"> {
  const graph = {
    nodes: [] as OnnxNode[],
    initializers: [] as OnnxTensor[],
    inputs: [] as OnnxInput[],
    outputs: [] as string[],
    sparse: 0,
  };
  return message(pbf, graph, (tag, found, inner) => {
    if (tag === 1) found.nodes.push(readNode(inner));
    if (tag === 5) found.initializers.push(readTensor(inner));
    if (tag === 11) found.inputs.push(readInput(inner));
    if (tag === 12) found.outputs.push(readInput(inner).name);
    if (tag === 15) found.sparse++;
    const count = found.nodes.length + found.initializers.length + found.inputs.length + found.outputs.length;
    if (count > 4 * limits.nodes)
      throw new FormatError(`This ONNX file has more than the ${limits.nodes} nodes that can be read.`);
  });
}

function readNode(pbf: PbfReader): OnnxNode {
  const attributes = new Map<string, Attribute>();
  const node: Growing<Omit<OnnxNode, "attributes">> = { name: "", type: "", domain: "", inputs: [], outputs: [] };
  message(pbf, node, (tag, found, inner) => {
    if (tag === 1) found.inputs.push(text(inner));
    if (tag === 2) found.outputs.push(text(inner));
    if (tag === 3) found.name = text(inner);
    if (tag === 4) found.type = text(inner);
    if (tag === 5) attributes.set(...readAttribute(inner));
    if (tag === 7) found.domain = text(inner);
  });
  return { ...node, attributes };
}

/** AttributeProto.AttributeType, from 1. */
const ATTRIBUTE_TYPES = ["float", "int", "string", "tensor", "graph", "floats", "ints"] as const;

function readAttribute(pbf: PbfReader): [string, Attribute] {
  const found = {
    name: "",
    type: 0,
    f: 0,
    i: 0,
    s: "",
    t: null as OnnxTensor | null,
    floats: [] as number[],
    ints: [] as number[],
  };
  message(pbf, found, (tag, into, inner) => {
    if (tag === 1) into.name = text(inner);
    if (tag === 2) into.f = inner.readFloat();
    if (tag === 3) into.i = inner.readVarint(true);
    if (tag === 4) into.s = text(inner);
    if (tag === 5) into.t = readTensor(inner);
    if (tag === 7) numbersOf(inner, into.floats, () => inner.readFloat());
    if (tag === 8) numbersOf(inner, into.ints, () => inner.readVarint(true));
    if (tag === 20) into.type = inner.readVarint();
  });
  return [found.name, attributeOf(found)];
}

function attributeOf(found: {
  readonly type: number;
  readonly f: number;
  readonly i: number;
  readonly s: string;
  readonly t: OnnxTensor | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
}): Attribute {
  switch (ATTRIBUTE_TYPES[found.type - 1] ?? "other") {
    case "float":
      return { type: "number", value: found.f };
    case "int":
      return { type: "number", value: found.i };
    case "string":
      return { type: "text", value: found.s };
    case "tensor":
      return found.t ? { type: "tensor", value: found.t } : { type: "other" };
    case "floats":
      return { type: "numbers", value: found.floats };
    case "ints":
      return { type: "numbers", value: found.ints };
    case "graph":
    case "other":
      return { type: "other" };
  }
}

/** Packed or not: a reader has to take both. `pbf.type` is 2 for a packed field. */
function numbersOf(pbf: PbfReader, into: number[], next: () => number): void {
  if (pbf.type !== 2) {
    into.push(next());
    return;
  }
  const end = pbf.readVarint() + pbf.pos;
  if (!(end <= pbf.length)) throw new RangeError("A list is longer than the file.");
  while (pbf.pos < end) into.push(next());
}

function readTensor(pbf: PbfReader): OnnxTensor {
  const tensor: Growing<Omit<OnnxTensor, "raw">> & { raw: Uint8Array | null } = {
    ...{ name: "", dims: [] as number[], type: 0, raw: null, numbers: [] as number[], external: false },
  };
  return message(pbf, tensor, (tag, found, inner) => {
    if (tag === 1) numbersOf(inner, found.dims, () => inner.readVarint(true));
    if (tag === 2) found.type = inner.readVarint();
    if (tag === 4) numbersOf(inner, found.numbers, () => inner.readFloat());
    if (tag === 5 || tag === 7 || tag === 11) numbersOf(inner, found.numbers, () => inner.readVarint(true));
    if (tag === 8) found.name = text(inner);
    if (tag === 9) found.raw = bytesOf(inner);
    if (tag === 10) numbersOf(inner, found.numbers, () => inner.readDouble());
    if (tag === 13) found.external = true;
    if (tag === 14) found.external ||= inner.readVarint() === 1;
  });
}

function readInput(pbf: PbfReader): OnnxInput {
  const input: Growing<OnnxInput> = { name: "", type: 0, dims: [] };
  return message(pbf, input, (tag, found, inner) => {
    if (tag === 1) found.name = text(inner);
    if (tag === 2) readType(inner, found);
  });
}

/** TypeProto { tensor_type { elem_type, shape { dim { dim_value } } } } */
function readType(pbf: PbfReader, input: Growing<OnnxInput>): void {
  message(pbf, input, (tag, found, type) => {
    if (tag !== 1) return;
    message(type, found, (field, into, tensor) => {
      if (field === 1) into.type = tensor.readVarint();
      if (field === 2) {
        message(tensor, into, (part, filled, shape) => {
          if (part === 1) filled.dims.push(readDimension(shape));
        });
      }
    });
  });
}

function readDimension(pbf: PbfReader): number | null {
  const { size } = message(pbf, { size: 0 }, (tag, found, inner) => {
    if (tag === 1) found.size = inner.readVarint(true);
  });
  return size > 0 ? size : null;
}
