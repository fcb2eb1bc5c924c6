import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addValidate: Registration = (program, exit) => {
  program
    .command("validate")
    .description("Check a rollout's stack files, offline: every problem at once, or what they declare.")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Reads the stack files, and checks.ts beside them where a gate names a check: no AWS, no Pulumi, no database. What each file says is checked first,\nwhat has to agree between them once each is sound, and then every query, as PostgreSQL's own parser reads it, and whether\nit reads granted tables alone; and what the files set of the AWS provider (aws:).\n\nExit code 0 when they are sound, 1 when not.",
        ["cutover validate", "cutover validate --rollout search", "cutover validate -C rollouts/search"],
      ),
    )
    .action(async ({ cwd }) => {
      const { validateCommand } = await import("./run");
      exit(await validateCommand({ folder: cwd }));
    });
};
