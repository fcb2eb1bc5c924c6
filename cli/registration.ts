import { type Command, Option } from "commander";

/**
 * Adds one command to the program. The `index.ts` of a command's folder holds its words alone: what the command does is
 * imported when it runs, so that `--help` and the shell's completion need not load the AWS SDK.
 *
 * @param exit takes the exit code that the command ends with
 */
export type Registration = (program: Command, exit: (code: number) => void) => void;

/** Where the stack files are. */
export const folder = (): Option =>
  new Option("-C, --cwd <folder>", "the project's folder").default(process.cwd(), "this one");

/** What stands below a command's options: what it needs and does beyond one sentence, and how it is typed. */
export function footer(words: string, examples: readonly string[]): string {
  return `\n${words}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`;
}
