/** Where dropped or picked files go: a policy is opened, a network becomes the one to search, anything else is read as data. */
import type { GivenFile } from "../../core/protocol";
import { openFiles } from "../bridge/data";
import { currentWorker } from "../bridge/session";

/** Files of an input with the folders that they were picked in. */
export const pickedFiles = (files: FileList | null): readonly GivenFile[] =>
  Array.from(files ?? [], (file) => ({ file, path: file.webkitRelativePath || file.name }));

export async function takeFiles(files: readonly GivenFile[]): Promise<void> {
  const [first] = files;
  if (!first) return;
  if (files.length === 1 && (await isPolicy(first.file))) {
    // The policy's schema is a tenth of the page's script, and most visits open no file.
    const { openPolicy } = await import("../bridge/policy-file");
    return openPolicy(first.file);
  }
  if ((await currentWorker()?.identify(files)) === "network") return takeNetwork(files);
  await openFiles(files);
}

/** Takes files for a network, whatever they are: the reader says what is wrong with them. */
export async function takeNetwork(files: readonly GivenFile[]): Promise<void> {
  if (files.length === 0) return;
  const { openNetwork } = await import("../bridge/network-file");
  return openNetwork({ type: "files", files });
}

/** Fetches a network. */
export function takeAddress(url: string): void {
  void import("../bridge/network-file").then(({ openNetwork }) => openNetwork({ type: "url", url }));
}

/** The start of a model.json says what it is. */
const HEAD_CHARACTERS = 65_536;

async function isPolicy(file: File): Promise<boolean> {
  if (!file.name.toLowerCase().endsWith(".json")) return false;
  return !(await file.slice(0, HEAD_CHARACTERS).text()).includes('"modelTopology"');
}
