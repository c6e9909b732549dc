/** HDF5 in a real browser: the library's WASM is inside its script. */
import { expect, test } from "vitest";
import { kerasFile } from "./keras-file";
import { kerasBytes } from "./keras-testing";
import { MODEL_LIMITS } from "./reader";
import { functional, layer3, modelFile, numbersFor } from "./testing";

test("a .keras archive is read in the page", async () => {
  const model = functional(
    [layer3("InputLayer", "in", { batch_shape: [null, 4] }), layer3("Dense", "fc", { units: 3, use_bias: false }, ["in"])],
    "fc",
  );
  const bytes = await kerasBytes(model, { "layers/dense/vars/0": [4, 3] });
  const { values } = await kerasFile.read([modelFile("small.keras", bytes)], MODEL_LIMITS);
  expect(values.get("fc.weight")).toEqual(numbersFor("layers/dense/vars/0", [4, 3]));
});
