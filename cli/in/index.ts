import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addIn: Registration = (program, exit) => {
  program
    .command("in")
    .description("Run a command, such as pulumi, in the folder of a rollout, with the policy pack.")
    .argument("<command...>", "the command with its own options")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .passThroughOptions()
    .addHelpText(
      "after",
      footer(
        "Pages, runbooks and comments print it, since who reads them stands anywhere. Options of this command come before\nthe other one. The policy pack is cutover's own, unless PULUMI_OPTION_POLICY_PACK names another.\n\nExit code 1 where it cannot be started, and else the command's own.",
        ["cutover in --rollout v2-pipeline pulumi preview -s percent10"],
      ),
    )
    .action(async (words: string[], { cwd }) => {
      const { runIn } = await import("../runIn");
      exit(await runIn(cwd, words));
    });
};
