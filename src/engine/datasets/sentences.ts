/** The built-in text: sentences of a small grammar, made from a seed, whose verbs agree with subjects that stand far before them. */
import { countClasses, type TextDataset, type TextInfo, type TextSplit } from "../../core/dataset";
import { createRandom, type Random } from "../../core/random";

/** Words of a sequence. */
const LENGTH = 32;

interface SequenceCounts {
  readonly train: number;
  readonly test: number;
}

const DEFAULT_COUNTS: SequenceCounts = { train: 4000, test: 1000 };

/** Singular and plural. A verb's number is that of its own subject, whatever nouns stand between. */
const NOUNS = [
  ["dog", "dogs"],
  ["cat", "cats"],
  ["teacher", "teachers"],
  ["child", "children"],
  ["king", "kings"],
  ["robot", "robots"],
] as const;
const VERBS = [
  ["sees", "see"],
  ["follows", "follow"],
  ["likes", "like"],
  ["hears", "hear"],
] as const;
const INTRANSITIVE = [
  ["sleeps", "sleep"],
  ["laughs", "laugh"],
  ["waits", "wait"],
] as const;
const DETERMINERS = [
  ["the", "the"],
  ["a", "some"],
  ["this", "these"],
] as const;
const ADJECTIVES = ["old", "small", "happy", "quiet"] as const;
const PREPOSITIONS = ["near", "behind", "with"] as const;
const RELATIVE = "that";
const END = ".";

const SYMBOLS: readonly string[] = [
  ...new Set<string>([
    END,
    RELATIVE,
    ...[NOUNS, VERBS, INTRANSITIVE, DETERMINERS].flatMap((pairs) => pairs.flatMap((pair) => [...pair])),
    ...ADJECTIVES,
    ...PREPOSITIONS,
  ]),
];

const INDEX = new Map(SYMBOLS.map((symbol, i) => [symbol, i]));

/** Shares of the noun phrases that go on with a prepositional phrase, or a relative clause; and of those that have an adjective. */
const PREPOSITIONAL = 0.25;
const CLAUSE = 0.25;
const ADJECTIVE = 0.3;
/** Noun phrases inside one another. */
const DEEPEST = 2;

/** The data set of `seed`: a language model's sequences [count, 32] of words, cut from one stream of sentences. */
export function generateSentences(seed: number, counts: SequenceCounts = DEFAULT_COUNTS): TextDataset {
  const random = createRandom(seed).fork("sentences");
  const splits = { train: split(counts.train, random.fork("train")), test: split(counts.test, random.fork("test")) };
  const info: TextInfo = {
    ...{ kind: "text", id: "sentences", name: "Sentences", task: "language-model", unit: "word" },
    ...{ symbols: SYMBOLS, classes: SYMBOLS, length: LENGTH, trainCount: counts.train, testCount: counts.test },
    classCounts: countClasses(SYMBOLS.length, splits),
  };
  return { info, ...splits, source: null };
}

function split(count: number, random: Random): TextSplit {
  const size = count * LENGTH;
  const words: string[] = [];
  while (words.length <= size) words.push(...sentence(random));
  const stream = Uint16Array.from(words.slice(0, size + 1), (word) => INDEX.get(word) as number);
  return { tokens: stream.slice(0, size), labels: stream.slice(1) };
}

function sentence(random: Random): readonly string[] {
  const number = random.integer(2);
  return [...nounPhrase(number, 0, random), ...predicate(number, 1, random), END];
}

/** 0 is singular, 1 plural. */
function nounPhrase(number: number, depth: number, random: Random): readonly string[] {
  const words = [inNumber(DETERMINERS, number, random)];
  if (random.uniform() < ADJECTIVE) words.push(pick(ADJECTIVES, random));
  words.push(inNumber(NOUNS, number, random));
  const next = depth < DEEPEST ? random.uniform() : 1;
  if (next < PREPOSITIONAL) words.push(pick(PREPOSITIONS, random), ...nounPhrase(random.integer(2), depth + 1, random));
  else if (next < PREPOSITIONAL + CLAUSE) words.push(RELATIVE, ...clause(number, depth + 1, random));
  return words;
}

/** "that sees the dog", or "that the dogs see": the verb agrees with the noun before "that", or with its own subject. */
function clause(number: number, depth: number, random: Random): readonly string[] {
  if (random.uniform() < 0.5) return predicate(number, depth, random);
  const subject = random.integer(2);
  return [...nounPhrase(subject, depth, random), inNumber(VERBS, subject, random)];
}

function predicate(number: number, depth: number, random: Random): readonly string[] {
  if (random.uniform() < 0.5) return [inNumber(INTRANSITIVE, number, random)];
  return [inNumber(VERBS, number, random), ...nounPhrase(random.integer(2), depth, random)];
}

const pick = <T>(values: readonly T[], random: Random): T => values[random.integer(values.length)] as T;

const inNumber = (pairs: readonly (readonly [string, string])[], number: number, random: Random): string =>
  pick(pairs, random)[number] as string;
