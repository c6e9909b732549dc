import { FormatError } from "../../core/dataset";
import type { ImportedNetwork } from "../../core/imported";
import type { NamedBytes } from "../read/bytes";
import { kerasFile } from "./keras-file";
import { layersModel } from "./layers-model";
import { onnx } from "./onnx";
import { MODEL_LIMITS, type ModelFile, type ModelLimits, type ModelReader } from "./reader";

/** Every format of networks that can be read; the first that accepts the files reads them. */
const MODEL_READERS: readonly ModelReader[] = [onnx, kerasFile, layersModel];

const HEAD_BYTES = 512;

/** Whether the files are meant to be a network. */
export async function isNetwork(files: readonly NamedBytes[]): Promise<boolean> {
  return readerOf(await withHeads(files)) !== undefined;
}

/** Reads the files that a person gave as one network. Throws a FormatError whose message is a sentence for that person. */
export async function readNetwork(files: readonly NamedBytes[], limits: ModelLimits = MODEL_LIMITS): Promise<ImportedNetwork> {
  const inputs = await withHeads(files);
  const reader = readerOf(inputs);
  if (!reader) {
    const labels = MODEL_READERS.map(({ label }) => label).join(", or ");
    throw new FormatError(`"${files[0]?.name ?? "Nothing"}" is no network that can be read here. Give ${labels}.`);
  }
  return reader.read(inputs, limits);
}

const readerOf = (files: readonly ModelFile[]): ModelReader | undefined => MODEL_READERS.find(({ accepts }) => accepts(files));

async function withHeads(files: readonly NamedBytes[]): Promise<readonly ModelFile[]> {
  const inputs: ModelFile[] = [];
  for (const file of files) inputs.push({ file, head: await file.slice(0, HEAD_BYTES) });
  return inputs;
}
