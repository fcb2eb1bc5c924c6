import { Command } from "commander";
import { reasonOf, UserError } from "../model/problem";
import { SetupError, stopSandbox } from "../sandbox";
import { abortCommand } from "./abort";
import { drillCommand } from "./drill";
import { checkExit, proveGates } from "./gates";
import { rehearse } from "./rehearse";

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
  program
    .command("rehearse")
    .description("Promote every stage on this machine: a real engine, a real database, an emulated AWS.")
    .option("--keep", "leave the sandbox running, and say how to point pulumi at it")
    .option("--official-plugins", "download and use the vendor's resource plugins")
    .action(async (options) => {
      code = await rehearse(options);
    });
  program
    .command("abort")
    .description(
      "Bring flags down now, with AWS credentials alone: no Pulumi lock, state or policy is in the way.",
    )
    .option("-s, --stage <stage>", "down to the flags of this stage's predecessor")
    .option("--all", "every flag off")
    .option("--reason <text>", "why, for the ledger and for the people who are told")
    .option("--rollout <name>", "the rollout's name, where its stack files are not at hand")
    .option("-C, --cwd <folder>", "the project's folder", process.cwd())
    .addHelpText(
      "after",
      '\nExit code 0 when the flags are down, 1 when they may not be.\nExamples:\n  cutover abort -s stageB --reason "writes are lost"\n  cutover abort --all --rollout ops-view --reason "no checkout at hand"',
    )
    .action(async ({ cwd, ...asked }) => {
      code = await abortCommand({ ...asked, folder: cwd });
    });
  program
    .command("drill")
    .description(
      "Prove that an alarm reaches the servers, without harm: no flag changes, a token beside them does.",
    )
    .requiredOption("-s, --stage <stage>", "the stage whose alarm, topic and switch are tried")
    .option("--json", "print the result as JSON")
    .option("-C, --cwd <folder>", "the project's folder", process.cwd())
    .addHelpText(
      "after",
      "\nA drill is a deployment: the soak of the live stage begins anew with it, and sign-offs made before it no\nlonger count. Run it right after the promotion. Needs AWS credentials and the stack files, no Pulumi; on-call\nis paged, and reads that nothing is wrong.\n\nExit code 0 when every server showed it within 120 s, 1 when not. Example: cutover drill -s stageB",
    )
    .action(async ({ stage, json, cwd }) => {
      code = await drillCommand({ stage, json, folder: cwd });
    });
  program
    .command("check")
    .description("Measure what must hold before a stage may be left: its exit gates.")
    .requiredOption("-s, --stage <stage>", "the stage's stack")
    .option("-C, --cwd <folder>", "the project's folder", process.cwd())
    .addHelpText("after", "\nExit code 1 where a gate does not pass. Example: cutover check -s stageB")
    .action(async ({ stage, cwd }) => {
      code = await checkExit(cwd, stage, (line) => console.log(line));
    });
  program
    .command("prove")
    .description("Run each gate's known-bad probe: a gate that can never fail is found.")
    .requiredOption("-s, --stage <stage>", "the stage's stack")
    .option("-C, --cwd <folder>", "the project's folder", process.cwd())
    .addHelpText(
      "after",
      "\nExit code 1 where a probe passes its gate, or cannot run. Example: cutover prove -s stageB",
    )
    .action(async ({ stage, cwd }) => {
      code = await proveGates(cwd, stage, (line) => console.log(line));
    });
  program
    .command("sandbox")
    .description("Sandboxes that were left running.")
    .command("stop <folder>")
    .description("End everything that a sandbox left running, and remove its folder.")
    .action((folder: string) => stopSandbox(folder));
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
