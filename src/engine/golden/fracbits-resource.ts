/** fracbits.resource/1: BitOps and model size at real widths, the distance from a budget, and their gradients. */
import * as tf from "@tensorflow/tfjs-core";
import { resourceOf, RESOURCES, targetFor, type Resource } from "../../core/budget";
import { DEFAULT_KNOBS } from "../../core/config";
import type { Layer } from "../../core/layers";
import { ROLES, type SearchSpace } from "../../core/search";
import type { Relaxation } from "../methods/method";
import { compare, type CaseResult, type Comparison } from "./compare";
import { LAMDA, layerOf, listOf, openPublished, optionsOf, setWidths, spaceOf, UNIT, widthsOf } from "./fracbits-published";
import { field, toleranceOf, type Json } from "./read";

export function checkResource(json: Json): Promise<readonly CaseResult[]> {
  const tolerance = toleranceOf(json);
  const cases = new Map(field<readonly Json[]>(json, "cases").map((entry) => [field<string>(entry, "name"), entry]));
  const comparisons = [...cases].map(([name, entry]) => {
    const comparison = compare(name, tolerance);
    tf.tidy(() => checkCase(entry, comparison));
    return comparison;
  });
  field<readonly Json[]>(json, "penalty").forEach((entry, i) => {
    const comparison = compare(`penalty ${i}`, tolerance);
    const together = field<string[]>(entry, "layers").map((name) => field<Json>(Object.fromEntries(cases), name));
    tf.tidy(() => checkPenalty(entry, together, comparison));
    comparisons.push(comparison);
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function checkCase(entry: Json, comparison: Comparison): void {
  const parts = partsOf(entry);
  const space = spaceOf([parts]);
  if (parts.layer.op === "conv") comparison.check("output size", parts.layer.output.slice(0, 2), field(entry, "output_size"));
  const bits = { weight: listOf(entry["lamda_w"]), activation: listOf(entry["lamda_a"]) };
  for (const [resource, value, gradients] of [
    ["bitops", "comp_cost_1e9_bitops", "grad_comp_cost"],
    ["size", "model_size_1e6_bytes", "grad_model_size"],
  ] as const) {
    const relaxation = openPublished(space, optionsOf(parts.flags, parts.config, resource));
    ROLES.forEach((role) => setWidths(relaxation, role, bits[role]));
    const found = resourceGradients(relaxation, resource);
    const biases = fixedPart(resource, space);
    comparison.check(resource, tf.add(tf.div(found.value, UNIT[resource]), biases / UNIT[resource]), [field(entry, value)]);
    for (const role of ROLES) {
      const golden = field<Json>(entry, gradients)[LAMDA[role]];
      // The file has no gradient of the size with respect to activation widths: there is none.
      if (golden !== undefined)
        checkWidths(comparison, `${resource} grad ${role}`, found.of(role), listOf(golden), UNIT[resource]);
    }
    relaxation.dispose();
  }
}

/** The distance of three layers from a target, as the search's loss has it. */
function checkPenalty(entry: Json, together: readonly Json[], comparison: Comparison): void {
  const parts = together.map((part, i) => {
    const { flags, config, layer } = partsOf(part);
    const name = `${layer.name} ${i}`;
    return { flags, config, layer: { ...layer, name, inputOf: name, weightOf: name } };
  });
  const space = spaceOf(parts);
  const relaxation = openPublished(space, optionsOf({}, {}, "bitops"));
  const width = field<number>(entry, "lamda");
  const count = parts.length;
  ROLES.forEach((role) => setWidths(relaxation, role, Array<number>(count).fill(width)));
  const target = targetFor("bitops", space, field<number>(entry, "target_1e9_bitops") * UNIT.bitops);
  // The loss counts in units of the network at 1 bit.
  const unit = space.searched.reduce((sum, { macs }) => sum + macs, 0) / UNIT.bitops;
  const { value, grads } = tf.variableGrads(
    () => tf.mul(relaxation.pass(true).penalty({ ...DEFAULT_KNOBS, target, kappa: 1 }), unit),
    [...relaxation.architecture.values()],
  );
  comparison.check("cost", tf.div(resourceGradients(relaxation, "bitops").value, UNIT.bitops), [field(entry, "cost_1e9_bitops")]);
  comparison.check("penalty", value, [field(entry, "penalty")]);
  for (const role of ROLES) {
    const variable = widthsOf(relaxation, role) as tf.Variable;
    comparison.check(`grad ${role}`, grads[variable.name] as tf.Tensor, field(entry, `grad_${LAMDA[role]}`));
  }
  relaxation.dispose();
}

interface Parts {
  readonly flags: Json;
  readonly config: Json;
  readonly layer: Layer;
}

function partsOf(entry: Json): Parts {
  const [flags, config] = [field<Json>(entry, "flags"), field<Json>(entry, "config")];
  const size = config["input_size"] as readonly [number, number] | undefined;
  const input = size ? [...size, field<number>(config, "in_channels")] : [field<number>(config, "in_features")];
  return { flags, config, layer: layerOf(config, input) };
}

interface Found {
  /** In BitOps or bytes, without biases. [1] */
  readonly value: tf.Tensor;
  /** Gradient of a role's widths in the same unit; null where they are pinned. */
  readonly of: (role: (typeof ROLES)[number]) => tf.Tensor | null;
}

/** What the search shows as its resource. */
function resourceGradients(relaxation: Relaxation, resource: Resource): Found {
  const resourceAt = (): tf.Scalar => {
    const [meter] = relaxation.pass(true).meters(DEFAULT_KNOBS);
    return tf.mul<tf.Scalar>(tf.sum(meter as tf.Tensor1D), RESOURCES[resource].divisor);
  };
  // Activation widths do not count for the size.
  const counted = ROLES.filter((role) => role === "weight" || resource === "bitops");
  const variables = counted.flatMap((role) => widthsOf(relaxation, role) ?? []);
  if (variables.length === 0) return { value: resourceAt(), of: () => null };
  const { value, grads } = tf.variableGrads(resourceAt, variables);
  return { value, of: (role) => grads[widthsOf(relaxation, role)?.name ?? ""] ?? null };
}

/** Biases, which no width changes. */
const fixedPart = (resource: Resource, { searched }: SearchSpace): number =>
  resource === "size"
    ? resourceOf(
        "size",
        searched,
        searched.map(() => ({ weight: 0, activation: 0 })),
      )
    : 0;

/** Pinned widths have no gradient; the file writes 0. */
function checkWidths(
  comparison: Comparison,
  what: string,
  ours: tf.Tensor | null,
  golden: readonly number[],
  unit: number,
): void {
  comparison.check(what, ours ? tf.div(ours, unit) : golden.map(() => 0), golden);
}
