import { DEFAULT_CONFIG } from "../../core/config";
import { FormatError, type Dataset } from "../../core/dataset";
import { openBytes, type NamedBytes } from "./bytes";
import { cifar } from "./cifar";
import { csv } from "./tables/csv";
import { idx } from "./idx";
import { imageFolder } from "./images/image-folder";
import { npz } from "./arrays/npz";
import { parquet } from "./parquet/parquet";
import { text } from "./text";
import { READ_LIMITS, type DataReader, type InputFile, type ReadContext } from "./reader";
import { watched } from "./watched";

export { namedBytes, type NamedBytes } from "./bytes";
export type { DecodeImage, Pixels, ReadContext } from "./reader";

/** Every data format that can be read; the first that any of the files is meant for reads them. */
const READERS: readonly DataReader[] = [idx, cifar, npz, parquet, imageFolder, csv, text];

/** Only images come in more files than that. */
const MAX_FILES = 64;

/** Enough for any reader to recognise its own: one tar header. */
const HEAD_BYTES = 512;

/** Without a decoder, images are refused. */
const DEFAULT_CONTEXT: ReadContext = {
  limits: READ_LIMITS,
  resizing: DEFAULT_CONFIG,
  decodeImage: () => Promise.reject(new Error("There is no decoder of images here.")),
  tell: () => undefined,
};

/**
 * Reads the files that a person gave as one data set, recognising the format by content first. Throws a FormatError whose message
 * is a sentence for that person.
 */
export async function readDataset(all: readonly NamedBytes[], given: Partial<ReadContext> = {}): Promise<Dataset> {
  const context = { ...DEFAULT_CONTEXT, ...given };
  const choices = READERS.map(({ label }) => label).join(", or ");
  const files = all.every(({ path }) => path.includes("/")) ? wanted(all) : all;
  if (files.length === 0) throw new FormatError(`No file that can be read was given. Give ${choices}.`);
  const inputs: InputFile[] = [];
  const few = files.length <= MAX_FILES;
  for (const file of files) inputs.push({ file, head: few ? await readHead(file) : new Uint8Array(0) });
  const reader = READERS.find(({ names, recognises }) =>
    inputs.some((input) => names.test(input.file.name) || recognises(input)),
  );
  if (!few && !reader?.manyFiles) {
    throw new FormatError(`${files.length} files are too many for one data set. Give ${choices}.`);
  }
  if (!reader) {
    const [{ file }] = inputs as [InputFile];
    throw new FormatError(`"${file.name}" is not a data set that can be read here. Give ${choices}.`);
  }
  const sources = watched(files, context.tell);
  return reader.read(
    inputs.map(({ head }, i) => ({ file: sources[i] as NamedBytes, head })),
    context,
  );
}

/** Of a folder's files, those of the first format that has any: folders hold notes, hidden files and other forms of the same data. */
function wanted(files: readonly NamedBytes[]): readonly NamedBytes[] {
  const visible = files.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX"));
  const named = READERS.map(({ names }) => visible.filter(({ name }) => names.test(name))).find((found) => found.length > 0);
  return named ?? visible;
}

async function readHead(file: NamedBytes): Promise<Uint8Array> {
  const reader = await openBytes(file);
  try {
    return await reader.readSome(HEAD_BYTES);
  } finally {
    await reader.close();
  }
}
