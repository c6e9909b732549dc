/** Files from the web: fetched over http(s) where the server lets other pages read them (CORS). */
import { FormatError, StoppedError, type ReadingProgress } from "../../core/dataset";
import { namedBytes, type NamedBytes } from "./bytes";

export interface FetchLimits {
  readonly bytes: number;
  /** Ends the transfer. */
  readonly signal: AbortSignal;
}

/** Fetches one file. A FormatError says in a sentence what failed; a StoppedError that `signal` ended it. */
export async function fetchNamedBytes(
  url: string,
  { bytes: limit, signal }: FetchLimits,
  onProgress: (progress: ReadingProgress) => void,
): Promise<NamedBytes> {
  const response = await request(url, signal);
  if (/^text\/html\b/i.test(response.headers.get("content-type") ?? "")) {
    throw new FormatError(`${shown(url)} answers with a web page, not with a file. Give the address of the file itself.`);
  }
  const said = Number(response.headers.get("content-length") ?? 0);
  const tooLarge = (): FormatError => new FormatError(`${shown(url)} has more than the ${limit} bytes that can be fetched.`);
  if (said > limit) throw tooLarge();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = response.body?.getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      chunks.push(next.value);
      done += next.value.length;
      if (done > limit) throw tooLarge();
      // A packed transfer is longer than it said.
      onProgress({ what: "Fetching", done, total: said >= done ? said : 0 });
    }
  } catch (error) {
    throw failure(url, signal, error);
  } finally {
    // A transfer that broke rejects this with what it has already thrown.
    await reader?.cancel().catch(() => undefined);
  }
  return namedBytes(new Blob(chunks), pathOf(url));
}

/** Whose pages stand for the data sets that they describe. */
const HUB = "https://huggingface.co";

/**
 * Fetches a data set: a file, or all files of one that is named by its page on Hugging Face, as Parquet. `limits.bytes` is for all files
 * together.
 */
export async function fetchDataFiles(
  url: string,
  limits: FetchLimits,
  onProgress: (progress: ReadingProgress) => void,
  hub = HUB,
): Promise<readonly NamedBytes[]> {
  const [, dataset] = new RegExp(`^${hub}/datasets/([\\w.-]+(?:/[\\w.-]+)?)/?(?:(?:tree|viewer)/.*)?$`).exec(url) ?? [];
  if (dataset === undefined) return [await fetchNamedBytes(fileAddress(url, hub), limits, onProgress)];
  const files: NamedBytes[] = [];
  let left = limits.bytes;
  for (const { address, path } of await listing(`${hub}/api/datasets/${dataset}/parquet`, dataset, limits.signal)) {
    const file = await fetchNamedBytes(address, { ...limits, bytes: left }, onProgress);
    left -= file.size;
    files.push({ ...file, name: path, path });
  }
  return files;
}

/** A page that shows a file there has the file itself beside it. */
const fileAddress = (url: string, hub: string): string =>
  url.startsWith(`${hub}/datasets/`) ? url.replace("/blob/", "/resolve/") : url;

interface Listed {
  readonly address: string;
  /** Names the part that the file is of. */
  readonly path: string;
}

/** The Parquet files of a data set in its first configuration. */
async function listing(address: string, dataset: string, signal: AbortSignal): Promise<readonly Listed[]> {
  const response = await request(address, signal);
  let parsed: unknown;
  try {
    parsed = await response.json();
  } catch (error) {
    throw failure(address, signal, error);
  }
  const [configuration] = isObject(parsed) ? Object.values(parsed) : [];
  const files = Object.entries(isObject(configuration) ? configuration : {}).flatMap(([part, addresses]) =>
    (Array.isArray(addresses) ? addresses : []).flatMap((file: unknown, i) =>
      typeof file === "string" ? [{ address: file, path: `${dataset.replace(/^.*\//, "")}-${part}-${i}.parquet` }] : [],
    ),
  );
  if (files.length === 0)
    throw new FormatError(`The data set "${dataset}" has no Parquet files. Give the address of a file of it.`);
  return files;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** A response that says that all is well. */
async function request(url: string, signal: AbortSignal): Promise<Response> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new FormatError(`${shown(url)} is no address of a file: it must begin with https:// or http://.`);
  }
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    throw failure(url, signal, error);
  }
  if (response.ok) return response;
  const advice =
    response.status === 401 || response.status === 403 ? "It needs a permission that this page has not." : "Check the address.";
  throw new FormatError(`${shown(url)}: the server answers ${response.status} ${response.statusText}. ${advice}`);
}

/** A browser does not tell a page which of the two it was. */
function failure(url: string, signal: AbortSignal, error: unknown): Error {
  if (error instanceof FormatError || error instanceof StoppedError) return error;
  if (signal.aborted) return new StoppedError();
  return new FormatError(
    `${shown(url)} could not be fetched: there is no connection to the server, or it does not let other pages read its files (CORS). Download the file and drop it here.`,
    { cause: error },
  );
}

const shown = (url: string): string => `"${url.length > 120 ? `${url.slice(0, 120)}...` : url}"`;

function pathOf(url: string): string {
  const path = new URL(url).pathname.replace(/^\/+/, "");
  try {
    return decodeURIComponent(path) || "file";
  } catch {
    // A stray "%" is as good a name as any.
    return path;
  }
}
