/** The parts of a model's JSON that all kinds of models share. */
import { isRecord, type Config } from "./config";

const MODELS: ReadonlySet<string> = new Set(["Model", "Functional", "Sequential"]);

export const isModel = (layer: unknown): layer is Config => isRecord(layer) && MODELS.has(String(layer["class_name"]));

export const isInput = (layer: Config): boolean => layer["class_name"] === "InputLayer";

/** Old Sequential models have a list of layers in its place. */
export const configOf = ({ config }: Config): Config =>
  Array.isArray(config) ? { layers: config } : isRecord(config) ? config : {};

/** The model's own layers. Throws a RangeError with the end of a sentence. */
export function layersOf(model: Config): readonly Config[] {
  const { layers } = configOf(model);
  if (!Array.isArray(layers) || !layers.every(isRecord)) throw new RangeError("it has a model without layers");
  return layers;
}

export function nameOf(layer: Config): string {
  const name = layer["name"] ?? configOf(layer)["name"];
  if (typeof name !== "string") throw new RangeError("it has a layer without a name");
  return name;
}

/** What the model's first layer declares, without the batch; null if it does not. */
export function inputShape(model: Config): readonly (number | null)[] | null {
  const layers = layersOf(model);
  const first = layers.find(isInput) ?? layers[0];
  if (!first) return null;
  const declared = configOf(first)["batch_input_shape"] ?? configOf(first)["batch_shape"];
  if (declared === undefined && isModel(first)) return inputShape(first);
  const built = [model, first].map((layer) => layer["build_config"]).find(isRecord)?.["input_shape"];
  const shape = declared ?? configOf(model)["build_input_shape"] ?? built;
  if (!Array.isArray(shape)) return null;
  const sizes = shape.slice(1).map((size: unknown) => (isSize(size) ? size : null));
  if (sizes.length >= 1 && sizes.length <= 3) return sizes;
  throw new RangeError(
    `its input has ${sizes.length} axes: images (height x width x channels), sequences and vectors are supported`,
  );
}

const isSize = (size: unknown): size is number => typeof size === "number" && Number.isInteger(size) && size >= 1;

/** Where Keras 3 keeps the variables of each layer: groups that are called by class and order, inside `parent`. */
export function groupsOf(layers: readonly Config[], parent: string): ReadonlyMap<Config, string> {
  const used = new Map<string, number>();
  return new Map(
    layers.map((layer) => {
      const name = snakeCase(String(layer["class_name"]));
      const index = used.get(name) ?? 0;
      used.set(name, index + 1);
      return [layer, `${parent}layers/${name}${index === 0 ? "" : `_${index}`}`] as const;
    }),
  );
}

/** As Keras's own function of this name has it: "BatchNormalization" is "batch_normalization", "Conv2D" "conv2d". */
const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
