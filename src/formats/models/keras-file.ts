/** Files that Keras itself writes: `.keras` archives (Keras 3) and whole models in HDF5 (`.h5`, all versions). */
import { FormatError } from "../../core/dataset";
import { parseJson } from "../../core/json";
import type { ImportedNetwork } from "../../core/imported";
import { hashOf } from "./hash";
import { isRecord, type Config } from "./keras/config";
import { withHdf5 } from "./keras/hdf5";
import { networkOf } from "./keras/network";
import { groupedTensors, namedTensors } from "./keras/tensors";
import type { ModelFile, ModelLimits, ModelReader } from "./reader";
import { isZip } from "../read/zip";
import { readWhole, zipEntries, type ZipEntry } from "./zip-entries";

const HDF5_MAGIC = [0x89, 0x48, 0x44, 0x46];

const isHdf5 = (head: Uint8Array): boolean => HDF5_MAGIC.every((byte, i) => head[i] === byte);

const isKeras = ({ file: { name }, head }: ModelFile): boolean =>
  /\.keras$/i.test(name) || /\.(h5|hdf5)$/i.test(name) || isHdf5(head);

export const kerasFile: ModelReader = {
  id: "keras",
  label: "a Keras model (.keras or .h5)",
  accepts: (files) => files.some(isKeras),
  read: async (files, limits) => {
    const [first, ...others] = files.filter(isKeras);
    if (!first || others.length > 0) throw new FormatError("These are several Keras models: give one at a time.");
    const { file, head } = first;
    const bytes = await readWhole(file, limits.fileBytes);
    const sha256 = await hashOf([bytes]);
    if (isHdf5(head)) return readLegacy(file.name, bytes, sha256, limits);
    if (!isZip(head)) throw new FormatError(`"${file.name}" is no Keras model: it is neither a zip archive nor an HDF5 file.`);
    return readArchive(file.name, await zipEntries(file, limits.fileBytes), sha256, limits);
  },
};

const stemOf = (file: string): string => file.replace(/\.(keras|h5|hdf5)$/i, "");

/** A `.keras` archive: metadata.json, config.json, model.weights.h5. */
async function readArchive(
  file: string,
  entries: readonly ZipEntry[],
  sha256: string,
  limits: ModelLimits,
): Promise<ImportedNetwork> {
  const entry = (path: string): Uint8Array | undefined => entries.find((known) => known.path === path)?.bytes;
  const [config, weights] = [entry("config.json"), entry("model.weights.h5")];
  if (!config)
    throw new FormatError(`"${file}" is no Keras model: it has no config.json. Save it with model.save("NAME.keras").`);
  if (!weights) {
    throw new FormatError(
      entry("model.weights.npz")
        ? `"${file}" keeps its weights as pickled Python objects (model.weights.npz), which are not opened here: install h5py and save it again.`
        : `"${file}" has no weights: it has no model.weights.h5. Save the whole model with model.save("NAME.keras").`,
    );
  }
  const metadata = entry("metadata.json");
  const keras = versionOf(metadata ? jsonOf(file, metadata)["keras_version"] : "3");
  const model = jsonOf(file, config);
  return withHdf5(file, weights, ({ tensors }) =>
    networkOf(
      { file, name: stemOf(file), format: `Keras ${keras}`, sha256, model, version: 3, source: groupedTensors(tensors()) },
      limits,
    ),
  );
}

/** A whole model in one HDF5 file: its JSON is an attribute, its tensors are called by their layers. */
async function readLegacy(file: string, bytes: Uint8Array, sha256: string, limits: ModelLimits): Promise<ImportedNetwork> {
  return withHdf5(file, bytes, ({ attribute, tensors }) => {
    const config = attribute("model_config");
    if (config === null) {
      throw new FormatError(
        `"${file}" holds weights without their layers: save the whole model with model.save("NAME.keras"), not its weights alone.`,
      );
    }
    const keras = versionOf(attribute("keras_version") ?? "2");
    const weights = [...tensors()].flatMap(([path, tensor]) =>
      path.startsWith("model_weights/") ? [{ ...tensor, name: path.slice("model_weights/".length) }] : [],
    );
    const model = jsonOf(file, new TextEncoder().encode(config));
    const version = keras.startsWith("3") ? 3 : 2;
    return networkOf(
      { file, name: stemOf(file), format: `Keras ${keras}, HDF5`, sha256, model, version, source: namedTensors(weights) },
      limits,
    );
  });
}

const versionOf = (text: unknown): string => (typeof text === "string" ? text.slice(0, 20) : "3");

function jsonOf(file: string, bytes: Uint8Array): Config {
  try {
    const value = parseJson(new TextDecoder().decode(bytes));
    if (isRecord(value)) return value;
    throw new RangeError("It is not an object.");
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FormatError(`"${file}" is damaged: its JSON cannot be read. ${error.message} Get the file again.`, {
      cause: error,
    });
  }
}
