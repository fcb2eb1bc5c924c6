import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addEnv: Registration = (program, exit) => {
  program
    .command("env")
    .description("Print the flags as environment variables: the lines to paste where servers read them.")
    .option("-s, --stage <stage>", "print what this stage raises the flags to, instead of what is live")
    .option("-d, --delivery <name>", "under the names of this delivery alone, and the flags that it carries")
    .option("-w, --write <file>", "keep this file as the ledger has the flags, until it is ended")
    .option("--run <command>", "run this in a shell whenever the file has changed, to start servers anew")
    .option("--within <duration>", "how long that command may take", "2m")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Reads what is live in the ledger: needs AWS credentials and the stack files, no Pulumi. With a stage it needs the stack files alone. Lines of KEY=value alone go to the standard output, what they are to the other one.\n\nWith --write it goes on until it is ended: it looks at the ledger every five seconds, replaces the file as a whole (0600), and runs the command until it succeeds. A ledger that cannot be read moves no flag.\n\nExit code 0 when they are printed, 1 when the ledger cannot be read.",
        [
          "cutover env",
          "cutover env -s stageA",
          "cutover env -d web > .env",
          'cutover env --write flags.env --run "docker compose up -d"',
        ],
      ),
    )
    .action(async ({ cwd, ...options }) => {
      const { envCommand } = await import("./run");
      exit(await envCommand({ ...options, folder: cwd }));
    });
};
