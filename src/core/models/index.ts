import { TASK_NAMES, taskOf, type DatasetInfo, type Task } from "../dataset";
import type { Graph } from "../graph";
import { IMPORTED } from "../imported";
import type { Model } from "./model";
import { alexnet } from "./alexnet";
import { googlenet } from "./googlenet";
import { inceptionV3 } from "./inception-v3";
import { lenet5 } from "./lenet5";
import { mlp } from "./mlp";
import { lstmClassifier, lstmLanguageModel } from "./lstm";
import { mobilenetV1 } from "./mobilenet-v1";
import { mobilenetV2, mobilenetV2Small } from "./mobilenet-v2";
import { resnet20, resnet8 } from "./resnet";
import { resnet18, resnet50 } from "./resnet-imagenet";
import { vgg16 } from "./vgg16";
import { vgg7 } from "./vgg7";

export type { Model } from "./model";

/** Built-in networks in the order the menu shows. */
export const MODELS: readonly Model[] = [
  resnet8,
  resnet20,
  lenet5,
  vgg7,
  mobilenetV1,
  mobilenetV2,
  mobilenetV2Small,
  alexnet,
  vgg16,
  resnet18,
  resnet50,
  googlenet,
  inceptionV3,
  lstmLanguageModel,
  lstmClassifier,
  mlp,
];

/** The built-in network called `id`; a RangeError with the known ones otherwise. */
export function findModel(id: string): Model {
  const model = MODELS.find((known) => known.id === id);
  if (!model) throw new RangeError(`No network "${id}". Known: ${MODELS.map((known) => known.id).join(", ")}.`);
  return model;
}

/** The networks for a task. */
export const modelsFor = (task: Task): readonly Model[] => MODELS.filter((model) => model.task === task);

/** The network `id` if it is one for the task, or an imported one, which can only be tried; else the first that is. */
export const fittingModel = (id: string, task: Task): string =>
  id === IMPORTED ? id : (modelsFor(task).find((model) => model.id === id) ?? (modelsFor(task)[0] as Model)).id;

/** The network `id` of a width for a data set. A RangeError with a sentence if it is made for other data. */
export function buildModel(id: string, width: number, info: DatasetInfo): Graph {
  const model = findModel(id);
  const task = taskOf(info);
  if (model.task !== task) {
    const fitting = modelsFor(task).map(({ label }) => label);
    throw new RangeError(
      `${model.label} is made for ${TASK_NAMES[model.task]}, and the data set "${info.name}" is one for ${TASK_NAMES[task]}: choose ${fitting.join(", ")}, or other data.`,
    );
  }
  const classes = info.classes.length;
  switch (info.kind) {
    case "images":
      return model.build({ width, classes, input: [info.height, info.width, info.channels] });
    case "text":
      return model.build({ width, classes, input: [info.length], vocabulary: info.symbols.length });
    case "numbers":
      return model.build({ width, classes, input: [info.features.length] });
  }
}
