/** Command-line arguments: `--flag value`, `--flag=value`, `--switch`, and words. */
import { parseSettings, type ParsedSettings } from "../core/settings-text";

/** What was typed cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Arguments {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/** Splits arguments; `switches` are flags without a value. */
export function parseArguments(args: readonly string[], switches: readonly string[]): Arguments {
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith("--")) {
      words.push(arg);
      continue;
    }
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined) throw new UsageError(`"${arg}" is not an option.`);
    if (switches.includes(name)) flags.set(name, "1");
    else {
      const text = value ?? args[++i];
      if (text === undefined) throw new UsageError(`--${name} needs a value.`);
      flags.set(name, text);
    }
  }
  return { words, flags };
}

/** The flags that are not in `own`, as settings; a wrong one is an error here, where nobody sees a warning. */
export function settingsFrom({ flags }: Arguments, own: readonly string[]): ParsedSettings {
  const parsed = parseSettings([...flags].filter(([name]) => !own.includes(name)));
  const [problem] = parsed.problems;
  if (problem !== undefined) throw new UsageError(problem.replace(/ Using .*$/, ""));
  return parsed;
}
