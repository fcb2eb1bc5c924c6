import type { Command } from "./page";

/** A command that is not typed as it is printed, by name. */
export interface Exception {
  /** The whole command. */
  readonly command: string;
  /** Where it is not typed. Absent: wherever it stands. */
  readonly page?: string;
  /** What it needs that a sandbox does not have. */
  readonly because: string;
}

/** What is done with a command: it is typed, or it is excepted. */
export interface Step<One extends Exception> {
  readonly command: Command;
  readonly exception?: One;
}

/** What comes of a page's commands. */
export function planOf<One extends Exception>(
  commands: readonly Command[],
  exceptions: readonly One[],
): Step<One>[] {
  return commands.map((command) => {
    const exception = exceptions.find((one) => covers(one, command));
    return exception ? { command, exception } : { command };
  });
}

/** Exceptions that no command of any page needs. */
export function unused<One extends Exception>(
  commands: readonly Command[],
  exceptions: readonly One[],
): One[] {
  return exceptions.filter((one) => !commands.some((command) => covers(one, command)));
}

function covers({ command: excepted, page }: Exception, { text, page: where }: Command): boolean {
  return text === excepted && (page === undefined || page === where);
}
