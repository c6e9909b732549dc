/** Whether the schemes of the shown policy can be edited, and what they can go on to. */
import type { Continuation, SchemeInfo } from "../../core/catalog";
import type { Policy } from "../../core/policy";
import type { SearchSpace } from "../../core/search";
import { useSchemes } from "../charts/candidate-looks";
import { useChosenMethod, useShownMethod } from "../store/method";
import { isBusy, originOf, useRun, useSpace } from "../store/run";

export interface Editable {
  readonly continuation: Continuation;
  /** Why nothing can be edited now, in a sentence; null if something can. */
  readonly refusal: string | null;
}

/** Null for a method that searches no schemes. */
export function useEditable(): Editable | null {
  const isOpened = useRun((state) => originOf(state.policySource).type === "opened");
  const [shown, chosen] = [useShownMethod(), useChosenMethod()];
  // A policy from a file belongs to no run: it goes on with what is set.
  const continuation = (isOpened ? chosen : shown)?.continuation ?? null;
  const schemes = useSchemes();
  const space = useSpace();
  const policy = useRun((state) => state.history.policy);
  const busy = useRun((state) => isBusy(state.status));
  return continuation && { continuation, refusal: refusalOf(space, policy, schemes, busy) };
}

function refusalOf(
  space: SearchSpace | null,
  policy: Policy | null,
  schemes: readonly SchemeInfo[],
  busy: boolean,
): string | null {
  if (busy) return "The schemes can be edited when no run is under way.";
  if (!policy || !space) return "A search of schemes ends with some that can be edited here.";
  const known = new Set(schemes.map(({ id }) => id));
  const layers = new Map(policy.layers.map((layer) => [layer.name, layer]));
  const other = space.searched.find(({ name }) => {
    const layer = layers.get(name);
    return !layer || !known.has(layer.weight.scheme) || !known.has(layer.activation.scheme);
  });
  return other ? `The policy has other quantizers than AutoQNN's schemes, in ${other.name} for one.` : null;
}
