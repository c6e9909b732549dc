/** Folders as classes: which files of a tree are images of which class, and which are for testing. */
import { FormatError, MOST_CLASSES } from "../../../core/dataset";
import { mixed, stratified, STRATIFIED_NOTE } from "../split";
import type { NamedBytes } from "../bytes";
import { IMAGE_NAME } from "./image-writer";

interface Labelled {
  readonly file: NamedBytes;
  readonly label: number;
}

export interface LabelledFiles {
  readonly classes: readonly string[];
  readonly train: readonly Labelled[];
  readonly test: readonly Labelled[];
  /** What the data set's name says about the two parts; "" if they were given. */
  readonly note: string;
}

type Part = "train" | "test" | "validation";

/** How folders of a part are called. */
const PARTS: Readonly<Record<string, Part>> = {
  ...{ train: "train", training: "train" },
  ...{ test: "test", testing: "test" },
  ...{ val: "validation", valid: "validation", validation: "validation" },
};

const NATURAL_ORDER = new Intl.Collator("en", { numeric: true });

/** Whether a file of a folder or an archive is an image that a person put there. */
export const isImagePath = (path: string): boolean =>
  IMAGE_NAME.test(path) && !path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");

/**
 * Reads `train/CLASS/*` and `test/CLASS/*` (or `val/`, `valid/`), or `CLASS/*` alone, of which a sixth of each class is then for testing.
 * Folders that all files share do not count. A FormatError if there are no classes.
 */
export function labelledFiles(given: string, files: readonly NamedBytes[]): LabelledFiles {
  const images = files.filter(({ path }) => isImagePath(path));
  if (images.length === 0) {
    throw new FormatError(`${given} holds no images: PNG, JPEG, WebP, GIF or BMP files are needed, one folder for each class.`);
  }
  const paths = withoutShared(images.map(({ path }) => path.split("/").filter((part) => part !== "" && part !== ".")));
  const parted = paths.every(([first = ""]) => partOf(first) !== undefined);
  const placed = images.map((file, i) => {
    const path = paths[i] as readonly string[];
    const [name, rest] = (parted ? path.slice(1) : path) as readonly [string, string?];
    if (rest === undefined) {
      throw new FormatError(
        `"${file.path}" lies in no folder of a class. ${given} must hold one folder for each class, or train/CLASS and test/CLASS.`,
      );
    }
    return { file, name, part: parted ? (partOf(path[0] as string) as Part) : "train" };
  });
  const classes = [...new Set(placed.map(({ name }) => name))].sort((a, b) => NATURAL_ORDER.compare(a, b));
  if (classes.length < 2) throw new FormatError(`${given} has one class only, "${classes[0]}": there is nothing to tell apart.`);
  if (classes.length > MOST_CLASSES)
    throw new FormatError(`${given} has ${classes.length} classes; ${MOST_CLASSES} can be read.`);
  const index = new Map(classes.map((name, i) => [name, i]));
  const of = (wanted: Part): readonly Labelled[] =>
    mixed(placed.filter(({ part }) => part === wanted)).map(({ file, name }) => ({ file, label: index.get(name) as number }));
  return { classes, ...parts(given, { train: of("train"), test: of("test"), validation: of("validation") }) };
}

const partOf = (folder: string): Part | undefined => PARTS[folder.toLowerCase()];

/** The paths without the folders that all of them begin with, as long as a class folder remains. */
function withoutShared(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const [first = ""] = paths[0] ?? [];
  const shared = paths.every((path) => path.length > 2 && path[0] === first);
  return shared ? withoutShared(paths.map((path) => path.slice(1))) : paths;
}

function parts(
  given: string,
  { train, test, validation }: Readonly<Record<Part, readonly Labelled[]>>,
): Pick<LabelledFiles, "train" | "test" | "note"> {
  if (train.length === 0) throw new FormatError(`${given} has no images to train with: there is no folder "train".`);
  if (test.length > 0) return { train, test, note: validation.length > 0 ? "without its validation part" : "" };
  if (validation.length > 0) return { train, test: validation, note: "" };
  const split = stratified(train.map(({ label }) => label));
  const pick = (places: readonly number[]): readonly Labelled[] => places.map((place) => train[place] as Labelled);
  return { train: pick(split.train), test: pick(split.test), note: STRATIFIED_NOTE };
}
