/** Files as Keras writes them, made by the tests themselves. */
import { zipSync } from "fflate";
import { numbersFor } from "./testing";

/** An HDF5 file of datasets by path, with numbers called by their paths, and texts as attributes. */
export async function hdf5Bytes(
  datasets: Readonly<Record<string, readonly number[]>>,
  attributes: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const { ready, File } = await import("h5wasm");
  const { FS } = await ready;
  const file = new File("testing.h5", "w");
  for (const [path, shape] of Object.entries(datasets)) {
    const parts = path.split("/");
    parts.slice(0, -1).forEach((_, i) => {
      const group = parts.slice(0, i + 1).join("/");
      if (!file.get(group)) file.create_group(group);
    });
    file.create_dataset({ name: path, data: numbersFor(path, shape), shape: [...shape] });
  }
  for (const [name, value] of Object.entries(attributes)) file.create_attribute(name, value);
  file.close();
  const bytes = FS.readFile("testing.h5").slice();
  FS.unlink("testing.h5");
  return bytes;
}

/** A `.keras` archive. */
export async function kerasBytes(model: unknown, datasets: Readonly<Record<string, readonly number[]>>): Promise<Uint8Array> {
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return zipSync({
    "metadata.json": text({ keras_version: "3.15.1" }),
    "config.json": text(model),
    "model.weights.h5": await hdf5Bytes(datasets),
  });
}
