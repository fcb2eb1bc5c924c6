import { Option } from "commander";
import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addDrill: Registration = (program, exit) => {
  program
    .command("drill")
    .description(
      "Prove that an alarm reaches the servers, without harm: no flag changes, a token beside them does.",
    )
    .requiredOption("-s, --stage <stage>", "the stage whose alarm, topic and switch are tried")
    .addOption(
      new Option("--page", "only page on-call, with a code to acknowledge: no alarm, no drill").conflicts(
        "acknowledge",
      ),
    )
    .option("--acknowledge <code>", "record that a person read a page, by the code in it")
    .option("--json", "print the result as JSON")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "A drill is a deployment of the same flags: soak and sign-offs go on, and a promotion under way is refused.\nNeeds AWS credentials and the stack files, no Pulumi; on-call\nis paged, and reads that nothing is wrong.\n\nWhere on-call is subscribed by a queue or a function alone, a person counts who acknowledged the newest page within\nan hour, for 90 days and while the same subscriptions listen.\n\nExit code 0 when every server showed it within 120 s, 1 when not.",
        ["cutover drill -s stageB", "cutover drill -s stageB --acknowledge K7QM2-XWD9F"],
      ),
    )
    .action(async ({ stage, json, cwd, page, acknowledge }) => {
      if (page || acknowledge !== undefined) {
        const { acknowledgeCommand, pageCommand } = await import("./acknowledge");
        const asked = { stage, folder: cwd };
        return exit(await (page ? pageCommand(asked) : acknowledgeCommand(acknowledge, asked)));
      }
      const { drillCommand } = await import("./run");
      exit(await drillCommand({ stage, json, folder: cwd }));
    });
};
