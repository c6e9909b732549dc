/** Texts as numbered symbols: vocabularies, sequences for language models, padded sequences for classification. */
import { countClasses, type Dataset, type TextDataset, type TextInfo, type TextSplit } from "./dataset";

export type TextUnit = TextInfo["unit"];

/** Symbols of a sequence: how far training looks back in time. */
const LENGTH: Readonly<Record<TextUnit, number>> = { character: 64, word: 32 };

/** Most symbols of a vocabulary, which is the number of a language model's classes: the most frequent ones. */
const MOST_SYMBOLS: Readonly<Record<TextUnit, number>> = { character: 1000, word: 2000 };

/** Stands for every symbol that is not in the vocabulary. */
const UNKNOWN = "<unk>";
/** Stands for the end of a line among words. */
const LINE_END = "<eol>";

/** Share of a text, at its end, that is kept for testing. */
const TEST_SHARE = 0.1;

/** The symbols of a text: characters, or words with every other visible character and the end of a line as a word of its own. */
function symbolsOf(text: string, unit: TextUnit): readonly string[] {
  if (unit === "character") return Array.from(text);
  return Array.from(text.matchAll(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|\n|[^\s]/gu), ([word]) =>
    word === "\n" ? LINE_END : word,
  );
}

/**
 * The most frequent symbols, in the order of the alphabet, after `special` ones and the unknown one, which is there if it is needed: for
 * those that had to be left out, or for any of `others`.
 */
function vocabularyOf(
  symbols: readonly string[],
  others: readonly string[],
  most: number,
  special: readonly string[],
): readonly string[] {
  const counts = new Map<string, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const room = most - special.length;
  if (counts.size < room && others.every((symbol) => counts.has(symbol))) return [...special, ...[...counts.keys()].sort()];
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).slice(0, room - 1);
  return [...special, UNKNOWN, ...frequent.map(([symbol]) => symbol).sort()];
}

/** Numbers of symbols; what is not in the vocabulary becomes the unknown one. */
function numbered(symbols: readonly string[], vocabulary: readonly string[]): Uint16Array {
  const index = new Map(vocabulary.map((symbol, i) => [symbol, i]));
  const unknown = index.get(UNKNOWN);
  return Uint16Array.from(symbols, (symbol) => (index.get(symbol) ?? unknown) as number);
}

/** Least characters of a text that gives each split some sequences. */
export const LEAST_TEXT = 20 * LENGTH.character;

/**
 * A text as a language model's data: its first nine tenths to train, the rest to test, each cut into sequences one after another, whose
 * labels are the symbols one further on. The vocabulary is that of the training part. A RangeError with a sentence for a text that is
 * too short.
 */
export function languageModelData(text: string, unit: TextUnit, { id, name }: Pick<TextInfo, "id" | "name">): TextDataset {
  const symbols = symbolsOf(text, unit);
  const trained = Math.round(symbols.length * (1 - TEST_SHARE));
  const parts = [symbols.slice(0, trained), symbols.slice(trained)] as const;
  const vocabulary = vocabularyOf(...parts, MOST_SYMBOLS[unit], []);
  const length = LENGTH[unit];
  if (parts[1].length <= length) {
    throw new RangeError(`The text has ${symbols.length} ${unit}s; it needs at least ${Math.ceil((length + 1) / TEST_SHARE)}.`);
  }
  const [train, test] = parts.map((part) => windowsOf(numbered(part, vocabulary), length)) as [TextSplit, TextSplit];
  const counts = { trainCount: train.tokens.length / length, testCount: test.tokens.length / length };
  const info: TextInfo = {
    kind: "text",
    id,
    name,
    task: "language-model",
    unit,
    symbols: vocabulary,
    classes: vocabulary,
    length,
    ...counts,
    classCounts: countClasses(vocabulary.length, { train, test }),
  };
  return { info, train, test, source: text };
}

/** Sequences one after another; what does not fill one at the end is left out. */
function windowsOf(tokens: Uint16Array, length: number): TextSplit {
  const used = Math.floor((tokens.length - 1) / length) * length;
  return { tokens: tokens.slice(0, used), labels: tokens.slice(1, used + 1) };
}

/** The same text in another unit; any other data set as it is. */
export function inUnit(dataset: Dataset, unit: TextUnit): Dataset {
  if (dataset.info.kind !== "text" || dataset.info.unit === unit) return dataset;
  const { source } = dataset as TextDataset;
  return source === null ? dataset : languageModelData(source, unit, dataset.info);
}

/** A text with the name of its class. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

/** Stands before a text that is shorter than its sequence: a network reads the end of the text last. */
const PADDING = "<pad>";

/** Words of a text that are read; what comes after them is left out. */
const MOST_WORDS = 64;

/** Every so many texts one is kept for testing: files are often sorted by class. */
const TEST_EVERY = 10;

/** Labelled texts as sequences of words, every tenth one to test. The vocabulary is that of the others. There are ten texts at least. */
export function classificationData(texts: readonly LabelledText[], { id, name }: Pick<TextInfo, "id" | "name">): TextDataset {
  const read = texts.map(({ text, label }) => ({ words: symbolsOf(text, "word").slice(0, MOST_WORDS), label }));
  const isTest = (i: number): boolean => i % TEST_EVERY === TEST_EVERY - 1;
  const parts = [read.filter((_, i) => !isTest(i)), read.filter((_, i) => isTest(i))] as const;
  const [seen, others] = parts.map((part) => part.flatMap(({ words }) => words)) as [string[], string[]];
  const symbols = vocabularyOf(seen, others, MOST_SYMBOLS.word, [PADDING]);
  const classes = [...new Set(texts.map(({ label }) => label))].sort();
  const length = Math.max(1, ...read.map(({ words }) => words.length));
  const [train, test] = parts.map((part) => ({
    tokens: numbered(
      part.flatMap(({ words }) => [...Array<string>(length - words.length).fill(PADDING), ...words]),
      symbols,
    ),
    labels: Uint16Array.from(part, ({ label }) => classes.indexOf(label)),
  })) as [TextSplit, TextSplit];
  const info: TextInfo = {
    ...{ kind: "text", id, name, task: "text-classification", unit: "word", symbols, classes, length },
    ...{ trainCount: parts[0].length, testCount: parts[1].length, classCounts: countClasses(classes.length, { train, test }) },
  };
  return { info, train, test, source: null };
}
