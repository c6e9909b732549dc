import { policyJsonSchema } from "../../core/policy";
import type { Exporter } from "./exporter";

/** JSON Schema (draft 2020-12) of the policy format, for programs that read or write policies. */
export const policySchema: Exporter = {
  id: "policy-schema",
  label: "Policy format (JSON Schema)",
  mediaType: "application/schema+json",
  available: () => true,
  fileName: () => "bitloom-policy-1.schema.json",
  write: () => `${JSON.stringify(policyJsonSchema(), null, 2)}\n`,
};
