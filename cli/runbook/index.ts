import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addRunbook: Registration = (program, exit) => {
  program
    .command("runbook")
    .description("The stage's runbook for people, as Markdown: gates, aborts, ways back, messages, commands.")
    .requiredOption("-s, --stage <stage>", "the stage's stack")
    .option("-o, --output <file>", "write it there instead of printing it")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer("Needs the stack files alone. Exit code 0 when it is written, 1 when it cannot be.", [
        "cutover runbook -s stageB",
        "cutover runbook -s stageB -o runbook-stageB.md",
      ]),
    )
    .action(async ({ stage, output, cwd }) => {
      const { runbookCommand } = await import("./run");
      exit(runbookCommand({ stage, output, folder: cwd }));
    });
};
