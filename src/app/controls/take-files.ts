/** Where dropped or picked files go: a policy is opened, anything else is read as data. */
import { taskOf } from "../../core/dataset";
import { fittingModel } from "../../core/models";
import { importFiles } from "../bridge/client";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";

export async function takeFiles(files: readonly File[]): Promise<void> {
  const [first] = files;
  if (!first) return;
  if (files.length === 1 && first.name.toLowerCase().endsWith(".json")) {
    // The policy's schema is a tenth of the page's script, and most visits open no file.
    const { openPolicy } = await import("../bridge/policy-file");
    return openPolicy(first);
  }
  if (!(await importFiles(files))) return;
  const { imported } = useRun.getState();
  const { config, change } = useSettings.getState();
  change({ data: "imported", ...(imported && { model: fittingModel(config.model, taskOf(imported)) }) });
}
