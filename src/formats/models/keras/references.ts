/** Which tensors a layer reads, in the ways in which versions of Keras write it. */
import { isRecord, type Config } from "./config";

/** One application of a layer, as others refer to it. */
export interface Reference {
  readonly layer: string;
  /** Which application, counted from 0. */
  readonly node: number;
}

/** Arguments nest as far as a list of tensors in the arguments of a call. */
const MAX_DEPTH = 6;

/** The tensors of each application of a layer; one that reads a constant, too, is null. */
export function applicationsOf(layer: Config): readonly (readonly Reference[] | null)[] {
  const nodes = layer["inbound_nodes"];
  return Array.isArray(nodes) ? nodes.map((node: unknown) => tensorsOf(node)) : [];
}

/** What a model has as `input_layers` or `output_layers`: one reference, a list of them, or a record of them. */
export function referencesOf(value: unknown): readonly Reference[] {
  const list = isRecord(value) ? Object.values(value) : value;
  if (!Array.isArray(list)) return [];
  const one = referenceOf(list);
  return one ? [one] : list.flatMap((item: unknown) => referencesOf(item));
}

function tensorsOf(node: unknown): readonly Reference[] | null {
  // Keras 2: [[name, node, tensor, settings], ...]. Keras 3: the arguments of a call.
  if (!isRecord(node)) return referencesIn(node, 0);
  const settings = Object.entries(isRecord(node["kwargs"]) ? node["kwargs"] : {});
  const given = settings.filter(([name]) => name !== "mask" && name !== "training").map(([, value]) => value);
  return referencesIn([node["args"], given], 0);
}

function referencesIn(value: unknown, depth: number): readonly Reference[] | null {
  if (value === null || value === undefined || isEmptyRecord(value)) return [];
  const one = referenceOf(value);
  if (one) return [one];
  if (!Array.isArray(value) || depth >= MAX_DEPTH) return null;
  const found = value.map((item: unknown) => referencesIn(item, depth + 1));
  return found.includes(null) ? null : found.flatMap((references) => references ?? []);
}

const isEmptyRecord = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0;

function referenceOf(value: unknown): Reference | null {
  if (isRecord(value)) {
    const config = value["class_name"] === "__keras_tensor__" && isRecord(value["config"]) ? value["config"] : {};
    return referenceOf(config["keras_history"]);
  }
  if (!Array.isArray(value)) return null;
  const [layer, node, tensor, settings] = value as readonly unknown[];
  const plain = settings === undefined || settings === null || isEmptyRecord(settings) || isMaskOnly(settings);
  if (typeof layer !== "string" || !isIndex(node) || tensor !== 0 || !plain) return null;
  return { layer, node };
}

const isMaskOnly = (settings: unknown): boolean =>
  isRecord(settings) && Object.keys(settings).every((key) => key === "mask" || key === "training");

const isIndex = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0;
