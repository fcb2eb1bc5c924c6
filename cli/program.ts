import { Command } from "commander";
import { addAbort } from "./commands/abort";
import { addCheck } from "./commands/check";
import type { Registration } from "./commands/command";
import { addCompletion } from "./commands/completion";
import { addDismiss } from "./commands/dismiss";
import { addDrill } from "./commands/drill";
import { addInit } from "./commands/init";
import { addPreview } from "./commands/preview";
import { addProve } from "./commands/prove";
import { addQuery } from "./commands/query";
import { addRehearse } from "./commands/rehearse";
import { addReport } from "./commands/report";
import { addRunbook } from "./commands/runbook";
import { addSandbox } from "./commands/sandbox";
import { addStatus } from "./commands/status";
import { EXIT_CODES } from "./exit";

/** In the order in which `--help` lists them. */
const COMMANDS: readonly Registration[] = [
  addRehearse,
  addInit,
  addStatus,
  addPreview,
  addRunbook,
  addAbort,
  addDismiss,
  addDrill,
  addCheck,
  addProve,
  addQuery,
  addReport,
  addSandbox,
  addCompletion,
];

/**
 * The whole program, as it is declared. Loads nothing of what its commands do.
 *
 * @param exit takes the exit code that a command ends with
 */
export function buildProgram(exit: (code: number) => void): Command {
  const program = new Command("cutover")
    .description(
      "Feature-flag cutovers as code: only measured evidence raises a flag, and alarms lower it again.",
    )
    .addHelpText(
      "after",
      `\nExit codes:\n${EXIT_CODES.map(([code, words]) => `  ${code}  ${words}`).join("\n")}`,
    );
  for (const add of COMMANDS) add(program, exit);
  return program;
}
