/** Has the worker read data: files that were given, an address, or the same files in another size. */
import { taskOf, type ReadingProgress } from "../../core/dataset";
import { fittingModel } from "../../core/models";
import type { DataSource, GivenFile } from "../../core/protocol";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { logged } from "./events";
import { currentWorker, listener, prepareAgain, runningJob, sentence } from "./session";

/** Reads dropped or picked files and searches on them from then on. */
export async function openFiles(files: readonly GivenFile[]): Promise<void> {
  if (await read({ type: "files", files })) choose("");
}

/** Fetches a data set and searches on it from then on; the address goes into the page's own. */
export async function openUrl(url: string): Promise<void> {
  if (await read({ type: "url", url })) choose(url);
}

/** Opens the data set that the page's address names. */
export function openAddress(): void {
  const { dataUrl } = useSettings.getState().config;
  if (dataUrl !== "") void openUrl(dataUrl);
}

/** Says that files could not even be taken. */
export function refuseFiles(): void {
  refuse("What was dropped could not be read: it was moved, changed or removed. Choose it again.");
}

/** Ends the reading that is under way; the former data stay. */
export function stopReading(): void {
  void currentWorker()?.stopImport();
}

/** Reads images again when the size that they are brought to changes. */
export function followResizing(): void {
  useSettings.subscribe(({ config }, before) => {
    if (config.side === before.config.side && config.fit === before.config.fit) return;
    const { imported } = useRun.getState();
    if (imported?.kind === "images" && imported.resizing) void read({ type: "again" });
  });
}

/** Counts the readings: only the newest one's end is shown, since it stops the others. */
let reading = 0;

/** True if the data set "imported" is there now. */
async function read(source: DataSource): Promise<boolean> {
  const worker = currentWorker();
  if (!worker) return false;
  if (runningJob()) return refuse("The data cannot change during a run: stop it first.");
  const turn = ++reading;
  useRun.setState({ dataImport: { type: "reading", progress: null } });
  const tell = listener<ReadingProgress>((progress) => {
    if (turn === reading && useRun.getState().dataImport.type === "reading") {
      useRun.setState({ dataImport: { type: "reading", progress } });
    }
  });
  try {
    const { side, fit } = useSettings.getState().config;
    const answer = await worker.importData(source, { side, fit }, tell);
    if (turn !== reading) return false;
    if (!answer.ok) return refuse(answer.message);
    useRun.setState((state) => ({
      dataImport: { type: "none" },
      imported: answer.value,
      log: logged(state, "note", `Data read: ${answer.value.name}.`),
    }));
    prepareAgain();
    return true;
  } catch (error) {
    return turn === reading && refuse(sentence(error));
  }
}

/** Chooses the data set that was read, and a network that fits it. */
function choose(dataUrl: string): void {
  useRun.setState({ importedFrom: dataUrl });
  const { imported } = useRun.getState();
  const { config, change } = useSettings.getState();
  change({ data: "imported", dataUrl, ...(imported && { model: fittingModel(config.model, taskOf(imported)) }) });
}

function refuse(message: string): false {
  useRun.setState({ dataImport: { type: "failed", message } });
  // Where the data that are set were awaited, the page says now that they are not there.
  if (useSettings.getState().config.data === "imported" && !useRun.getState().imported) prepareAgain();
  return false;
}
