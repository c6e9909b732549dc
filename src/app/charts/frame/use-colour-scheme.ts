import { useSyncExternalStore } from "react";

/** "light" or "dark" as the tokens hold now: what is drawn with numbers for colours has to be drawn again when it changes. */
export const useColourScheme = (): string => useSyncExternalStore(subscribe, current);

const current = (): string => getComputedStyle(document.documentElement).colorScheme;

function subscribe(changed: () => void): () => void {
  const attribute = new MutationObserver(changed);
  attribute.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  return () => {
    attribute.disconnect();
    system.removeEventListener("change", changed);
  };
}
