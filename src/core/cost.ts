/** BitOps, model size and average bits: one table of terms, used by page, worker, command line and exporters. */
import type { Layer } from "./layers";
import { meanBits, type Bits } from "./search";

/** Bits that an unquantized tensor counts. */
export const FLOAT_BITS = 32;

/** Bit-widths of one layer's two tensors; may be fractional (expected bits during a search). */
export interface LayerBits {
  readonly weight: Bits;
  readonly activation: Bits;
}

export interface CostTotals {
  /** sum MACs * weight bits * activation bits, for one sample. */
  readonly bitOps: number;
  /** The same for the float network (32 x 32). */
  readonly bitOpsFloat: number;
  /** sum |W| b / sum |W| */
  readonly averageWeightBits: number;
  /** sum |x| b / sum |x| over the layers' input activations */
  readonly averageActivationBits: number;
  /** EdMIPS's "bit": sqrt(BitOps / BitOps at 1 x 1). */
  readonly averageBits: number;
  /** sum |W| b / 8 */
  readonly weightBytes: number;
}

/** Totals over `layers` with `bits[i]` for layer i. Which layers those are is the caller's to say wherever the numbers are shown. */
export function costTotals(layers: readonly Layer[], bits: readonly LayerBits[]): CostTotals {
  let [macs, bitOps, weights, weightBits, activations, activationBits] = [0, 0, 0, 0, 0, 0];
  layers.forEach((layer, i) => {
    const { weight, activation } = bits[i] as LayerBits;
    macs += layer.macs;
    bitOps += layerBitOps(layer, { weight, activation });
    weights += layer.weights;
    weightBits += layer.weights * meanBits(weight);
    activations += layer.activations;
    activationBits += layer.activations * meanBits(activation);
  });
  return {
    bitOps,
    bitOpsFloat: macs * FLOAT_BITS * FLOAT_BITS,
    averageWeightBits: weightBits / weights,
    averageActivationBits: activationBits / activations,
    averageBits: Math.sqrt(bitOps / macs),
    weightBytes: weightBits / 8,
  };
}

/** BitOps of one layer for one sample: every product of a weight and an activation costs the product of their widths. */
export const layerBitOps = (layer: Pick<Layer, "macs" | "groups">, bits: LayerBits): number =>
  layer.macs * meanProduct(layer.groups, bits);

/** Mean of weight bits x activation bits over all products of a layer. Kernels meet the channels of their own group only. */
function meanProduct(groups: number, { weight, activation }: LayerBits): number {
  if (groups === 1 || typeof weight === "number" || typeof activation === "number")
    return meanBits(weight) * meanBits(activation);
  let sum = 0;
  for (let g = 0; g < groups; g++) sum += meanBits(groupOf(weight, g, groups)) * meanBits(groupOf(activation, g, groups));
  return sum / groups;
}

const groupOf = (bits: readonly number[], group: number, groups: number): readonly number[] =>
  bits.slice((group * bits.length) / groups, ((group + 1) * bits.length) / groups);

/** EdMIPS's complexity `sum_l E[b^w] E[b^a] S_l / S_1` (eq. 16-18 and the published code: size products, first searched layer as unit). */
export function complexity(searched: readonly Layer[], bits: readonly LayerBits[]): number {
  const unit = searched[0]?.sizeProduct ?? 1;
  return searched.reduce((sum, layer, i) => {
    const { weight, activation } = bits[i] as LayerBits;
    return sum + (meanBits(weight) * meanBits(activation) * layer.sizeProduct) / unit;
  }, 0);
}
