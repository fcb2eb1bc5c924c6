import { SetupError } from "../sandbox/host/errors";
import { endingOf } from "../src/aws/known";
import { UserError } from "../src/text/problem";
import { plainText } from "../src/text/text";
import { EXIT, UsageError } from "./exit";
import { fitting } from "./fitting";
import { buildProgram } from "./program";
import { standWhereTyped } from "./standing";

async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  standWhereTyped();
  const program = buildProgram((given) => {
    code = given;
  });
  // Each command ends the process by itself where it is used wrongly, or asked for its help.
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)])
    command.exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));
  await program.parseAsync(argv);
  return code;
}

// Whoever reads along has seen enough, as in `cutover status --watch | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.ok);
});

main(process.argv)
  .catch((error: unknown) => {
    const told = error instanceof UserError || error instanceof SetupError;
    // An error may quote what a stranger wrote: a note in the ledger, an answer, a stack file.
    console.error(
      told || !process.env.CUTOVER_DEBUG ? fitting(plainText(reason(error)), process.stderr) : error,
    );
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  })
  .then(async (code) => {
    await Promise.all([process.stdout, process.stderr].map(taken));
    process.exit(code);
  });

/** A pipe takes 64 KiB at a time: what its reader has not taken yet would be lost with the process. */
function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => void stream.write("", () => done()));
}

/** What a person can act on; CUTOVER_DEBUG=1 shows the stack of what is not one of our own errors. */
function reason(error: unknown): string {
  return error instanceof UserError || error instanceof SetupError
    ? error.message
    : endingOf(error, " (CUTOVER_DEBUG=1 shows where)");
}
