/** Numbers of NumPy's types ("<f4", "|u1", ">i8") out of bytes. */

export interface ElementReader {
  /** Of one element. */
  readonly bytes: number;
  readonly isByte: boolean;
  /** All elements of some bytes. */
  readonly read: (bytes: Uint8Array) => ArrayLike<number>;
}

type Getter = (view: DataView, at: number, little: boolean) => number;

const GETTERS: Readonly<Record<string, Getter>> = {
  b1: (view, at) => view.getUint8(at),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f2: (view, at, little) => halfFloat(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** The reader of a type; null for one that is no number (texts, objects, complex numbers). */
export function elementReader(type: string): ElementReader | null {
  const [, order, kind = ""] = /^([<>|=]?)([a-z]\d)$/.exec(type) ?? [];
  const get = GETTERS[kind];
  if (!get) return null;
  const bytes = Number(kind[1]);
  if (kind === "u1") return { bytes, isByte: true, read: (values) => values };
  const little = order !== ">";
  return {
    bytes,
    isByte: false,
    read: ({ buffer, byteOffset, byteLength }) => {
      const view = new DataView(buffer, byteOffset, byteLength);
      return Float64Array.from({ length: byteLength / bytes }, (_, i) => get(view, i * bytes, little));
    },
  };
}

/** IEEE 754 binary16; `DataView.getFloat16` can take over once Node 20 is gone. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
