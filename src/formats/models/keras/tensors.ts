/** Where a model's tensors come from: files that call them by their layers' names, or by class and order. */
import { FormatError } from "../../../core/dataset";
import { quoted } from "../../../core/json";
import type { StoredTensor, Tensors, TensorSpec } from "./layer";
import type { Entry } from "./topology";

export interface TensorSource {
  /** The tensor that is the `index`th one of a layer; undefined if there is none. */
  readonly find: (entry: Entry, spec: TensorSpec, index: number) => StoredTensor | undefined;
  /** Names of tensors that no layer asked for. */
  readonly unused: () => readonly string[];
}

/** The tensors of a layer by the first of their names, in the shapes that it asks for. Throws a FormatError. */
export function tensorsOf(entry: Entry, source: TensorSource, file: string): Tensors {
  const layer = quoted(entry.path.join("/"));
  return new Map(
    entry.layer.tensors.map((spec, index) => {
      const [name] = spec.names;
      const found = source.find(entry, spec, index);
      if (!found)
        throw new FormatError(`"${file}" holds no ${name} for the layer ${layer}: its weights are not those of its layers.`);
      if (spec.shape && !fits(found.shape, spec.shape)) {
        const wanted = spec.shape.map((size) => size ?? "any").join(" x ");
        throw new FormatError(
          `The ${name} of the layer ${layer} in "${file}" has the shape ${found.shape.join(" x ")}, and the layer needs ${wanted}.`,
        );
      }
      return [name, found] as const;
    }),
  );
}

const fits = (shape: readonly number[], wanted: readonly (number | null)[]): boolean =>
  shape.length === wanted.length && wanted.every((size, axis) => size === null || size === shape[axis]);

export interface NamedTensor extends StoredTensor {
  /** "conv1/kernel", with the names of models before it where the file has them. */
  readonly name: string;
}

/**
 * Tensors by name. Versions of Keras differ in what stands before and inside the layer's name; of several that fit equally well, the first
 * that no layer has taken is taken, so that layers of the same name in two models get theirs in order.
 */
export function namedTensors(tensors: readonly NamedTensor[]): TensorSource {
  const taken = new Set<NamedTensor>();
  const byName = new Map<string, NamedTensor[]>();
  for (const tensor of tensors) {
    const name = tensor.name.replace(/:0$/, "");
    const known = byName.get(name);
    if (known) known.push(tensor);
    else byName.set(name, [tensor]);
  }
  const free = (name: string): NamedTensor | undefined => byName.get(name)?.find((tensor) => !taken.has(tensor));
  const search = (layer: string, parameter: string): NamedTensor | undefined => {
    const inside = new RegExp(`(^|/)${escaped(layer)}/([^/]+/)*${escaped(parameter)}$`);
    for (const name of byName.keys()) if (inside.test(name) && free(name)) return free(name);
    return undefined;
  };
  return {
    find: ({ path, layer: { inner } }, { names }) => {
      // HDF5 files have a group for each layer of the whole model before the name.
      const own = [`${path[0]}/${path.join("/")}`, path.join("/"), path.at(-1) ?? "", ...(inner === null ? [] : [inner])];
      const pairs = own.flatMap((layer) => names.map((parameter) => [layer, parameter] as const));
      const exact = pairs.map(([layer, parameter]) => free(`${layer}/${parameter}`)).find((tensor) => tensor);
      const found = exact ?? pairs.map(([layer, parameter]) => search(layer, parameter)).find((tensor) => tensor);
      if (found) taken.add(found);
      return found;
    },
    unused: () => tensors.filter((tensor) => !taken.has(tensor)).map(({ name }) => name),
  };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Tensors in Keras 3's groups: "layers/conv2d/vars/0". */
export function groupedTensors(tensors: ReadonlyMap<string, StoredTensor>): TensorSource {
  const taken = new Set<string>();
  return {
    find: ({ group, layer: { within } }, _spec, index) => {
      const name = [group, ...(within === "" ? [] : [within]), "vars", index].join("/");
      taken.add(name);
      return tensors.get(name);
    },
    unused: () => [...tensors.keys()].filter((name) => !taken.has(name)),
  };
}
