/** Rows of numbers with classes as a data set. */
import { countClasses, type NumbersDataset, type NumbersSplit } from "../../core/dataset";

interface About {
  readonly name: string;
  readonly features: readonly string[];
  readonly classes: readonly string[];
}

/** Standardises both parts in place, with the means and deviations of the training part; a constant feature becomes 0. */
export function numbersDataset(
  { name, features, classes }: About,
  splits: { readonly train: NumbersSplit; readonly test: NumbersSplit },
): NumbersDataset {
  const { train, test } = splits;
  features.forEach((_, feature) => standardise(train.values, test.values, feature, features.length));
  return {
    info: {
      ...{ kind: "numbers", id: "imported", name, features, classes },
      ...{ trainCount: train.labels.length, testCount: test.labels.length, classCounts: countClasses(classes.length, splits) },
    },
    train,
    test,
  };
}

function standardise(train: Float32Array, test: Float32Array, feature: number, features: number): void {
  const count = train.length / features;
  let sum = 0;
  for (let at = feature; at < train.length; at += features) sum += train[at] as number;
  const mean = sum / count;
  let squares = 0;
  for (let at = feature; at < train.length; at += features) squares += ((train[at] as number) - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  // Rounding leaves a little deviation in a constant column.
  const constant = !(deviation > 1e-6 * Math.abs(mean));
  for (const values of [train, test]) {
    for (let at = feature; at < values.length; at += features) {
      values[at] = constant ? 0 : ((values[at] as number) - mean) / deviation;
    }
  }
}
