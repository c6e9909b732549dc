/** TensorFlow.js LayersModels: model.json with its shards, as several files or in one zip archive. */
import { FormatError } from "../../core/dataset";
import { parseJson } from "../../core/json";
import type { ImportedNetwork } from "../../core/imported";
import { hashOf } from "./hash";
import { isRecord, type Config } from "./keras/config";
import { readManifest, type Shard } from "./keras/manifest";
import { networkOf } from "./keras/network";
import { namedTensors } from "./keras/tensors";
import type { ModelFile, ModelLimits, ModelReader } from "./reader";
import { isZip } from "../read/zip";
import { readWhole, zipEntries } from "./zip-entries";

const SHARD = /shard\d+of\d+(\.bin)?$/i;
const TOPOLOGY = /"(modelTopology|weightsManifest)"|"(layers|graph)-model"/;

const textOf = (head: Uint8Array): string => new TextDecoder().decode(head);

const isTopology = ({ file, head }: ModelFile): boolean => /\.json$/i.test(file.name) && TOPOLOGY.test(textOf(head));

/** An archive whose first entry, named in its first bytes, is a part of a model. */
const isArchive = ({ file, head }: ModelFile): boolean =>
  isZip(head) && /\.zip$/i.test(file.name) && /model\.json|shard\d+of\d+/.test(textOf(head));

export const layersModel: ModelReader = {
  id: "layers-model",
  label: "a TensorFlow.js LayersModel (model.json with its .bin files, or both in a .zip)",
  accepts: (files) => files.some((file) => isTopology(file) || isArchive(file) || SHARD.test(file.file.name)),
  read: async (files, limits) => {
    const parts = await partsOf(files, limits);
    const [json, ...others] = parts
      .filter(({ path }) => /\.json$/i.test(path))
      .map((part) => ({ part, content: contentOf(part) }))
      .filter(({ content }) => content !== null);
    if (!json || others.length > 0) {
      throw new FormatError(
        `A LayersModel is one model.json with its .bin files, and ${json ? "several such .json files were" : "no such .json file was"} given: choose the files of one model together.`,
      );
    }
    const sha256 = await hashOf(inOrder(parts).map(({ bytes }) => bytes));
    return modelOf(nameOf(files, json.part.path), json.content ?? {}, parts, sha256, limits);
  },
};

/** The files, those of an archive in its place. */
async function partsOf(files: readonly ModelFile[], limits: ModelLimits): Promise<readonly Shard[]> {
  const parts: Shard[] = [];
  let left = limits.fileBytes;
  for (const { file, head } of files) {
    const found = isZip(head) ? await zipEntries(file, left) : [{ path: file.name, bytes: await readWhole(file, left) }];
    left -= found.reduce((sum, { bytes }) => sum + bytes.length, 0);
    parts.push(...found);
  }
  return parts;
}

/** The JSON of a model; null for another file. Throws a FormatError for a text that is broken. */
function contentOf({ path, bytes }: Shard): Config | null {
  const text = textOf(bytes);
  try {
    const value = parseJson(text);
    return isRecord(value) && ("modelTopology" in value || "weightsManifest" in value) ? value : null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (!TOPOLOGY.test(text)) return null;
    throw new FormatError(`"${path}" is damaged: ${error.message} Get the file again.`, { cause: error });
  }
}

const inOrder = (parts: readonly Shard[]): readonly Shard[] =>
  [...parts].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

/** "model" says nothing: then the archive's name, or else the model's own, is taken. */
function nameOf(files: readonly ModelFile[], path: string): { readonly file: string; readonly name: string | null } {
  const [only] = files;
  const file = files.length === 1 && only ? only.file.name : path;
  const stem = file.replace(/\.(json|zip)$/i, "");
  return { file, name: stem === "model" ? null : stem };
}

function modelOf(
  { file, name }: { readonly file: string; readonly name: string | null },
  content: Config,
  parts: readonly Shard[],
  sha256: string,
  limits: ModelLimits,
): ImportedNetwork {
  if (content["format"] === "graph-model") {
    throw new FormatError(
      `"${file}" is a TensorFlow.js GraphModel, which has no layers left: convert the Keras model with the output format tfjs_layers_model, or export it as ONNX.`,
    );
  }
  const topology = isRecord(content["modelTopology"]) ? content["modelTopology"] : {};
  // Converted Keras files have the model in a `model_config`.
  const model = isRecord(topology["model_config"]) ? topology["model_config"] : topology;
  const keras = typeof topology["keras_version"] === "string" ? topology["keras_version"] : "";
  const source = namedTensors(readManifest(content["weightsManifest"], parts, file, limits.values));
  const format = `TensorFlow.js LayersModel${/^\d/.test(keras) ? `, from Keras ${keras.slice(0, 20)}` : ""}`;
  return networkOf({ file, name, format, sha256, model, version: keras.startsWith("3.") ? 3 : 2, source }, limits);
}
