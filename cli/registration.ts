import { type AddHelpTextContext, type Command, Option } from "commander";
import { pageWidth } from "../src/text/page";
import { wrapped } from "../src/text/wrap";

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

/** Whose stack files are meant, from wherever it is typed. */
export const rollout = (): Option =>
  new Option("--rollout <name>", "the rollout, wherever its stack files are in this repository");

/** Where AWS is asked, whatever the shell is set to. */
export const region = (): Option => new Option("--region <name>", "the AWS region, instead of AWS_REGION");

/** Before a command that reads stack files: finds them, and sets the region. */
export async function find(_: Command, command: Command): Promise<void> {
  setRegion(_, command);
  const { cwd, rollout: name } = command.opts<{ cwd: string; rollout?: string }>();
  const { folderOf, requireFolder } = await import("./locate");
  requireFolder(cwd);
  if (name !== undefined) command.setOptionValue("cwd", folderOf(name, cwd));
}

/** Before a command that finds its rollout by itself: whoever names it needs no folder to bring it down. */
export async function findLoosely(_: Command, command: Command): Promise<void> {
  setRegion(_, command);
  const { cwd, rollout: name } = command.opts<{ cwd: string; rollout?: string }>();
  if (name !== undefined) return;
  const { requireFolder } = await import("./locate");
  requireFolder(cwd);
}

function setRegion(_: Command, command: Command): void {
  const { region: name } = command.opts<{ region?: string }>();
  if (name !== undefined) process.env.AWS_REGION = name;
}

/**
 * What stands below a command's options: what it needs and does beyond one sentence, and how it is typed. Its
 * paragraphs stand apart by an empty line; where their lines end is the terminal's matter.
 */
export function footer(words: string, examples: readonly string[]): (context: AddHelpTextContext) => string {
  const paragraphs = words.replaceAll(/(?<!\n)\n(?!\n)/g, " ");
  return (context) =>
    `\n${wrapped(paragraphs, helpWidth(context))}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`;
}

/** How wide help is: as the terminal that it is printed to. */
export function helpWidth({ command, error }: AddHelpTextContext): number {
  const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput();
  return pageWidth((error ? getErrHelpWidth : getOutHelpWidth)?.());
}
