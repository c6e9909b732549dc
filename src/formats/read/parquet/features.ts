/** Which columns of a Parquet file are the images and their classes, by what Hugging Face notes in it or by their names. */
import type { FileMetaData, SchemaTree } from "hyparquet";
import { FormatError } from "../../../core/dataset";

export interface Features {
  /** Of the column that holds images: bytes, or a struct with a part "bytes". */
  readonly image: string;
  readonly label: string;
  /** Names of the classes by their numbers; null if the file does not tell. */
  readonly classes: readonly string[] | null;
}

const IMAGE_NAMES = ["image", "img", "images", "picture", "photo"];
const LABEL_NAMES = ["label", "labels", "fine_label", "class", "target", "y"];

/** A FormatError that lists the columns if there are no two that fit. */
export function featuresOf(name: string, metadata: FileMetaData, schema: SchemaTree): Features {
  const noted = notedFeatures(metadata);
  const columns = schema.children;
  const isImage = (column: SchemaTree): boolean =>
    noted.get(column.element.name)?._type === "Image" ||
    column.children.some(({ element }) => element.name === "bytes") ||
    (IMAGE_NAMES.includes(column.element.name.toLowerCase()) && column.element.type === "BYTE_ARRAY");
  const isLabel = (column: SchemaTree): boolean =>
    noted.get(column.element.name)?._type === "ClassLabel" || LABEL_NAMES.includes(column.element.name.toLowerCase());
  const byName = (a: SchemaTree, b: SchemaTree): number => placeOf(a) - placeOf(b);
  const image = columns.find(isImage)?.element.name;
  const label = columns.filter((column) => column.children.length === 0 && isLabel(column)).sort(byName)[0]?.element.name;
  if (image === undefined || label === undefined) {
    const names = columns.map(({ element }) => `"${element.name}"`).join(", ");
    throw new FormatError(
      `"${name}" has the columns ${names}: a column of ${image === undefined ? "images" : "classes"} was not found among them. Data sets of images with a label can be read.`,
    );
  }
  return { image, label, classes: noted.get(label)?.names ?? null };
}

const placeOf = ({ element }: SchemaTree): number => {
  const place = LABEL_NAMES.indexOf(element.name.toLowerCase());
  return place < 0 ? LABEL_NAMES.length : place;
};

interface Noted {
  readonly _type: string;
  readonly names: readonly string[] | null;
}

/** What the "huggingface" entry says of the columns; nothing if it is not there or cannot be read. */
function notedFeatures({ key_value_metadata: entries }: FileMetaData): ReadonlyMap<string, Noted> {
  const text = entries?.find(({ key }) => key === "huggingface")?.value;
  const noted = new Map<string, Noted>();
  if (text === undefined) return noted;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // It is a hint of one writer among others: the names of the columns decide without it.
    return noted;
  }
  for (const [column, feature] of entriesOf(valueAt(valueAt(parsed, "info"), "features"))) {
    const names = valueAt(feature, "names");
    const type = valueAt(feature, "_type");
    const areNames = Array.isArray(names) && names.every((value) => typeof value === "string");
    if (typeof type === "string") noted.set(column, { _type: type, names: areNames ? names : null });
  }
  return noted;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
const valueAt = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);
const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] => (isObject(value) ? Object.entries(value) : []);
