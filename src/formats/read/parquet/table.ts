/** A Parquet file, group of rows by group of rows. The library and its decompressors are loaded when the first one is opened. */
import type { AsyncBuffer, ColumnChunk, FileMetaData, SchemaTree } from "hyparquet";
import { FormatError, StoppedError } from "../../../core/dataset";
import type { NamedBytes } from "../bytes";
import type { ReadLimits } from "../reader";
import type { Decompress } from "./pages";

export interface ParquetTable {
  readonly file: NamedBytes;
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
  /** Rows of each group. */
  readonly groups: readonly number[];
  /** A column's values in a group. */
  readonly read: (group: number, column: string) => Promise<readonly unknown[]>;
}

/** Opens a file by its footer. A FormatError for whatever is wrong with it, now and when it is read. */
export async function openTable(file: NamedBytes, limits: ReadLimits): Promise<ParquetTable> {
  const { parquetMetadataAsync, parquetSchema } = await import("hyparquet");
  return told(file, async () => {
    const metadata = await parquetMetadataAsync(asyncBuffer(file), { geoparquet: false });
    const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
    const rows = groups.reduce((sum, count) => sum + count, 0);
    if (!groups.every((count) => count >= 0) || !(rows <= limits.entries)) {
      throw new FormatError(`"${file.name}" says it has ${rows} rows; at most ${limits.entries} can be read.`);
    }
    const schema = parquetSchema(metadata);
    return {
      file,
      metadata,
      schema,
      groups,
      read: (group, column) => told(file, () => readGroup({ file, metadata, schema, groups }, group, column, limits)),
    };
  });
}

/** Whatever else is thrown on the way is the library's way to say that a file is damaged. */
async function told<T>({ name }: NamedBytes, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FormatError || error instanceof StoppedError) throw error;
    throw new FormatError(`"${name}" is damaged or no Parquet file: it cannot be read. Get the file again.`, { cause: error });
  }
}

const asyncBuffer = (file: NamedBytes): AsyncBuffer => ({
  byteLength: file.size,
  slice: async (from, to = file.size) => (await file.slice(from, to)).slice().buffer,
});

async function readGroup(
  { file, metadata, schema, groups }: Omit<ParquetTable, "read">,
  group: number,
  column: string,
  limits: ReadLimits,
): Promise<readonly unknown[]> {
  const { parquetReadObjects } = await import("hyparquet");
  const rows = groups[group] ?? 0;
  const compressors = await boundedCompressors(limits.datasetBytes);
  for (const chunk of metadata.row_groups[group]?.columns ?? []) {
    if (chunk.meta_data?.path_in_schema[0] === column) await checkColumn(file, chunk, schema, rows, compressors, limits);
  }
  const rowStart = groups.slice(0, group).reduce((sum, count) => sum + count, 0);
  const values = await parquetReadObjects({
    file: asyncBuffer(file),
    metadata,
    columns: [column],
    rowStart,
    rowEnd: rowStart + rows,
    compressors,
    // Images are bytes, not text; texts that say so are still decoded.
    utf8: false,
    geoparquet: false,
  });
  if (values.length !== rows) throw new FormatError(`"${file.name}" is damaged: rows are missing. Get the file again.`);
  return values.map((row) => row[column] as unknown);
}

type Compressors = Readonly<Record<string, Decompress>>;

/** The library's decompressors, which otherwise allocate what a page claims. */
async function boundedCompressors(limit: number): Promise<Compressors> {
  const { compressors } = await import("hyparquet-compressors");
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, decompress]) => [
      codec,
      (bytes: Uint8Array, unpackedBytes: number): Uint8Array => {
        if (!(unpackedBytes >= 0 && unpackedBytes <= limit)) throw new RangeError(`A page claims ${unpackedBytes} bytes.`);
        return decompress(bytes, unpackedBytes);
      },
    ]),
  );
}

async function checkColumn(
  file: NamedBytes,
  chunk: ColumnChunk,
  schema: SchemaTree,
  rows: number,
  compressors: Compressors,
  limits: ReadLimits,
): Promise<void> {
  const { checkPages } = await import("./pages");
  const about = chunk.meta_data;
  if (!about) throw new FormatError(`"${file.name}" is encrypted: write it without.`);
  const first = Number(about.dictionary_page_offset ?? about.data_page_offset);
  const from = Math.min(first > 0 ? first : Infinity, Number(about.data_page_offset));
  const bytes = await file.slice(from, from + Number(about.total_compressed_size));
  const decompress = about.codec === "UNCOMPRESSED" ? (page: Uint8Array): Uint8Array => page : compressors[about.codec];
  if (!decompress) throw new FormatError(`"${file.name}" is packed by a rare method (${about.codec}): use Snappy or Zstandard.`);
  const maxLevel = maxLevelOf(file.name, schema, about.path_in_schema);
  checkPages(file.name, { bytes, rows, maxLevel, decompress, maxBytes: limits.datasetBytes });
}

/** How many parts of a column's path may be missing. A FormatError for lists, which hold no single image or class. */
function maxLevelOf(name: string, schema: SchemaTree, path: readonly string[]): number {
  let node: SchemaTree | undefined = schema;
  let level = 0;
  for (const part of path) {
    node = node?.children.find(({ element }) => element.name === part);
    if (!node || node.element.repetition_type === "REPEATED") {
      throw new FormatError(`"${name}" has a list in its column "${path[0]}": one image and one class a row can be read.`);
    }
    if (node.element.repetition_type !== "REQUIRED") level++;
  }
  return level;
}
