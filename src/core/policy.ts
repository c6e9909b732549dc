/** The policy: which bits each layer gets. The zod schema is the one definition; its JSON Schema is published from it. */
import * as z from "zod/mini";

const bits = z.number().check(z.minimum(0), z.maximum(32));
const finite = z.number();
const count = z.number().check(z.minimum(0));

const tensorSchema = z.looseObject({
  /** Name of the tensor in the network. */
  tensor: z.string(),
  bits,
  /** Id of the quantizer scheme, "float" when not quantized. */
  scheme: z.string(),
  signed: z.boolean(),
  /** Step of the quantizer, [] when not quantized. */
  scale: z.array(finite),
  zeroPoint: finite,
  axis: z.nullable(z.number()),
  rounding: z.enum(["ROUND", "FLOOR"]),
  candidates: z.optional(z.array(bits)),
  probabilities: z.optional(z.array(finite)),
});

const layerSchema = z.looseObject({
  name: z.string(),
  op: z.string(),
  macs: count,
  weights: count,
  searched: z.boolean(),
  weight: tensorSchema,
  activation: tensorSchema,
});

export const policySchema = z.looseObject({
  format: z.literal("bitloom.policy"),
  version: z.literal(1),
  model: z.looseObject({ name: z.string(), source: z.string(), sha256: z.optional(z.string()) }),
  method: z.looseObject({
    id: z.string(),
    epochs: z.optional(count),
    seed: z.optional(finite),
    backend: z.optional(z.string()),
    studioVersion: z.optional(z.string()),
  }),
  layers: z.array(layerSchema).check(z.minLength(1)),
  totals: z.looseObject({
    bitOps: count,
    bitOpsFloat: count,
    averageWeightBits: bits,
    averageActivationBits: bits,
    weightBytes: z.optional(count),
    includes: z.array(z.string()),
    accuracy: z.optional(
      z.looseObject({
        value: z.number().check(z.minimum(0), z.maximum(1)),
        metric: z.string(),
        split: z.string(),
        kind: z.string(),
      }),
    ),
  }),
});

export type Policy = z.infer<typeof policySchema>;
export type PolicyLayer = Policy["layers"][number];
export type PolicyTensor = PolicyLayer["weight"];

/** Largest policy text that is read, in characters: a thousand layers with kernel-wise bits stay far below. */
const MAX_CHARACTERS = 20_000_000;

export type PolicyResult = { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly message: string };

/** Reads a policy from JSON text. Whatever is wrong comes back as one sentence; unknown fields are kept. */
export function parsePolicy(text: string): PolicyResult {
  if (text.length > MAX_CHARACTERS)
    return fail(`The file has ${text.length} characters; a policy has at most ${MAX_CHARACTERS}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(`This is not JSON: ${(error as Error).message}.`);
  }
  const head = z.looseObject({ format: z.unknown(), version: z.unknown() }).safeParse(value);
  if (!head.success || head.data.format !== "bitloom.policy") {
    return fail('This JSON is not a Bitloom policy: its "format" is not "bitloom.policy".');
  }
  if (head.data.version !== 1) {
    return fail(
      `This policy has version ${JSON.stringify(head.data.version)}; this studio reads version 1. Open it with a newer studio.`,
    );
  }
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return { ok: true, policy: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.map(String).join(".")}` : "";
  return fail(`This policy is malformed${where}: ${issue?.message ?? "unknown fault"}.`);
}

/** The policy as the text that `parsePolicy` reads. */
export const formatPolicy = (policy: Policy): string => `${JSON.stringify(policy, null, 2)}\n`;

/** JSON Schema (draft 2020-12) of the policy format. */
export const policyJsonSchema = (): object => ({ title: "Bitloom policy, version 1", ...z.toJSONSchema(policySchema) });

/**
 * Whether a policy fits a network: the same layer names with the same MACs and weights. Gives null or a sentence that says what
 * differs.
 */
export function policyMismatch(
  policy: Policy,
  layers: readonly { readonly name: string; readonly macs: number; readonly weights: number }[],
): string | null {
  const own = new Map(layers.map((layer) => [layer.name, layer]));
  for (const layer of policy.layers) {
    const match = own.get(layer.name);
    if (!match)
      return `The policy names the layer "${layer.name}", which this network does not have. It was made for "${policy.model.name}".`;
    if (match.weights !== layer.weights || match.macs !== layer.macs) {
      return `Layer "${layer.name}" has ${match.weights} weights and ${match.macs} MACs here, ${layer.weights} and ${layer.macs} in the policy: choose the same width and input size.`;
    }
  }
  const named = new Set(policy.layers.map((layer) => layer.name));
  const missing = layers.find((layer) => !named.has(layer.name));
  return missing ? `The policy says nothing about the layer "${missing.name}" of this network.` : null;
}

const fail = (message: string): PolicyResult => ({ ok: false, message });
