/** Where dropped or picked files go: a policy is opened, anything else is read as images. */
import { importFiles } from "../bridge/client";
import { openPolicy } from "../bridge/policy-file";
import { useSettings } from "../store/settings";

export async function takeFiles(files: readonly File[]): Promise<void> {
  const [first] = files;
  if (!first) return;
  if (files.length === 1 && first.name.toLowerCase().endsWith(".json")) return openPolicy(first);
  if (await importFiles(files)) useSettings.getState().change({ data: "imported" });
}
