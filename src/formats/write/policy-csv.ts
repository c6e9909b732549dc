import { layerBitOps } from "../../core/cost";
import type { PolicyLayer } from "../../core/policy";
import type { Bits } from "../../core/search";
import { formatCsv, type Cell } from "./csv";
import { exportName, requirePolicy, type Exporter } from "./exporter";

const COLUMNS: readonly (readonly [name: string, value: (layer: PolicyLayer, searchedBitOps: number) => Cell])[] = [
  ["layer", (layer) => layer.name],
  ["op", (layer) => layer.op],
  ["macs", (layer) => layer.macs],
  ["weights", (layer) => layer.weights],
  ["weight_bits", (layer) => bitsText(layer.weight.bits)],
  ["act_bits", (layer) => bitsText(layer.activation.bits)],
  ["weight_scheme", (layer) => layer.weight.scheme],
  ["act_scheme", (layer) => layer.activation.scheme],
  ["weight_scale", (layer) => layer.weight.scale.join(" ")],
  ["act_scale", (layer) => layer.activation.scale.join(" ")],
  ["bitops", bitOpsOf],
  ["share_of_searched_bitops", (layer, total) => (layer.searched && total > 0 ? bitOpsOf(layer) / total : null)],
  ["searched", (layer) => layer.searched],
];

/**
 * The policy as a table, one row per layer in network order. Columns:
 * - `layer`, `op`, `macs` (of one sample), `weights` (their number)
 * - `weight_bits`, `act_bits`: 32 where a tensor is not quantized; one width for each kernel, separated by spaces, where they differ
 * - `weight_scheme`, `act_scheme`: the quantizer, "float" where there is none
 * - `weight_scale`, `act_scale`: the quantizer's steps, separated by spaces; empty where there is none
 * - `bitops`: MACs x weight bits x activation bits
 * - `share_of_searched_bitops`: 0..1 of the sum over the searched layers, which sums to 1; empty for a layer outside the search
 * - `searched`: true or false
 */
export const policyCsv: Exporter = {
  id: "policy-csv",
  label: "Policy (CSV table)",
  mediaType: "text/csv",
  available: ({ policy }) => policy !== null,
  fileName: ({ config }) => exportName(config, "policy.csv"),
  write: (context) => {
    const { layers } = requirePolicy(context);
    const searchedBitOps = layers.reduce((sum, layer) => sum + (layer.searched ? bitOpsOf(layer) : 0), 0);
    const rows = layers.map((layer) => COLUMNS.map(([, value]) => value(layer, searchedBitOps)));
    return formatCsv([COLUMNS.map(([name]) => name), ...rows]);
  },
};

function bitOpsOf(layer: PolicyLayer): number {
  const groups = layer.groups ?? 1;
  return layerBitOps({ macs: layer.macs, groups }, { weight: layer.weight.bits, activation: layer.activation.bits });
}

const bitsText = (bits: Bits): Cell => (typeof bits === "number" ? bits : bits.join(" "));
