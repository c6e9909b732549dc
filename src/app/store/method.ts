/** What the catalog says about a method, for the controls and the charts. */
import type { RunConfig } from "../../core/config";
import type { KnobUse, MethodInfo } from "../../core/catalog";
import { useRun } from "./run";
import { useSettings } from "./settings";

/** The method that is set, null before the catalog is there (or for a name that it does not have). */
export function useChosenMethod(): MethodInfo | null {
  return useMethod(useSettings((state) => state.config.method));
}

/** The method of what the charts show. */
export function useShownMethod(): MethodInfo | null {
  const ran = useRun((state) => state.ran?.config.method);
  const chosen = useSettings((state) => state.config.method);
  return useMethod(ran ?? chosen);
}

const useMethod = (id: string): MethodInfo | null =>
  useRun((state) => state.catalog?.methods.find((method) => method.id === id) ?? null);

/** The knobs that a method reads under these options, in its order. */
export function usedKnobs(method: MethodInfo, options: RunConfig["options"]): readonly KnobUse[] {
  const value = (id: string): string | undefined => options[id] ?? method.options.find((option) => option.id === id)?.initial;
  return method.knobs.filter(({ when }) => when === null || value(when.option) === when.value);
}
