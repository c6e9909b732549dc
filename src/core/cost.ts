/** BitOps, model size and average bits: one table of terms, used by page, worker, command line and exporters. */
import type { Layer } from "./layers";

/** Bits that an unquantized tensor counts. */
export const FLOAT_BITS = 32;

/** Bit-widths of one layer's two tensors; may be fractional (expected bits during a search). */
export interface LayerBits {
  readonly weight: number;
  readonly activation: number;
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
    bitOps += layer.macs * weight * activation;
    weights += layer.weights;
    weightBits += layer.weights * weight;
    activations += layer.activations;
    activationBits += layer.activations * activation;
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

/** BitOps of one layer for one sample. */
export const layerBitOps = (layer: Pick<Layer, "macs">, bits: LayerBits): number => layer.macs * bits.weight * bits.activation;

/** EdMIPS's complexity `sum_l E[b^w] E[b^a] S_l / S_1` (eq. 16-18 and the published code: size products, first searched layer as unit). */
export function complexity(searched: readonly Layer[], bits: readonly LayerBits[]): number {
  const unit = searched[0]?.sizeProduct ?? 1;
  return searched.reduce((sum, layer, i) => {
    const { weight, activation } = bits[i] as LayerBits;
    return sum + (weight * activation * layer.sizeProduct) / unit;
  }, 0);
}
