/** Policies edited by hand: another quantizer for a tensor than the search decided. */
import type { SchemeInfo } from "./catalog";
import { costTotals } from "./cost";
import type { Layer } from "./layers";
import type { Policy, PolicyTensor } from "./policy";
import type { Role } from "./search";

export interface TensorEdit {
  readonly layer: string;
  readonly role: Role;
  readonly scheme: SchemeInfo;
  /** Taken into the range of the scheme. */
  readonly bits: number;
}

/**
 * The policy with one tensor's quantizer replaced, in all layers that share the tensor. Its step is gone, which nothing has learned yet, and so is the network's accuracy; the
 * totals are those of the new bits. `before` is the policy without any edit: a tensor that returns to what it says is as it was there,
 * and where all have, so is the policy. `layers` are those of the network.
 */
export function editPolicy(policy: Policy, before: Policy, edit: TensorEdit, layers: readonly Layer[]): Policy {
  const originals = new Map(before.layers.map((layer) => [layer.name, layer]));
  const tensor = originals.get(edit.layer)?.[edit.role].tensor;
  const edited = policy.layers.map((layer) => {
    const original = originals.get(layer.name);
    return original?.searched && original[edit.role].tensor === tensor
      ? { ...layer, [edit.role]: editTensor(original[edit.role], edit) }
      : layer;
  });
  if (countEdits({ layers: edited }) === 0) return before;
  const { accuracy: _, ...totals } = policy.totals;
  return { ...policy, layers: edited, totals: { ...totals, ...editedTotals(edited, layers) } };
}

/** Tensors that a person chose the quantizer of. */
export const countEdits = ({ layers }: Pick<Policy, "layers">): number =>
  new Set(
    layers.flatMap(({ weight, activation }) => [weight, activation].flatMap(({ edited, tensor }) => (edited ? [tensor] : []))),
  ).size;

/** The nearest width that a scheme has. */
export const widthWithin = ({ minBits, maxBits }: SchemeInfo, bits: number): number => Math.min(Math.max(bits, minBits), maxBits);

function editTensor(original: PolicyTensor, { scheme, bits }: TensorEdit): PolicyTensor {
  const width = widthWithin(scheme, bits);
  if (original.scheme === scheme.id && original.bits === width) return original;
  return { ...original, ...scheme.grid, bits: width, scheme: scheme.id, scale: [], axis: null, edited: true };
}

/** Over the layers that the policy calls searched, as it was before. */
function editedTotals(edited: Policy["layers"], layers: readonly Layer[]): Partial<Policy["totals"]> {
  const own = new Map(edited.map((layer) => [layer.name, layer]));
  const counted = layers.flatMap((layer) => {
    const entry = own.get(layer.name);
    return entry?.searched ? [{ layer, bits: { weight: entry.weight.bits, activation: entry.activation.bits } }] : [];
  });
  const { bitOps, bitOpsFloat, averageWeightBits, averageActivationBits, weightBytes } = costTotals(
    counted.map(({ layer }) => layer),
    counted.map(({ bits }) => bits),
  );
  return { bitOps, bitOpsFloat, averageWeightBits, averageActivationBits, weightBytes };
}
