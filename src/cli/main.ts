/** `npm run bitloom -- COMMAND`: the same engine as the page, for scripts and tests. */
import { findCommand, COMMANDS } from "./commands";
import { UsageError } from "./arguments";
import { FormatError } from "../core/dataset";
import { RunFailure } from "../engine/failure";

const [name, ...rest] = process.argv.slice(2);

if (name === undefined || name === "help" || name === "--help") {
  console.log(`bitloom COMMAND [options]\n\n${COMMANDS.map((command) => command.usage).join("\n\n")}`);
  process.exit(name === undefined ? 2 : 0);
}

try {
  process.exitCode = await findCommand(name).run(rest);
} catch (error) {
  if (!(
    error instanceof UsageError ||
    error instanceof FormatError ||
    error instanceof RunFailure ||
    error instanceof RangeError
  ))
    throw error;
  console.error(`bitloom ${name}: ${error.message}`);
  process.exitCode = 2;
}
