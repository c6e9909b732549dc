/** Where dropped or picked files go: a policy is opened, a network becomes the one to search, anything else is read as data. */
import { taskOf } from "../../core/dataset";
import { fittingModel } from "../../core/models";
import { importFiles } from "../bridge/client";
import { currentWorker } from "../bridge/session";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";

export async function takeFiles(files: readonly File[]): Promise<void> {
  const [first] = files;
  if (!first) return;
  if (files.length === 1 && (await isPolicy(first))) {
    // The policy's schema is a tenth of the page's script, and most visits open no file.
    const { openPolicy } = await import("../bridge/policy-file");
    return openPolicy(first);
  }
  if ((await currentWorker()?.identify(files)) === "network") return takeNetwork(files);
  if (!(await importFiles(files))) return;
  const { imported } = useRun.getState();
  const { config, change } = useSettings.getState();
  change({ data: "imported", ...(imported && { model: fittingModel(config.model, taskOf(imported)) }) });
}

/** Takes files for a network, whatever they are: the reader says what is wrong with them. */
export async function takeNetwork(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  const { importNetwork } = await import("../bridge/network-file");
  return importNetwork(files);
}

/** The start of a model.json says what it is. */
const HEAD_CHARACTERS = 65_536;

async function isPolicy(file: File): Promise<boolean> {
  if (!file.name.toLowerCase().endsWith(".json")) return false;
  return !(await file.slice(0, HEAD_CHARACTERS).text()).includes('"modelTopology"');
}
