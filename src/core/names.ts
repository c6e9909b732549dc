/** Names of the graph's nodes: those of the layers, made unique. */

export interface Names {
  /** A new name like `wanted`. All of them are to be asked for before the first part's. */
  readonly fresh: (wanted: string) => string;
  /** Name of a further node of the layer `base`: the same at every call, and nobody else's. */
  readonly part: (base: string, part: string) => string;
}

export function createNames(): Names {
  const taken = new Set<string>();
  return {
    fresh: (wanted) => {
      let name = wanted;
      for (let i = 2; taken.has(name); i++) name = `${wanted}_${i}`;
      taken.add(name);
      return name;
    },
    part: (base, part) => {
      if (part === "") return base;
      let name = `${base}.${part}`;
      while (taken.has(name)) name += "_";
      return name;
    },
  };
}
