/** Runs golden files against our code. One checker for each schema; a schema without one is "not covered". */
import { checkActivationQuantizers } from "./autoqnn-activation-quantizers";
import { checkBackwardTypes } from "./autoqnn-backward-types";
import { checkQuantizedConvolutions } from "./autoqnn-conv";
import { checkElasticBits } from "./autoqnn-esb";
import { checkSchemeMixture } from "./autoqnn-scheme-mixture";
import { checkWeightQuantizers } from "./autoqnn-weight-quantizers";
import type { CaseResult } from "./compare";
import { checkEdmipsCosts } from "./costs-edmips";
import { checkFixedLayers, checkMixedLayers } from "./edmips-layers";
import { checkFracBitsCosts } from "./costs-fracbits";
import { checkQuantizers } from "./edmips-quantizers";
import { checkTrajectory } from "./edmips-trajectory";
import { checkGumbel } from "./fracbits-gumbel";
import { checkFractionalLayers } from "./fracbits-layers";
import { checkResource } from "./fracbits-resource";
import { checkFractionalTrajectory } from "./fracbits-trajectory";
import { checkUnitQuantizer } from "./fracbits-unit-quantizer";
import { checkOnnxOperators } from "./onnx-operators";
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
  { schema: "fracbits.unit_quantizer/1", run: checkUnitQuantizer },
  { schema: "fracbits.layer/1", run: (json, { exact }) => checkFractionalLayers(json, exact) },
  { schema: "fracbits.resource/1", run: checkResource },
  { schema: "fracbits.gumbel/1", run: checkGumbel },
  {
    schema: "fracbits.trajectory/1",
    run: (json, { exact }) => checkFractionalTrajectory(json, exact ? "all steps" : "first step"),
  },
  { schema: "autoqnn.weight_quantizers/1", run: (json, { exact }) => checkWeightQuantizers(json, exact) },
  { schema: "autoqnn.activation_quantizers/1", run: checkActivationQuantizers },
  { schema: "autoqnn.backward_types/1", run: checkBackwardTypes },
  { schema: "autoqnn.conv/1", run: checkQuantizedConvolutions },
  { schema: "autoqnn.scheme_mixture/1", run: checkSchemeMixture },
  { schema: "autoqnn.esb/1", run: checkElasticBits },
  { schema: "costs.edmips/1", run: checkEdmipsCosts },
  { schema: "costs.fracbits/1", run: checkFracBitsCosts },
  { schema: "onnx.operators/1", run: checkOnnxOperators },
];

/** Results of one golden file's cases; null if no checker knows its schema. Throws a RangeError if the file does not fit its schema. */
export async function checkGolden(json: unknown, precision: Precision): Promise<readonly CaseResult[] | null> {
  const schema = (json as { readonly schema?: unknown } | null)?.schema;
  const checker = CHECKERS.find((known) => known.schema === schema);
  return checker ? checker.run(json as Json, precision) : null;
}
