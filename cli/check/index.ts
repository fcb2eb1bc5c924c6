import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addCheck: Registration = (program, exit) => {
  program
    .command("check")
    .description("Measure what must hold before a stage may be left: its exit gates.")
    .requiredOption("-s, --stage <stage>", "the stage's stack")
    .option("--json", "print it as JSON: each gate, and how it came out on what is bad")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer("Exit code 3 where a gate does not pass, or lets pass what is known to be bad.", [
        "cutover check -s stageB",
        "cutover check -s stageB --json | jq '.gates[] | select(.outcome != \"pass\")'",
      ]),
    )
    .action(async ({ stage, cwd, json }) => {
      const { checkCommand } = await import("./run");
      exit(await checkCommand({ stage, folder: cwd, json }));
    });
};
