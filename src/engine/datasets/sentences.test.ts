import { expect, test } from "vitest";
import { generateSentences } from "./sentences";

const SMALL = { train: 50, test: 20 };

const textOf = (seed: number): string => {
  const { info, train } = generateSentences(seed, SMALL);
  return Array.from(train.tokens, (token) => info.symbols[token]).join(" ");
};

test("sentences follow from the seed, and the test has others", () => {
  expect(textOf(1)).toBe(textOf(1));
  expect(textOf(1)).not.toBe(textOf(2));
  const { train, test: held } = generateSentences(1, SMALL);
  expect([...train.tokens.slice(0, 200)]).not.toEqual([...held.tokens.slice(0, 200)]);
});

test("each label is the next word, over the ends of sequences too", () => {
  const { info, train } = generateSentences(3, SMALL);
  expect(train.tokens.length).toBe(SMALL.train * info.length);
  expect([...train.labels.slice(0, -1)]).toEqual([...train.tokens.slice(1)]);
  expect(Math.max(...train.labels)).toBeLessThan(info.symbols.length);
});

test("verbs agree with the subject right before them", () => {
  expect(textOf(4)).not.toMatch(/\b(dog|cat|king) (sleep|see|laugh|wait)\b(?! )/);
  const simple = textOf(4)
    .split(" . ")
    .filter((sentence) => !/that|near|behind|with/.test(sentence))
    .slice(1, -1);
  expect(simple.length).toBeGreaterThan(20);
  for (const sentence of simple) {
    expect(sentence).toMatch(
      /^(\w+ )(old |small |happy |quiet )?((dog|cat|teacher|child|king|robot) (sees|follows|likes|hears|sleeps|laughs|waits)|(dogs|cats|teachers|children|kings|robots) (see|follow|like|hear|sleep|laugh|wait))( |$)/,
    );
  }
});

test("the whole set is made in well under a second", () => {
  const started = performance.now();
  const { info } = generateSentences(1);
  expect(info).toMatchObject({ trainCount: 4000, testCount: 1000 });
  expect(performance.now() - started).toBeLessThan(900);
});
