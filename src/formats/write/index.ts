import type { Exporter, NetworkExporter } from "./exporter";
import { historyCsv } from "./history-csv";
import { layersModelZip } from "./layers-model";
import { policyCsv } from "./policy-csv";
import { policyJson } from "./policy-json";
import { policySchema } from "./policy-schema";

export type { ExportContext, Exporter, NetworkExporter } from "./exporter";

/** Everything that can be made of a policy and a history, in the order the menu shows. */
export const EXPORTERS: readonly Exporter[] = [policyJson, policyCsv, historyCsv, policySchema];

/** Everything that can be made of a network with its weights, in the order the menu shows. */
export const NETWORK_EXPORTERS: readonly NetworkExporter[] = [layersModelZip];
