/** Data sets as NumPy saves them: arrays of inputs and labels in one .npz archive, or in loose .npy files. */
import { FormatError, imageDataset, type Dataset } from "../../../core/dataset";
import { numbersDataset } from "../numbers";
import type { DataReader, InputFile, ReadContext } from "../reader";
import { pickRows, stratified, STRATIFIED_NOTE } from "../split";
import { firstEntry, openZip } from "../zip";
import { layoutOf, readImageArray, scaleFor, type Layout } from "./image-array";
import { readClasses, readLabels } from "./labels";
import { isNpy, openNpy, type NpyArray } from "./npy";
import { pairArrays, type Pairs } from "./roles";

/** Reads images [N, H, W], [N, H, W, C], [N, C, H, W] or square ones as rows; and any other rows as numbers. */
export const npz: DataReader = {
  id: "npz",
  label: "NumPy's arrays x_train, y_train, x_test and y_test (.npz or .npy)",
  manyFiles: false,
  names: /\.np[yz]$/i,
  recognises: ({ head }) => firstEntry(head).endsWith(".npy") || isNpy(head),
  read: async (files, context) => {
    const { name, arrays } = await open(files, context);
    const pairs = pairArrays(`"${name}"`, arrays);
    for (const { inputs, labels } of parts(pairs)) checkPair(inputs, labels);
    const layout = layoutOf(pairs.train.inputs);
    const { train, test } = pairs;
    if (test && test.inputs.shape.slice(1).join() !== train.inputs.shape.slice(1).join()) {
      throw new FormatError(
        `"${train.inputs.name}" and "${test.inputs.name}" have inputs of different shapes: they must be equal.`,
      );
    }
    return layout ? readImages(name, pairs, layout) : readNumbers(name, pairs, context);
  },
};

async function open(
  files: readonly InputFile[],
  { limits }: ReadContext,
): Promise<{ readonly name: string; readonly arrays: readonly NpyArray[] }> {
  const archive = files.find(({ head }) => !isNpy(head));
  if (archive && files.length > 1) {
    throw new FormatError(`"${archive.file.name}" is read alone: leave the other files out, or give .npy files only.`);
  }
  const members = archive
    ? (await openZip(archive.file, { bytes: 8 * limits.datasetBytes, entries: limits.entries })).filter(({ name }) =>
        /\.npy$/i.test(name),
      )
    : files.map(({ file }) => file);
  if (members.length === 0) throw new FormatError(`"${archive?.file.name}" holds no arrays (.npy).`);
  const arrays: NpyArray[] = [];
  for (const member of members) arrays.push(await openNpy(member, limits.datasetBytes));
  return { name: archive?.file.name ?? "NumPy arrays", arrays };
}

const parts = ({ train, test }: Pairs<NpyArray>): readonly Pairs<NpyArray>["train"][] => (test ? [train, test] : [train]);

function checkPair(inputs: NpyArray, labels: NpyArray): void {
  const [count = 0] = inputs.shape;
  if (inputs.shape.length < 2 || inputs.shape.length > 4 || inputs.shape.some((size) => size < 1)) {
    throw new FormatError(
      `"${inputs.name}" has the shape ${inputs.shape.join(" x ")}: inputs are N x H x W, N x H x W x C, N x C x H x W or N x features.`,
    );
  }
  if (labels.shape[0] !== count || labels.shape.slice(1).some((size) => size !== 1)) {
    throw new FormatError(
      `"${labels.name}" has the shape ${labels.shape.join(" x ")}, and "${inputs.name}" has ${count} inputs: one class number for each is needed.`,
    );
  }
}

async function readImages(name: string, pairs: Pairs<NpyArray>, layout: Layout): Promise<Dataset> {
  const scale = await scaleFor(parts(pairs).map(({ inputs }) => inputs));
  const classes = await readClasses(parts(pairs).map(({ labels }) => labels));
  const read = async ({ inputs, labels }: Pairs<NpyArray>["train"]) => ({
    images: await readImageArray(inputs, layout, scale.toByte),
    labels: await readLabels(labels, classes),
  });
  const { height, width, channels } = layout;
  const notes = [scale.note, pairs.test ? "" : STRATIFIED_NOTE].filter((note) => note !== "").join(", ");
  const about = { id: "imported", name: titled(name, notes), classes: classes.map(String), height, width, channels };
  const train = await read(pairs.train);
  if (pairs.test) return imageDataset({ ...about, resizing: null }, { train, test: await read(pairs.test) });
  const split = stratified(train.labels);
  const part = (places: readonly number[]) => {
    const { values, labels } = pickRows(train.images, train.labels, places);
    return { images: values, labels };
  };
  return imageDataset({ ...about, resizing: null }, { train: part(split.train), test: part(split.test) });
}

async function readNumbers(name: string, pairs: Pairs<NpyArray>, { limits }: ReadContext): Promise<Dataset> {
  const features = pairs.train.inputs.shape[1] as number;
  const count = parts(pairs).reduce((sum, { inputs }) => sum + (inputs.shape[0] as number), 0);
  if (pairs.train.inputs.shape.length !== 2 || 4 * count * features > limits.datasetBytes) {
    throw new FormatError(
      `"${pairs.train.inputs.name}" has the shape ${pairs.train.inputs.shape.join(" x ")}, which is neither images nor rows of numbers that can be held.`,
    );
  }
  const classes = await readClasses(parts(pairs).map(({ labels }) => labels));
  const read = async ({ inputs, labels }: Pairs<NpyArray>["train"]) => ({
    values: await readFloats(inputs),
    labels: await readLabels(labels, classes),
  });
  const about = { features: Array.from({ length: features }, (_, i) => `x${i + 1}`), classes: classes.map(String) };
  const train = await read(pairs.train);
  if (pairs.test) return numbersDataset({ ...about, name }, { train, test: await read(pairs.test) });
  const split = stratified(train.labels);
  const part = (places: readonly number[]) => pickRows(train.values, train.labels, places);
  return numbersDataset({ ...about, name: titled(name, STRATIFIED_NOTE) }, { train: part(split.train), test: part(split.test) });
}

async function readFloats(inputs: NpyArray): Promise<Float32Array> {
  const [rows = 0, columns = 0] = inputs.shape;
  const values = new Float32Array(rows * columns);
  await inputs.each((piece, from) => {
    for (let i = 0; i < piece.length; i++) {
      const at = from + i;
      const value = piece[i] as number;
      if (!Number.isFinite(value))
        throw new FormatError(`"${inputs.name}" holds a value that is no number (${value}): remove it.`);
      values[inputs.fortran ? (at % rows) * columns + Math.floor(at / rows) : at] = value;
    }
  });
  return values;
}

const titled = (name: string, notes: string): string => (notes === "" ? name : `${name} (${notes})`);
