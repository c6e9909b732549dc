/** Which arrays are inputs, which labels, and for what, by their names as people write them. */
import { FormatError } from "../../../core/dataset";

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

interface Pair<A> {
  readonly inputs: A;
  readonly labels: A;
}

export interface Pairs<A> {
  readonly train: Pair<A>;
  /** Null if the set brings no test part. */
  readonly test: Pair<A> | null;
}

const WORD = (words: string): RegExp => new RegExp(`(^|[^a-z])(${words})([^a-z]|$)|^(${words})_?(train|test|val)`);
const LABELS = WORD("y|labels?|targets?|classes");
const INPUTS = WORD("x|images?|imgs?|data|inputs?|features|pixels");

const PARTS = ["train", "test", "val"] as const;

/** x_train, y_train, x_test, y_test; train_images and so on; x and y alone; or two arrays of which one has a single axis. */
export function pairArrays<A extends Named>(given: string, arrays: readonly A[]): Pairs<A> {
  const named = arrays.map((array) => {
    const key = array.name
      .toLowerCase()
      .replace(/\.npy$/, "")
      .replace(/^.*\//, "");
    const part = PARTS.find((known) => key.includes(known)) ?? "";
    const role = LABELS.test(key) ? "labels" : INPUTS.test(key) ? "inputs" : null;
    return { array, part, role };
  });
  const find = (part: string): Pair<A> | null => {
    const one = (role: string): A | undefined => named.find((entry) => entry.part === part && entry.role === role)?.array;
    const [inputs, labels] = [one("inputs"), one("labels")];
    return inputs && labels ? { inputs, labels } : null;
  };
  const train = find("train") ?? find("") ?? unnamed(arrays);
  if (!train) {
    const names = arrays.map(({ name }) => `"${name}"`).join(", ");
    throw new FormatError(
      `${given} has the arrays ${names === "" ? "of no name" : names}: which are inputs and which labels cannot be told. Call them x_train, y_train, x_test and y_test.`,
    );
  }
  return { train, test: find("train") ? (find("test") ?? find("val")) : null };
}

function unnamed<A extends Named>(arrays: readonly A[]): Pair<A> | null {
  const [inputs, ...moreInputs] = arrays.filter(({ shape }) => shape.length >= 2);
  const [labels, ...moreLabels] = arrays.filter(({ shape }) => shape.length === 1);
  return inputs && labels && moreInputs.length + moreLabels.length === 0 ? { inputs, labels } : null;
}
