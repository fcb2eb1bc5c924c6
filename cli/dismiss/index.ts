import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addDismiss: Registration = (program, exit) => {
  program
    .command("dismiss")
    .description("Record that an alarm which only pages needs no rollback: on-call is not reminded of it.")
    .requiredOption("-s, --stage <stage>", "the stage whose alarm it is")
    .requiredOption("--row <id>", "the row that fired, as the page names it")
    .requiredOption("--reason <text>", "why, for the record and for on-call")
    .option("--by <name>", "who decided. Default: whoever is logged in here")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "It counts for every alarm of the row before now, and for none that fires later. Needs AWS credentials and\nthe stack files, no Pulumi.\n\nExit code 0 when it is recorded, 1 when not.",
        ['cutover dismiss -s percent10 --row T3 --reason "one user, an unrelated file"'],
      ),
    )
    .action(async ({ cwd, ...asked }) => {
      const { dismissCommand } = await import("./run");
      exit(await dismissCommand({ ...asked, folder: cwd }));
    });
};
