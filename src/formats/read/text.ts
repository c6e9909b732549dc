/** A plain text file as a language model's data: UTF-8, one file. */
import { FormatError } from "../../core/dataset";
import { LEAST_TEXT, languageModelData } from "../../core/text";
import { openBytes } from "./bytes";
import type { DataReader, InputFile } from "./reader";

/** Reads one text, by characters; `inUnit` cuts it into words. Ends of lines become "\n". */
export const text: DataReader = {
  id: "text",
  label: "a plain text (.txt, UTF-8) for a language model",
  manyFiles: false,
  names: /\.txt(\.gz)?$/i,
  recognises: () => false,
  read: async (files) => {
    const [only, ...more] = files as [InputFile, ...InputFile[]];
    if (more.length > 0) throw new FormatError("A language model reads one text: give one .txt file, without any others.");
    const content = await readText(only);
    const { name } = only.file;
    if (content.length < LEAST_TEXT) {
      throw new FormatError(
        `"${name}" is too short for a language model: it has ${content.length} characters, and ${LEAST_TEXT} are needed.`,
      );
    }
    return languageModelData(content, "character", { id: "imported", name: `${name} (from a file)` });
  },
};

/** Larger than the texts that small language models are trained on; a page holds it several times. */
const MAX_TEXT_BYTES = 2 ** 25;

/**
 * The content of a UTF-8 file of at most `limit` bytes without its byte order mark, lines ended by "\n". Throws a FormatError for
 * anything else.
 */
export async function readText({ file }: InputFile, limit = MAX_TEXT_BYTES): Promise<string> {
  const reader = await openBytes(file);
  let bytes: Uint8Array;
  try {
    bytes = await reader.readRest(limit);
  } finally {
    await reader.close();
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new FormatError(`"${file.name}" is UTF-16 text: save it as UTF-8.`);
  }
  let content: string;
  try {
    content = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FormatError(`"${file.name}" is not UTF-8 text: save it as UTF-8, or give another file.`, { cause: error });
  }
  // Of the control characters, text has tabs, ends of lines and pages.
  if (/[\0-\x08\x0e-\x1f]/.test(content)) throw new FormatError(`"${file.name}" is not a text: it holds control characters.`);
  return content.replace(/\r\n?/g, "\n");
}
