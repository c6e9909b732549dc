/** The built-in network that a golden cost table is about, at the size that it was published for. */
import { layersOf, type Layer } from "../../core/layers";
import { findModel } from "../../core/models";
import { field, type Json } from "./read";

/** Its layers: "inception_v3" is the network "inceptionv3". A RangeError if there is no such network. */
export function publishedLayers(json: Json): readonly Layer[] {
  const model = findModel(field<string>(json, "network").replaceAll("_", ""));
  const { input, classes } = model.published;
  return layersOf(model.build({ width: model.width, input, classes: classes ?? 1 }));
}
