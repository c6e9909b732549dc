/** Networks from the web: one file, or a model.json with the weights that it names. */
import { FormatError, type ReadingProgress } from "../../core/dataset";
import type { NamedBytes } from "../read/bytes";
import { fetchNamedBytes, type FetchLimits } from "../read/url";

/** Files that a model.json may name. */
const MAX_SHARDS = 1000;

/** Fetches all files of a network. `limits.bytes` is for all together. */
export async function fetchNetworkFiles(
  url: string,
  limits: FetchLimits,
  onProgress: (progress: ReadingProgress) => void,
): Promise<readonly NamedBytes[]> {
  const first = await fetchNamedBytes(url, limits, onProgress);
  if (!/\.json$/i.test(first.name)) return [first];
  const files = [first];
  let left = limits.bytes - first.size;
  for (const path of await shardsOf(first)) {
    const file = await fetchNamedBytes(new URL(path, url).href, { ...limits, bytes: left }, onProgress);
    left -= file.size;
    files.push({ ...file, name: path, path });
  }
  return files;
}

/** Paths of the weights, from the manifest of a TensorFlow.js model. */
async function shardsOf(file: NamedBytes): Promise<readonly string[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(await file.slice(0, file.size)));
  } catch (error) {
    throw new FormatError(`"${file.name}" is not JSON. Give the address of a network's own file.`, { cause: error });
  }
  const manifest = (parsed as { readonly weightsManifest?: unknown } | null)?.weightsManifest;
  const groups = (Array.isArray(manifest) ? manifest : []) as readonly ({ readonly paths?: unknown } | null)[];
  const paths = groups.flatMap((group) => (Array.isArray(group?.paths) ? (group.paths as readonly unknown[]) : []));
  const names = paths.filter((path): path is string => typeof path === "string");
  if (names.length > MAX_SHARDS) throw new FormatError(`"${file.name}" names more than ${MAX_SHARDS} files of weights.`);
  return names;
}
