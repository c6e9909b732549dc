import type { Model } from "./model";
import { lenet5 } from "./lenet5";
import { mobilenetV1 } from "./mobilenet-v1";
import { mobilenetV2, mobilenetV2Small } from "./mobilenet-v2";
import { resnet20, resnet8 } from "./resnet";
import { vgg7 } from "./vgg7";

export type { Model } from "./model";

/** Built-in networks in the order the menu shows. */
export const MODELS: readonly Model[] = [resnet8, resnet20, lenet5, vgg7, mobilenetV1, mobilenetV2, mobilenetV2Small];

/** The built-in network called `id`; a RangeError with the known ones otherwise. */
export function findModel(id: string): Model {
  const model = MODELS.find((known) => known.id === id);
  if (!model) throw new RangeError(`No network "${id}". Known: ${MODELS.map((known) => known.id).join(", ")}.`);
  return model;
}
