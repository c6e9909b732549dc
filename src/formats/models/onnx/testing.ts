/** Writes small ONNX files for tests. */
import { PbfWriter } from "pbf";
import { namedBytes, type NamedBytes } from "../../read/bytes";

export interface TestNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly ints?: Readonly<Record<string, readonly number[]>>;
  readonly int?: Readonly<Record<string, number>>;
  readonly text?: Readonly<Record<string, string>>;
}

export interface TestTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** float32 unless `integers`. */
  readonly data: readonly number[];
  readonly integers?: boolean;
  /** A path as external data. */
  readonly elsewhere?: boolean;
}

export interface TestModel {
  readonly opset?: number;
  readonly nodes: readonly TestNode[];
  readonly tensors?: readonly TestTensor[];
  /** Of the input "x"; 0 leaves a size open. */
  readonly input?: readonly number[];
  readonly moreInputs?: readonly string[];
  readonly outputs?: readonly string[];
}

/** The bytes of a file. */
export function onnxBytes(model: TestModel): Uint8Array<ArrayBuffer> {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 8);
  pbf.writeStringField(2, "tests");
  pbf.writeMessage(7, writeGraph, model);
  pbf.writeMessage(8, (version: number, opset: PbfWriter) => opset.writeVarintField(2, version), model.opset ?? 13);
  return new Uint8Array(pbf.finish());
}

function writeGraph(model: TestModel, pbf: PbfWriter): void {
  for (const node of model.nodes) pbf.writeMessage(1, writeNode, node);
  for (const tensor of model.tensors ?? []) pbf.writeMessage(5, writeTensor, tensor);
  const dims = model.input ?? [0, 3, 8, 8];
  for (const name of ["x", ...(model.moreInputs ?? [])]) pbf.writeMessage(11, writeInput, { name, dims });
  for (const name of model.outputs ?? ["y"])
    pbf.writeMessage(12, (text: string, out: PbfWriter) => out.writeStringField(1, text), name);
}

function writeNode(node: TestNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.name ?? "");
  pbf.writeStringField(4, node.type);
  if (node.domain !== undefined) pbf.writeStringField(7, node.domain);
  for (const [name, value] of Object.entries(node.ints ?? {})) {
    pbf.writeMessage(5, (ints: readonly number[], out: PbfWriter) => writeInts(name, ints, out), value);
  }
  for (const [name, value] of Object.entries(node.int ?? {})) {
    pbf.writeMessage(
      5,
      (int: number, out: PbfWriter) => {
        out.writeStringField(1, name);
        out.writeVarintField(3, int);
        out.writeVarintField(20, 2);
      },
      value,
    );
  }
  for (const [name, value] of Object.entries(node.text ?? {})) {
    pbf.writeMessage(
      5,
      (text: string, out: PbfWriter) => {
        out.writeStringField(1, name);
        out.writeStringField(4, text);
        out.writeVarintField(20, 3);
      },
      value,
    );
  }
}

function writeInts(name: string, ints: readonly number[], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writePackedVarint(8, [...ints]);
  pbf.writeVarintField(20, 7);
}

function writeTensor({ name, dims, data, integers, elsewhere }: TestTensor, pbf: PbfWriter): void {
  pbf.writePackedVarint(1, [...dims]);
  pbf.writeVarintField(2, integers ? 7 : 1);
  if (elsewhere) pbf.writeVarintField(14, 1);
  else if (integers) pbf.writePackedVarint(7, [...data]);
  else pbf.writePackedFloat(4, [...data]);
  pbf.writeStringField(8, name);
}

function writeInput({ name, dims }: { readonly name: string; readonly dims: readonly number[] }, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  const shape = (sizes: readonly number[], out: PbfWriter): void => {
    for (const size of sizes) out.writeMessage(1, (n: number, dim: PbfWriter) => dim.writeVarintField(1, n), size);
  };
  const tensor = (sizes: readonly number[], out: PbfWriter): void => {
    out.writeVarintField(1, 1);
    out.writeMessage(2, shape, sizes);
  };
  pbf.writeMessage(2, (sizes: readonly number[], out: PbfWriter) => out.writeMessage(1, tensor, sizes), dims);
}

/** A file as the readers take it. */
export const fileOf = (bytes: Uint8Array<ArrayBuffer>, name = "net.onnx"): NamedBytes => namedBytes(new Blob([bytes]), name);
