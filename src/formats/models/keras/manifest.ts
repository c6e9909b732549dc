/** The weights of a TensorFlow.js model: a manifest in its JSON, and shards that hold the numbers one after another. */
import { FormatError } from "../../../core/dataset";
import { quoted } from "../../../core/json";
import { isRecord, type Config } from "./config";
import type { NamedTensor } from "./tensors";

/** A file that may be a shard. */
export interface Shard {
  /** With its folders, as given. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the numbers as they lie in the file. */
  readonly type: ElementType;
  /** value = number * scale + min */
  readonly scale: number;
  readonly min: number;
}

/** Reads `count` little-endian numbers at the start of a view. */
interface ElementType {
  readonly bytes: number;
  readonly at: (view: DataView, offset: number) => number;
}

const TYPES: Readonly<Record<string, ElementType>> = {
  float32: { bytes: 4, at: (view, offset) => view.getFloat32(offset, true) },
  float16: { bytes: 2, at: (view, offset) => halfToNumber(view.getUint16(offset, true)) },
  int32: { bytes: 4, at: (view, offset) => view.getInt32(offset, true) },
  uint16: { bytes: 2, at: (view, offset) => view.getUint16(offset, true) },
  uint8: { bytes: 1, at: (view, offset) => view.getUint8(offset) },
  bool: { bytes: 1, at: (view, offset) => view.getUint8(offset) },
};

/** All tensors of a manifest, dequantized. Every length is checked before a number is read. Throws a FormatError with a sentence. */
export function readManifest(
  manifest: unknown,
  shards: readonly Shard[],
  file: string,
  mostValues: number,
): readonly NamedTensor[] {
  const groups = Array.isArray(manifest) ? (manifest as readonly unknown[]) : [];
  const bad = (what: string): FormatError => new FormatError(`"${file}" cannot be used: its weightsManifest ${what}.`);
  if (groups.length === 0 || !groups.every(isRecord)) throw bad("is missing");
  const missing = groups.flatMap(({ paths }) => pathsOf(paths, bad)).filter((path) => !findShard(shards, path));
  if (missing.length > 0) {
    throw new FormatError(
      `"${file}" keeps its weights in further files, and ${missing.slice(0, 5).map(quoted).join(", ")} ${missing.length === 1 ? "is" : "are"} missing: choose all of them together.`,
    );
  }
  let values = 0;
  return groups.flatMap((group) => {
    const parts = pathsOf(group["paths"], bad).map((path) => findShard(shards, path) ?? new Uint8Array(0));
    const stored = storedIn(group, bad);
    values += stored.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (values > mostValues) throw bad(`describes more than the ${mostValues} numbers that can be read`);
    const needed = stored.reduce((sum, { shape, type }) => sum + sizeOf(shape) * type.bytes, 0);
    const present = parts.reduce((sum, { length }) => sum + length, 0);
    if (needed !== present)
      throw bad(`describes ${needed} bytes, and its files have ${present}: they do not belong together, or one is cut off`);
    return decode(stored, joined(parts));
  });
}

function pathsOf(paths: unknown, bad: (what: string) => FormatError): readonly string[] {
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string")) throw bad("does not name its files");
  return paths;
}

/** The shard of that path, wherever its folder was given from. */
function findShard(shards: readonly Shard[], path: string): Uint8Array<ArrayBuffer> | undefined {
  const wanted = path.replace(/^\.\//, "");
  const base = wanted.slice(wanted.lastIndexOf("/") + 1);
  const exact = shards.find((shard) => shard.path === wanted);
  return (exact ?? shards.find((shard) => shard.path === base || shard.path.endsWith(`/${base}`)))?.bytes;
}

function storedIn({ weights }: Config, bad: (what: string) => FormatError): readonly Stored[] {
  if (!Array.isArray(weights) || !weights.every(isRecord)) throw bad("has a group without weights");
  return weights.map(({ name, shape, dtype, quantization }) => {
    if (typeof name !== "string") throw bad("has a tensor without a name");
    if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0 && size < 2 ** 31))
      throw bad(`has no shape for ${quoted(name)}`);
    const quantized = isRecord(quantization) ? quantization : null;
    const id = String(quantized?.["dtype"] ?? dtype);
    const type = Object.hasOwn(TYPES, id) ? TYPES[id] : undefined;
    if (!type) throw bad(`has the unknown type ${quoted(id)} for ${quoted(name)}`);
    const isScaled = quantized !== null && id !== "float16";
    const [scale, min] = isScaled ? [quantized["scale"], quantized["min"]] : [1, 0];
    if (typeof scale !== "number" || typeof min !== "number") throw bad(`has no scale for ${quoted(name)}`);
    return { name, shape: shape as number[], type, scale, min };
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function decode(stored: readonly Stored[], bytes: Uint8Array<ArrayBuffer>): readonly NamedTensor[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  return stored.map(({ name, shape, type, scale, min }) => {
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++, offset += type.bytes) values[i] = type.at(view, offset) * scale + min;
    return { name, shape, values };
  });
}

/** An IEEE 754 half. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
