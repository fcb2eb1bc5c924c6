import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addBackup: Registration = (program, exit) => {
  program
    .command("backup")
    .description("Dump the database for a stage's promotion, and write down what was in it.")
    .requiredOption("-s, --stage <stage>", "the stage that it is taken for")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Runs pg_dump, and counts every table in the very snapshot that is dumped. The dump and its manifest go where `cutover:rollout.backup.dumps` says; a gate of the source `backup` asks for them.\n\nNeeds DATABASE_OWNER_URL, with a login that may read every table, and pg_dump of the server's version or newer: on PATH, or in the folder CUTOVER_POSTGRES_BIN. No Pulumi.\n\nExit code 0 when the dump and its manifest are kept, 1 when not.",
        ["cutover backup -s stageB"],
      ),
    )
    .action(async ({ stage, cwd }) => {
      const { backupCommand } = await import("./run");
      exit(await backupCommand({ stage, folder: cwd }));
    });
};
