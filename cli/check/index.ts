import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addCheck: Registration = (program, exit) => {
  program
    .command("check")
    .description("Measure what must hold before a stage may be left: its exit gates.")
    .requiredOption("-s, --stage <stage>", "the stage's stack")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer("Exit code 3 where a gate does not pass, or lets pass what is known to be bad.", [
        "cutover check -s stageB",
      ]),
    )
    .action(async ({ stage, cwd }) => {
      const { checkExit } = await import("./run");
      exit(await checkExit(cwd, stage, (line) => console.log(line)));
    });
};
