import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addEnv: Registration = (program, exit) => {
  program
    .command("env")
    .description("Print the flags as environment variables: the lines to paste where servers read them.")
    .option("-s, --stage <stage>", "print what this stage raises the flags to, instead of what is live")
    .option("-d, --delivery <name>", "under the names of this delivery alone, and the flags that it carries")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Reads what is live in the ledger: needs AWS credentials and the stack files, no Pulumi. With a stage it needs the stack files alone. Lines of KEY=value alone go to the standard output, what they are to the other one.\n\nExit code 0 when they are printed, 1 when the ledger cannot be read.",
        ["cutover env", "cutover env -s stageA", "cutover env -d web > .env"],
      ),
    )
    .action(async ({ cwd, ...options }) => {
      const { envCommand } = await import("./run");
      exit(await envCommand({ ...options, folder: cwd }));
    });
};
