/** Budgets: what a network may cost, said as the bit-width of the uniform network that costs as much. */
import { layerBitOps, type LayerBits } from "./cost";
import type { Layer } from "./layers";
import { meanBits, type Role, type SearchSpace } from "./search";

/** What a budget counts. */
export type Resource = "bitops" | "size" | "average";

/** How a resource is written: `value / divisor` in `unit`. */
export const RESOURCES: Readonly<Record<Resource, { readonly label: string; readonly unit: string; readonly divisor: number }>> =
  {
    bitops: { label: "BitOps", unit: "MBitOps", divisor: 1e6 },
    size: { label: "Model size", unit: "kB", divisor: 1e3 },
    average: { label: "Average bits", unit: "bits", divisor: 1 },
  };

/** FracBits counts the biases of the layers at 32 bits. */
const BYTES_OF_A_BIAS = 4;

/**
 * The resource of `layers` at `bits`: BitOps of one sample; bytes of the weights and biases; or the mean of the average weight bits and
 * the average activation bits, each weighted with the number of elements.
 */
export function resourceOf(resource: Resource, layers: readonly Layer[], bits: readonly LayerBits[]): number {
  const sum = (term: (layer: Layer, bits: LayerBits) => number): number =>
    layers.reduce((total, layer, i) => total + term(layer, bits[i] as LayerBits), 0);
  switch (resource) {
    case "bitops":
      return sum(layerBitOps);
    case "size":
      return sum((layer, { weight }) => (layer.weights * meanBits(weight)) / 8 + layer.biases * BYTES_OF_A_BIAS);
    case "average": {
      const weights = sum((layer, { weight }) => layer.weights * meanBits(weight)) / sum((layer) => layer.weights);
      const activations =
        sum((layer, { activation }) => layer.activations * meanBits(activation)) / sum((layer) => layer.activations);
      return (weights + activations) / 2;
    }
  }
}

/** Least and largest width of a site. */
interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The bounds of both tensors of each searched layer: its candidates' extremes. */
export function boundsOf({ sites, searched }: SearchSpace): readonly Readonly<Record<Role, Bounds>>[] {
  const bounds = (i: number): Bounds => {
    const bits = sites[i]?.candidates.map((candidate) => candidate.bits) ?? [];
    return { min: Math.min(...bits), max: Math.max(...bits) };
  };
  return searched.map((_, i) => ({ weight: bounds(2 * i), activation: bounds(2 * i + 1) }));
}

/** The searched layers with `bits` wherever their bounds allow it: the network that a target of `bits` stands for. */
export const uniformBits = (space: SearchSpace, bits: number): readonly (LayerBits & Readonly<Record<Role, number>>)[] =>
  boundsOf(space).map(({ weight, activation }) => ({ weight: within(weight, bits), activation: within(activation, bits) }));

/** The resource that a target of `bits` stands for. */
export const budgetOf = (resource: Resource, space: SearchSpace, bits: number): number =>
  resourceOf(resource, space.searched, uniformBits(space, bits));

/** The target in bits that stands for a resource, by bisection; the nearest end of the reach for a resource outside it. */
export function targetFor(resource: Resource, space: SearchSpace, value: number): number {
  let { min, max } = reachOf(resource, space);
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (min + max) / 2;
    if (budgetOf(resource, space, middle) < value) min = middle;
    else max = middle;
  }
  return (min + max) / 2;
}

/** Halves an interval of bits down to the resolution of the numbers that people type. */
const BISECTIONS = 40;

/** Least and largest target that the candidates can meet. */
export function reachOf(resource: Resource, { sites }: SearchSpace): Bounds {
  const counted = sites.filter(({ pinned, role }) => !pinned && (role === "weight" || resource !== "size"));
  const bits = counted.flatMap(({ candidates }) => candidates.map((candidate) => candidate.bits));
  return { min: Math.min(...bits), max: Math.max(...bits) };
}

/** Throws a RangeError with the reach if no candidates meet a target. */
export function checkTarget(resource: Resource, space: SearchSpace, target: number): void {
  const { min, max } = reachOf(resource, space);
  if (target >= min && target <= max) return;
  const { label, unit, divisor } = RESOURCES[resource];
  const amount = (bits: number): string => `${Number((budgetOf(resource, space, bits) / divisor).toPrecision(4))} ${unit}`;
  const end =
    target < min ? `even the fewest bits everywhere cost ${amount(min)}` : `the most bits everywhere cost only ${amount(max)}`;
  throw new RangeError(
    `The target of ${target} ${target === 1 ? "bit" : "bits"} cannot be met: ${end}. Choose a target from ${min} to ${max} bits (${label} from ${amount(min)} to ${amount(max)}), or other candidate bit-widths.`,
  );
}

const within = ({ min, max }: Bounds, bits: number): number => Math.min(Math.max(bits, min), max);
