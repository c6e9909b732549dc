/** The policy: which bits each layer gets. The zod schema is the one definition; its JSON Schema is published from it. */
import * as z from "zod/mini";
import { explainIssue, parseJson, quoted } from "./json";

/** What a tensor is stored with: 0 for a pruned one, 32 for one that is not quantized. */
const bits = z.int().check(z.minimum(0), z.maximum(32));
/** Most kernels that a tensor may have: far above any layer, far below what would fill the memory. */
const MAX_KERNELS = 100_000;
const tensorBits = z.union([bits, z.array(bits).check(z.minLength(1), z.maxLength(MAX_KERNELS))]);
const averageBits = z.number().check(z.minimum(0), z.maximum(32));
const finite = z.number();
const share = z.number().check(z.minimum(0), z.maximum(1));
const count = z.number().check(z.minimum(0));

const tensorSchema = z.looseObject({
  /** Name of the tensor in the network. */
  tensor: z.string(),
  /** One width, or one for each kernel along `axis`; 0 for a pruned kernel. */
  bits: tensorBits,
  /** Id of the quantizer scheme, "float" when not quantized. */
  scheme: z.string(),
  signed: z.boolean(),
  /** Step of the quantizer, [] when not quantized, or edited and not trained since. */
  scale: z.array(z.number().check(z.minimum(0))),
  zeroPoint: finite,
  /** Axis along which `bits` and `scale` run: 0 for a weight's output channels, 1 for an activation's channels; null for one of each. */
  axis: z.nullable(z.int().check(z.minimum(0))),
  rounding: z.enum(["ROUND", "FLOOR"]),
  /** Whether a person chose this quantizer in place of what was found. */
  edited: z.optional(z.boolean()),
  candidates: z.optional(z.array(bits)),
  /** Schemes of the candidates, in their order, where schemes competed. */
  candidateSchemes: z.optional(z.array(z.string())),
  /** Of the candidates, in their order. */
  probabilities: z.optional(z.array(share)),
});

const layerSchema = z.looseObject({
  name: z.string(),
  op: z.string(),
  macs: count,
  weights: count,
  /** Groups of a convolution; 1 if not given. */
  groups: z.optional(z.int().check(z.minimum(1))),
  searched: z.boolean(),
  weight: tensorSchema,
  activation: tensorSchema,
});

const policySchema = z.looseObject({
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
    averageWeightBits: averageBits,
    averageActivationBits: averageBits,
    weightBytes: z.optional(count),
    includes: z.array(z.string()),
    accuracy: z.optional(
      z.looseObject({
        value: share,
        /** Of a language model, for each symbol. */
        perplexity: z.optional(finite),
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

/**
 * Reads a policy from JSON text; never throws. Whatever is wrong comes back as one sentence. Unknown fields are kept, except
 * `__proto__`.
 */
export function parsePolicy(text: string): PolicyResult {
  if (text.length > MAX_CHARACTERS)
    return fail(`The file has ${text.length} characters; a policy has at most ${MAX_CHARACTERS}.`);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    return fail((error as RangeError).message);
  }
  const head = z.looseObject({ format: z.literal("bitloom.policy"), version: z.optional(z.unknown()) }).safeParse(value);
  if (!head.success) return fail('This JSON is not a Bitloom policy: its "format" is not "bitloom.policy".');
  const { version } = head.data;
  if (version !== 1) {
    const found = typeof version === "number" ? `has version ${version}` : "names no version";
    return fail(`This policy ${found}; this studio reads version 1. Open it with the studio that wrote it.`);
  }
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(`This policy is malformed: ${issue ? explainIssue(issue) : "its fault is unknown"}.`);
  }
  const contradiction = contradictionIn(parsed.data);
  return contradiction === null ? { ok: true, policy: parsed.data } : fail(`This policy contradicts itself: ${contradiction}.`);
}

/** What no schema can say: names are unique, and lists that belong together are equally long. Null if all is well. */
function contradictionIn({ layers }: Policy): string | null {
  const names = new Set<string>();
  for (const { name, weight, activation } of layers) {
    if (names.has(name)) return `two layers are called ${quoted(name)}`;
    names.add(name);
    for (const tensor of [weight, activation]) {
      const { bits: widths, candidates, candidateSchemes, probabilities, scale, axis } = tensor;
      if (candidateSchemes && candidateSchemes.length !== candidates?.length) {
        return `layer ${quoted(name)} has ${candidateSchemes.length} schemes for ${candidates?.length ?? 0} candidates`;
      }
      if (probabilities && probabilities.length !== candidates?.length) {
        return `layer ${quoted(name)} has ${probabilities.length} probabilities for ${candidates?.length ?? 0} candidates`;
      }
      if (typeof widths !== "number" && axis === null)
        return `layer ${quoted(name)} has bits for each kernel and no axis for them`;
      if (typeof widths !== "number" && scale.length > 1 && scale.length !== widths.length) {
        return `layer ${quoted(name)} has ${widths.length} bit-widths and ${scale.length} scales`;
      }
      if (axis === null && scale.length > 1) return `layer ${quoted(name)} has ${scale.length} scales and no axis for them`;
    }
  }
  return null;
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
      return `The policy names the layer ${quoted(layer.name)}, which this network does not have. It was made for ${quoted(policy.model.name)}.`;
    if (match.weights !== layer.weights || match.macs !== layer.macs) {
      return `Layer ${quoted(layer.name)} has ${match.weights} weights and ${match.macs} MACs here, ${layer.weights} and ${layer.macs} in the policy: choose the same width and input size.`;
    }
  }
  const named = new Set(policy.layers.map((layer) => layer.name));
  const missing = layers.find((layer) => !named.has(layer.name));
  return missing ? `The policy says nothing about the layer "${missing.name}" of this network.` : null;
}

const fail = (message: string): PolicyResult => ({ ok: false, message });
