import type { Exporter } from "./exporter";
import { historyCsv } from "./history-csv";
import { policyCsv } from "./policy-csv";
import { policyJson } from "./policy-json";
import { policySchema } from "./policy-schema";

export type { ExportContext, Exporter } from "./exporter";

/** Everything that can be exported, in the order the menu shows. */
export const EXPORTERS: readonly Exporter[] = [policyJson, policyCsv, historyCsv, policySchema];
