/** Keys that act on the page. They rest while someone types, and where a key already means something. */
import { useEffect } from "react";
import { TABS, useDock } from "../store/dock";
import { deriveIfPossible, startOrPause, stepIfPossible, type RunActions } from "./run-actions";

export const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ["Space"], does: "Start, pause, go on" },
  { keys: ["."], does: "One step, then pause" },
  { keys: ["D"], does: "Derive a policy: ends a running search" },
  { keys: ["E"], does: "Open the export menu" },
  { keys: TABS.map((_, i) => String(i + 1)), does: TABS.map(({ label }) => label).join(", ") },
  { keys: ["\u2190", "\u2192"], does: "On a knob's slider: about 5 %, or a twentieth of a bit" },
  { keys: ["Page Up", "Page Down"], does: "On a knob's slider: a factor of two, or half a bit" },
  { keys: ["?"], does: "This list" },
];

interface Openers {
  readonly openHelp: () => void;
  readonly openExport: () => void;
}

/** Listens on the document. */
export function useShortcuts(actions: RunActions, { openHelp, openExport }: Openers): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      const act = actionOf(event.key);
      if (!act) return;
      event.preventDefault();
      act();
    };
    const actionOf = (key: string): (() => void) | null => {
      const tab = TABS[Number(key) - 1];
      if (tab) return () => useDock.getState().show(tab.id);
      switch (key.toLowerCase()) {
        case " ":
          return () => startOrPause(actions);
        case ".":
          return () => stepIfPossible(actions);
        case "d":
          return () => deriveIfPossible(actions);
        case "e":
          return openExport;
        case "?":
          return openHelp;
        default:
          return null;
      }
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [actions, openHelp, openExport]);
}

/** Elements that use letters, digits and Space themselves. */
const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const PRESSED_BY_SPACE = "button, a, summary, input:not([type=range]), [role=button], [role=tab], [role=menuitem], [role=option]";

function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("[role=dialog], [role=menu], [role=listbox]") || target.closest(TYPING)) return true;
  return key === " " && target.closest(PRESSED_BY_SPACE) !== null;
}
