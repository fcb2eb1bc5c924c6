import { Command } from "commander";
import { reasonOf, UserError } from "../model/problem";
import { SetupError } from "../sandbox/errors";
import { addAbort } from "./commands/abort";
import { addCheck } from "./commands/check";
import type { Registration } from "./commands/command";
import { addDismiss } from "./commands/dismiss";
import { addDrill } from "./commands/drill";
import { addPreview } from "./commands/preview";
import { addProve } from "./commands/prove";
import { addRehearse } from "./commands/rehearse";
import { addReport } from "./commands/report";
import { addRunbook } from "./commands/runbook";
import { addSandbox } from "./commands/sandbox";
import { addStatus } from "./commands/status";

/** In the order in which `--help` lists them. */
const COMMANDS: readonly Registration[] = [
  addRehearse,
  addStatus,
  addPreview,
  addRunbook,
  addAbort,
  addDismiss,
  addDrill,
  addCheck,
  addProve,
  addReport,
  addSandbox,
];

/** Exit codes: 0 as wished, 1 failed or not as expected, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command("cutover")
    .description(
      "Feature-flag cutovers as code: only measured evidence raises a flag, and alarms lower it again.",
    )
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  for (const add of COMMANDS)
    add(program, (given) => {
      code = given;
    });
  await program.parseAsync(argv);
  return code;
}

main(process.argv)
  .catch((error: unknown) => {
    const told = error instanceof UserError || error instanceof SetupError;
    console.error(told || !process.env.CUTOVER_DEBUG ? reason(error) : error);
    return 1;
  })
  .then((code) => process.exit(code));

/** What a person can act on; CUTOVER_DEBUG=1 shows the stack of what is not one of our own errors. */
function reason(error: unknown): string {
  return error instanceof UserError || error instanceof SetupError
    ? error.message
    : `${reasonOf(error)} (CUTOVER_DEBUG=1 shows where)`;
}
