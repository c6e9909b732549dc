/** A command of the command line: one file each, one line in `commands.ts`. */
export interface Command {
  readonly name: string;
  /** What `bitloom help` prints. */
  readonly usage: string;
  /** Gives the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}
