import { FormatError, type Dataset } from "../../core/dataset";
import { openBytes, type NamedBytes } from "./bytes";
import { cifar10 } from "./cifar";
import { csv } from "./csv";
import { idx } from "./idx";
import { text } from "./text";
import { READ_LIMITS, type DataReader, type InputFile, type ReadLimits } from "./reader";

export type { NamedBytes } from "./bytes";

/** Every data format that can be read; the first that accepts the files reads them. */
const READERS: readonly DataReader[] = [idx, cifar10, text, csv];

/** Whoever gives more has dropped a folder. */
const MAX_FILES = 64;

/** Enough for any reader to recognise its own: one tar header. */
const HEAD_BYTES = 512;

/**
 * Reads the files that a person gave as one data set, recognising the format by content first. Throws a FormatError whose message
 * is a sentence for that person.
 */
export async function readDataset(files: readonly NamedBytes[], limits: ReadLimits = READ_LIMITS): Promise<Dataset> {
  const choices = READERS.map(({ label }) => label).join(", or ");
  if (files.length === 0) throw new FormatError(`No file was given. Give ${choices}.`);
  if (files.length > MAX_FILES) throw new FormatError(`${files.length} files are too many for one data set. Give ${choices}.`);
  const inputs: InputFile[] = [];
  for (const file of files) inputs.push({ file, head: await readHead(file) });
  const reader = READERS.find(({ accepts }) => accepts(inputs));
  if (!reader) {
    const [{ file }] = inputs as [InputFile];
    throw new FormatError(`"${file.name}" is not a data set that can be read here. Give ${choices}.`);
  }
  return reader.read(inputs, limits);
}

async function readHead(file: NamedBytes): Promise<Uint8Array> {
  const reader = await openBytes(file);
  try {
    return await reader.readSome(HEAD_BYTES);
  } finally {
    await reader.close();
  }
}
