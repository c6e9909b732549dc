/** Where dropped or picked files go: a policy is opened, anything else is read as data. */
import type { GivenFile } from "../../core/protocol";
import { openFiles } from "../bridge/data";

/** Files of an input with the folders that they were picked in. */
export const pickedFiles = (files: FileList | null): readonly GivenFile[] =>
  Array.from(files ?? [], (file) => ({ file, path: file.webkitRelativePath || file.name }));

export async function takeFiles(files: readonly GivenFile[]): Promise<void> {
  const [first] = files;
  if (!first) return;
  if (files.length === 1 && first.path.toLowerCase().endsWith(".json")) {
    // The policy's schema is a tenth of the page's script, and most visits open no file.
    const { openPolicy } = await import("../bridge/policy-file");
    return openPolicy(first.file);
  }
  await openFiles(files);
}
