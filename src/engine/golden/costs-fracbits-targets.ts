/** The budgets that FracBits prints, under the conventions that the golden file tries. */
import { resourceOf, type Resource } from "../../core/budget";
import type { LayerBits } from "../../core/cost";
import type { SearchSpace } from "../../core/search";
import { compare, type Comparison, type Tolerance } from "./compare";
import { UNIT } from "./fracbits-published";
import { field, type Json } from "./read";

/** float32 sums in the published code. */
const TOLERANCE: Tolerance = { abs: 0, rel: 1e-5 };

/** A published budget against the conventions that the file tries, and whether they give its two decimals. */
export function checkTarget(whose: string, entry: Json, space: SearchSpace): Comparison {
  const [kind, target] = [field<Resource & keyof typeof UNIT>(entry, "kind"), field<number>(entry, "target")];
  const comparison = compare(`${whose}published ${kind} ${target}`, TOLERANCE);
  for (const candidate of field<readonly Json[]>(entry, "candidates")) {
    const [convention, width] = [field<string>(candidate, "convention"), field<number>(candidate, "bits")];
    const layers = candidate["bias_bytes"] === false ? space.layers.map((layer) => ({ ...layer, biases: 0 })) : space.layers;
    const value = resourceOf(kind, layers, conventionBits(convention, width, layers.length)) / UNIT[kind];
    const what = `${convention}, ${width} bits`;
    comparison.check(what, [value], [field(candidate, "value")]);
    const equal = value.toFixed(2) === target.toFixed(2);
    comparison.check(
      `${what}: equal to two decimals`,
      [Number(equal)],
      [Number(field<boolean>(candidate, "equal_to_2_decimals"))],
    );
  }
  return comparison;
}

/** "first W8A8, last W8A(b)" or "all layers W(b)A(b)": what is not named has b bits. */
function conventionBits(convention: string, bits: number, count: number): readonly LayerBits[] {
  const of = (place: string): LayerBits => {
    const [, weight, activation] = new RegExp(`${place} W(8|\\(b\\))A(8|\\(b\\))`).exec(convention) ?? [];
    return { weight: weight === "8" ? 8 : bits, activation: activation === "8" ? 8 : bits };
  };
  return Array.from({ length: count }, (_, i) => of(i === 0 ? "first" : i === count - 1 ? "last" : "all layers"));
}
