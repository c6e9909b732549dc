/** What real bit-widths cost, differentiable, beside what a target allows. */
import * as tf from "@tensorflow/tfjs-core";
import { budgetOf, RESOURCES, type Resource } from "../../core/budget";
import type { Layer } from "../../core/layers";
import type { SearchSpace, Site } from "../../core/search";
import type { WidthPass } from "./fractional-widths";

interface OpenResource {
  /** The resource in units of the network with 1 bit everywhere: mean weight x activation bits, or mean bits. Differentiable. */
  readonly of: (weight: WidthPass, activation: WidthPass) => tf.Scalar;
  /** A target's budget in that unit. */
  readonly units: (target: number) => number;
  /** Factor from that unit to the one that is shown. */
  readonly shown: number;
  readonly dispose: () => void;
}

/**
 * The resource is linear between two whole widths, like the interpolated quantizer (FracBits, eq. 5 and 6), so that at real widths it is
 * the same polynomial as at whole ones. Biases are left out: nothing moves them.
 */
export function openResource(resource: Resource, space: SearchSpace): OpenResource {
  const { searched } = space;
  const amounts = (of: (layer: Layer) => number): { readonly total: number; readonly shares: tf.Tensor1D } => {
    const total = searched.reduce((sum, layer) => sum + of(layer), 0);
    return { total, shares: tf.tensor1d(searched.map((layer) => of(layer) / total)) };
  };
  const macs = amounts((layer) => layer.macs);
  const weights = amounts((layer) => layer.weights);
  const activations = amounts((layer) => layer.activations);
  const biases = resource === "size" ? budgetOf("size", space, 1) - bytesAtOneBit(space) : 0;
  const weighted = (bits: tf.Tensor, { shares }: { readonly shares: tf.Tensor1D }): tf.Scalar => tf.sum(tf.mul(bits, shares));
  const unit = resource === "bitops" ? macs.total : resource === "size" ? weights.total / 8 : 1;
  return {
    of: (weight, activation) => {
      switch (resource) {
        case "bitops":
          return weighted(meanProducts(space, weight, activation), macs);
        case "size":
          return weighted(weight.means(), weights);
        case "average":
          return tf.div(tf.add(weighted(weight.means(), weights), weighted(activation.means(), activations)), 2);
      }
    },
    units: (target) => (budgetOf(resource, space, target) - biases) / unit,
    shown: unit / RESOURCES[resource].divisor,
    dispose: () => tf.dispose([macs.shares, weights.shares, activations.shares]),
  };
}

function bytesAtOneBit(space: SearchSpace): number {
  return budgetOf("size", { ...space, searched: space.searched.map((layer) => ({ ...layer, biases: 0 })) }, 1);
}

/** Mean of weight bits x activation bits over each layer's products, [layers]: kernels meet the channels of their own group only. */
function meanProducts({ searched, sites }: SearchSpace, weight: WidthPass, activation: WidthPass): tf.Tensor1D {
  const products: tf.Tensor1D = tf.mul(weight.means(), activation.means());
  const paired = searched.map(({ groups }, i) => groups > 1 && kernelsAt(sites, 2 * i) > 1 && kernelsAt(sites, 2 * i + 1) > 1);
  if (!paired.includes(true)) return products;
  const rows = searched.map(({ name, groups }, i) => {
    if (!paired[i]) return tf.slice(products, i, 1);
    const means = [weight.of(name), activation.of(name)].map((bits) => tf.mean(tf.reshape(bits, [groups, -1]), 1));
    return tf.reshape(tf.mean(tf.mul(means[0] as tf.Tensor, means[1] as tf.Tensor)), [1]) as tf.Tensor1D;
  });
  return tf.concat(rows);
}

const kernelsAt = (sites: readonly Site[], i: number): number => sites[i]?.kernels ?? 1;
