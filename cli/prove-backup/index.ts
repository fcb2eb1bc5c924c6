import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addProveBackup: Registration = (program, exit) => {
  program
    .command("prove-backup")
    .description("Restore a stage's backup into a scratch server, and compare it with what was dumped.")
    .option("-s, --stage <stage>", "the stage that it was taken for (default: that of the newest backup)")
    .option("--snapshot", "restore the snapshot that its promotion took, to a temporary instance of RDS")
    .option("--json", "print the record as JSON")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "The scratch server is the PostgreSQL that comes with cutover; it listens on this machine alone, and is thrown away. Rows and contents of every table, and the answers to `cutover:rollout.backup.queries`, must be those of the snapshot that was dumped. What became of it is written down beside the dump, and a gate of the source `restored` asks for it.\n\nWith --snapshot it is a temporary RDS instance, or Aurora cluster, beside the database, and deleted afterwards. All of it is read, and held against the database, for which DATABASE_OWNER_URL is needed, and a way into its network.\n\nNeeds, without --snapshot, no database of yours, and no Pulumi; pg_restore as new as the pg_dump that was used, and room for the whole database.\n\nExit code 0 where it came back as it was dumped, 1 where not.",
        [
          "cutover prove-backup",
          "cutover prove-backup -s stageB",
          "cutover prove-backup -s stageB --snapshot",
        ],
      ),
    )
    .action(async ({ stage, cwd, json, snapshot }) => {
      const { proveBackupCommand } = await import("./run");
      exit(await proveBackupCommand({ stage, folder: cwd, json, snapshot }));
    });
};
