/** Runs golden files against our code. One checker for each schema; a schema without one is "not covered". */
import type { CaseResult } from "./compare";
import { checkEdmipsCosts } from "./costs-edmips";
import { checkFixedLayers, checkMixedLayers } from "./edmips-layers";
import { checkQuantizers } from "./edmips-quantizers";
import { checkTrajectory } from "./edmips-trajectory";
import type { Json } from "./read";

export type { CaseResult } from "./compare";

interface Precision {
  /** Whether the backend divides exactly as IEEE 754 says (CPU, WASM); GPUs may not. */
  readonly exact: boolean;
}

interface Checker {
  readonly schema: string;
  readonly run: (json: Json, precision: Precision) => Promise<readonly CaseResult[]>;
}

const CHECKERS: readonly Checker[] = [
  { schema: "edmips.quantizers/1", run: (json, { exact }) => checkQuantizers(json, exact) },
  { schema: "edmips.mix_conv/1", run: (json, { exact }) => checkMixedLayers(json, exact) },
  { schema: "edmips.mix_linear/1", run: (json, { exact }) => checkMixedLayers(json, exact) },
  { schema: "edmips.quant_layers/1", run: checkFixedLayers },
  { schema: "edmips.trajectory/1", run: (json, { exact }) => checkTrajectory(json, exact ? "all steps" : "first step") },
  { schema: "costs.edmips/1", run: checkEdmipsCosts },
];

/** Results of one golden file's cases; null if no checker knows its schema. Throws a RangeError if the file does not fit its schema. */
export async function checkGolden(json: unknown, precision: Precision): Promise<readonly CaseResult[] | null> {
  const schema = (json as { readonly schema?: unknown } | null)?.schema;
  const checker = CHECKERS.find((known) => known.schema === schema);
  return checker ? checker.run(json as Json, precision) : null;
}
