import { endedIn } from "../../sandbox";
import { outside } from "../../src/text/command";
import { UserError } from "../../src/text/problem";
import { EXIT, type Exit } from "../exit";
import { CHECKOUT } from "../locate";
import { findLeft } from "./find";
import { type Format, printedAs } from "./formats";

/** What is asked of `sandbox env`, and where it says it. */
export interface EnvOptions {
  /** The sandbox's name or folder. Absent: the only one. */
  readonly asked: string | undefined;
  readonly format: Format;
  /** The environment that is added to. */
  readonly env?: NodeJS.ProcessEnv;
  readonly write?: (text: string) => void;
  readonly warn?: (line: string) => void;
}

/** Prints what a shell or a program needs to work in a sandbox, secrets included: to standard output alone. */
export async function envCommand({
  asked,
  format,
  env = process.env,
  write = (text) => void process.stdout.write(text),
  warn = console.error,
}: EnvOptions): Promise<Exit> {
  const left = await findLeft(asked, "sandbox env");
  if (left === undefined)
    throw new UserError(asked === undefined ? "No sandbox runs:" : `There is no sandbox ${asked}:`, [
      {
        where: "sandbox env",
        what: "has nothing to tell",
        remedy: `Start one in the folder of a rollout's stack files: ${outside(CHECKOUT, "sandbox start")}`,
      },
    ]);
  const ended = endedIn(left);
  if (ended.length === left.services.length)
    throw new UserError(`Nothing of the sandbox ${left.name} runs any more:`, [
      {
        where: left.dir,
        what: `holds what is left of it, its logs in ${left.dir}/logs`,
        remedy: `Remove it: ${outside(CHECKOUT, "sandbox stop", left.dir)}`,
      },
    ]);
  if (ended.length > 0)
    warn(
      `Of the sandbox ${left.name} this has ended by itself: ${ended.join(", ")}. Its logs are in ${left.dir}/logs.`,
    );
  write(printedAs(format, left.env, env));
  return EXIT.ok;
}
