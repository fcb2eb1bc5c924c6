import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addReport: Registration = (program, exit) => {
  program
    .command("report")
    .description(
      "Write the rollout as one page: what happened, every signal with its limits, the evidence of each attempt.",
    )
    .option("--html <file>", "where the page goes")
    .option("--json", "print the same as JSON")
    .option("--events <file>", "a JSON list of what else happened, for the timeline")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "The page needs no network and no server: open it, attach it, print it. Reads AppConfig, CloudWatch and, where\npulumi has a state backend here, the records in the stacks' state. What cannot be read is shown as unknown, and named on\nstandard error. Secrets, account numbers and addresses are left out.\n\nExit code 0 when it was written, 1 when not.",
        ["cutover report --html report.html", "cutover report --json -C rollouts/v2-pipeline"],
      ),
    )
    .action(async ({ cwd, ...asked }) => {
      const { reportCommand } = await import("./run");
      exit(await reportCommand({ ...asked, folder: cwd }));
    });
};
