import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addDrill: Registration = (program, exit) => {
  program
    .command("drill")
    .description(
      "Prove that an alarm reaches the servers, without harm: no flag changes, a token beside them does.",
    )
    .requiredOption("-s, --stage <stage>", "the stage whose alarm, topic and switch are tried")
    .option("--page", "only page on-call, with a code for `cutover ack`: no alarm, no drill")
    .option("--json", "print the result as JSON")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "A drill is a deployment of the same flags: soak and sign-offs go on, and a promotion under way is refused.\nNeeds AWS credentials and the stack files, no Pulumi; on-call\nis paged, and reads that nothing is wrong.\n\nThe page carries a code, by which whoever reads it says so: `cutover ack CODE`.\n\nExit code 0 when every server showed it within 120 s, 1 when not.",
        ["cutover drill -s stageB", "cutover drill -s baseline --page"],
      ),
    )
    .action(async ({ stage, json, cwd, page }) => {
      if (page) {
        const { pageCommand } = await import("./page");
        return exit(await pageCommand({ stage, folder: cwd }));
      }
      const { drillCommand } = await import("./run");
      exit(await drillCommand({ stage, json, folder: cwd }));
    });
};
