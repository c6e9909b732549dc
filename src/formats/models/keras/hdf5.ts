/** HDF5 files, by the library that the format's makers wrote, compiled to WASM: loaded when the first such file is read. */
import type { Dataset, Group } from "h5wasm";
import { FormatError } from "../../../core/dataset";
import type { StoredTensor } from "./layer";

/** An open file; to be read inside of `withHdf5`. */
export interface Hdf5 {
  /** All datasets of numbers by path, in the order of the groups. */
  readonly tensors: () => ReadonlyMap<string, StoredTensor>;
  /** A text attribute of the file itself; null if there is none. */
  readonly attribute: (name: string) => string | null;
}

/** Far more than any model has. Links of a damaged file may go round in circles. */
const MAX_ITEMS = 10_000;
const MAX_DEPTH = 40;

/** Opens `bytes` as a file called `name` in sentences, and gives what `read` makes of it. Throws a FormatError if it is damaged. */
export async function withHdf5<T>(name: string, bytes: Uint8Array, read: (file: Hdf5) => T): Promise<T> {
  const { ready, File } = await import("h5wasm");
  const library = await ready;
  library.activate_throwing_error_handler();
  const path = "model.h5";
  try {
    library.FS.writeFile(path, bytes);
    const file = new File(path, "r");
    try {
      return read({
        tensors: () => tensorsIn(file, bytes.length),
        attribute: (key) => {
          const value = file.attrs[key]?.value;
          return typeof value === "string" ? value : null;
        },
      });
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`"${name}" is damaged: its HDF5 data cannot be read. Get the file again.`, { cause: error });
  } finally {
    library.FS.unlink(path);
  }
}

/** Keras packs nothing, so that a file of n bytes has less than n numbers: whatever says otherwise is not read. */
function tensorsIn(root: Group, fileBytes: number): ReadonlyMap<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  let [items, bytes] = [0, 0];
  const waiting: (readonly [group: Group, path: string, depth: number])[] = [[root, "", 0]];
  for (const [group, path, depth] of waiting) {
    if (depth > MAX_DEPTH) throw new RangeError("The groups nest too deeply.");
    for (const key of group.keys()) {
      if (++items > MAX_ITEMS) throw new RangeError("There are too many groups.");
      const item = group.get(key);
      if (isGroup(item)) waiting.push([item, `${path}${key}/`, depth + 1]);
      if (!isDataset(item)) continue;
      const shape = item.shape ?? [];
      bytes += shape.reduce((product, size) => product * size, 1);
      if (bytes > fileBytes) throw new RangeError("It claims more numbers than it has bytes.");
      const values = numbersOf(item.value);
      if (values) tensors.set(`${path}${key}`, { shape, values });
    }
  }
  return tensors;
}

const isGroup = (item: unknown): item is Group => typeOf(item) === "Group";
const isDataset = (item: unknown): item is Dataset => typeOf(item) === "Dataset";

const typeOf = (item: unknown): unknown => (typeof item === "object" && item !== null && "type" in item ? item.type : null);

/** Numbers of any type as float32; null for texts and the like. */
function numbersOf(value: unknown): Float32Array | null {
  if (value instanceof Float32Array) return value;
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Float32Array.from(value, Number);
  if (typeof value === "number") return Float32Array.of(value);
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Float32Array.from(value as Float64Array) : null;
}
