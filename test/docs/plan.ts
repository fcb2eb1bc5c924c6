import type { Command } from "./page";

/** A command that a test does not type as it is printed, by name. */
export interface Exception {
  /** How the command begins. */
  readonly command: string;
  /** What it needs that a sandbox does not have. */
  readonly because: string;
}

/** What is done with a command: it is typed, or it is excepted. */
export interface Step {
  readonly command: Command;
  readonly exception?: Exception;
}

/** What comes of a page's commands. */
export function planOf(commands: readonly Command[], exceptions: readonly Exception[]): Step[] {
  return commands.map((command) => {
    const exception = exceptions.find((one) => covers(one, command));
    return exception ? { command, exception } : { command };
  });
}

/** Exceptions that no command of any page needs. */
export function unused(commands: readonly Command[], exceptions: readonly Exception[]): Exception[] {
  return exceptions.filter((one) => !commands.some((command) => covers(one, command)));
}

/** Whole words: `npm test` is not `npm tests`. */
function covers({ command: name }: Exception, { text }: Command): boolean {
  return text === name || text.startsWith(`${name} `);
}
