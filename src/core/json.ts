/** JSON that came from outside: read with limits, and what is wrong with it told in words. */
import type * as z from "zod/mini";

/** Own files nest five levels; far deeper text is an attack on whatever walks it recursively (`JSON.stringify`, `structuredClone`). */
const MAX_DEPTH = 64;

/**
 * The value of a JSON text. Throws a RangeError with a sentence if the text is not JSON, nests too deeply, or holds a number that
 * overflows (`1e999` reads as Infinity and would be written back as null).
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`This is not JSON: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
  // Level by level instead of recursively: the text decides how deep this goes.
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new RangeError(`This JSON nests more than ${MAX_DEPTH} levels deep.`);
    if (level.some((item) => typeof item === "number" && !Number.isFinite(item))) {
      throw new RangeError("This JSON holds a number that is too large: numbers must be finite.");
    }
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? (Object.values(item) as unknown[]) : []));
  }
  return value;
}

/** Longest text of a file that is repeated in a sentence about it. */
const MAX_QUOTED = 60;

/** A text from a file, short enough to stand inside a sentence. */
export const quoted = (text: string): string => `"${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text}"`;

/** What a schema found wrong, as in `layers.0.weight.bits must be at most 32`. zod's own texts are not bundled with its mini form. */
export function explainIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".");
  return `${path === "" ? "the whole" : quoted(path)} ${demand(issue)}`;
}

function demand(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${TYPE_WORDS[issue.expected] ?? `of the type ${issue.expected}`}`;
    case "too_small":
      return issue.origin === "array" ? `must have ${issue.minimum} or more entries` : `must be at least ${issue.minimum}`;
    case "too_big":
      return issue.origin === "array" ? `must have ${issue.maximum} or fewer entries` : `must be at most ${issue.maximum}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "invalid_format":
    case "invalid_union":
      return explainUnion("errors" in issue ? issue.errors : []);
    case "not_multiple_of":
    case "unrecognized_keys":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return "is not what the format says";
  }
}

/** The fault of the alternative that came closest: the one that found fault deepest inside the value, the first one among equals. */
function explainUnion(alternatives: readonly (readonly z.core.$ZodIssue[])[]): string {
  const issues = alternatives.flatMap((found) => found.slice(0, 1));
  const right = issues.filter((issue) => issue.code !== "invalid_type" || issue.path.length > 0);
  const [closest] = [...right, ...issues];
  return closest ? demand(closest) : "is not what the format says";
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};
