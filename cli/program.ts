import { Command } from "commander";
import { packaged } from "../src/text/packaged";
import { wrapped } from "../src/text/wrap";
import { addAbort } from "./abort";
import { addAck } from "./ack";
import { addBackup } from "./backup";
import { addCheck } from "./check";
import { addCi } from "./ci";
import { addCompletion } from "./completion";
import { addDismiss } from "./dismiss";
import { addDoctor } from "./doctor";
import { addDrill } from "./drill";
import { addEnv } from "./env";
import { EXIT_CODES } from "./exit";
import { addFinish } from "./finish";
import { fitting } from "./fitting";
import { addHold } from "./hold";
import { addIn } from "./in";
import { addInit } from "./init";
import { addPermissions } from "./permissions";
import { addPreview } from "./preview";
import { addProve } from "./prove";
import { addProveBackup } from "./prove-backup";
import { addQuery } from "./query";
import { helpWidth, type Registration } from "./registration";
import { addRehearse } from "./rehearse";
import { addReport } from "./report";
import { addRetire } from "./retire";
import { addRows } from "./rows";
import { addRunbook } from "./runbook";
import { addSandbox } from "./sandbox";
import { addStatus } from "./status";
import { addValidate } from "./validate";
import { versionOf } from "./version";

/** In the order in which `--help` lists them. */
const COMMANDS: readonly Registration[] = [
  addRehearse,
  addInit,
  addValidate,
  addDoctor,
  addStatus,
  addPreview,
  addRunbook,
  addAbort,
  addFinish,
  addHold,
  addDismiss,
  addAck,
  addDrill,
  addCheck,
  addProve,
  addBackup,
  addProveBackup,
  addQuery,
  addEnv,
  addReport,
  addRetire,
  // Its table is of this repository's own plans.
  ...(packaged() ? [] : [addRows]),
  addIn,
  addPermissions,
  addCi,
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
    .version(versionOf(), "-V, --version", "print the version of cutover, and nothing else")
    .description(
      "Feature-flag cutovers as code: only measured evidence raises a flag, and alarms lower it again.",
    )
    .addHelpText(
      "after",
      (context) =>
        `\nExit codes:\n${EXIT_CODES.map(([code, words]) => wrapped(`  ${code}  ${words}`, helpWidth(context))).join("\n")}`,
    );
  // Descriptions wrap beside their options also where little room is left for them.
  program.configureHelp({ minWidthToWrap: 20 });
  // Its words on wrong usage, which quote what was typed and what there is instead.
  program.configureOutput({ outputError: (said, write) => write(fitting(said, process.stderr)) });
  // A command that runs another one leaves that one's options alone.
  program.enablePositionalOptions();
  for (const add of COMMANDS) add(program, exit);
  return program;
}
