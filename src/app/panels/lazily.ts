import { lazy } from "react";

/** Where nothing is painted, as in a hidden page, what follows the paint comes all the same. */
const UNPAINTED_MS = 500;

/** React's `lazy`, but nothing is loaded before what is already rendered is on the screen: the controls come first. */
export const lazily: typeof lazy = (load) =>
  lazy(async () => {
    await painted();
    return load();
  });

function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, UNPAINTED_MS);
  });
}
