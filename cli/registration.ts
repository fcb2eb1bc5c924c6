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

interface Given {
  readonly cwd: string;
  readonly rollout?: string;
  readonly stage?: string;
  readonly region?: string;
}

/** Before a command that reads stack files: finds them, and asks AWS as their stacks do. */
export async function find(_: Command, command: Command): Promise<void> {
  const { cwd, rollout: name } = command.opts<Given>();
  const { folderOf, requireFolder } = await import("./locate");
  requireFolder(cwd);
  const folder = name === undefined ? cwd : folderOf(name, cwd);
  command.setOptionValue("cwd", folder);
  await act(command, folder, false);
}

/** Before a command that finds its rollout by itself: whoever names it needs no folder to bring it down. */
export async function findLoosely(_: Command, command: Command): Promise<void> {
  const { cwd, rollout: name } = command.opts<Given>();
  const { foldersOf, requireFolder } = await import("./locate");
  if (name === undefined) requireFolder(cwd);
  const [folder, another] = name === undefined ? [cwd] : foldersOf(name, cwd);
  await act(command, another === undefined ? folder : undefined, true);
}

/** A command that asks AWS says where by an option. */
async function act(command: Command, folder: string | undefined, lowers: boolean): Promise<void> {
  if (!command.options.some(({ long }) => long === "--region")) return;
  const { callsFor } = await import("../src/aws/denied");
  const { roleOf } = await import("./roleOf");
  callsFor(roleOf(command.name()));
  const { stage, region } = command.opts<Given>();
  const { actAsStack } = await import("./identity");
  actAsStack({ folder, stage, region, lowers });
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
