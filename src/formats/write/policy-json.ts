import { formatPolicy } from "../../core/policy";
import { exportName, requirePolicy, type Exporter } from "./exporter";

/** The policy in Bitloom's own format: the one that the studio and the command line read again. */
export const policyJson: Exporter = {
  id: "policy-json",
  label: "Policy (JSON)",
  mediaType: "application/json",
  available: ({ policy }) => policy !== null,
  fileName: ({ config }) => exportName(config, "policy.json"),
  write: (context) => formatPolicy(requirePolicy(context)),
};
