/** What was dropped, folders with all that they hold. */
import type { GivenFile } from "../../core/protocol";

/** To be called during the event: afterwards the browser forgets what was dropped. */
export async function droppedFiles(transfer: DataTransfer | null): Promise<readonly GivenFile[]> {
  const items = Array.from(transfer?.items ?? []).filter(({ kind }) => kind === "file");
  const dropped = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files: GivenFile[] = [];
  for (const { entry, file } of dropped) {
    if (entry?.isDirectory) await collect(entry, files);
    else if (file) files.push({ file, path: file.name });
  }
  return files;
}

async function collect(entry: FileSystemEntry, files: GivenFile[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    files.push({ file, path: entry.fullPath.replace(/^\//, "") });
  } else if (isFolder(entry)) {
    const reader = entry.createReader();
    const next = (): Promise<FileSystemEntry[]> => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    // A folder is handed out in parts, the last of which is empty.
    for (let part = await next(); part.length > 0; part = await next()) {
      for (const inside of part) await collect(inside, files);
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
