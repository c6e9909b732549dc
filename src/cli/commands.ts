import type { Command } from "./command";
import { UsageError } from "./arguments";
import { evaluate } from "./evaluate";
import { inspect } from "./inspect";
import { search } from "./search";
import { verify } from "./verify";

export const COMMANDS: readonly Command[] = [search, evaluate, inspect, verify];

export function findCommand(name: string): Command {
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) throw new UsageError(`There is no such command. Known: ${COMMANDS.map((known) => known.name).join(", ")}.`);
  return command;
}
