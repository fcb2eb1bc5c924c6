import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addPreview: Registration = (program, exit) => {
  program
    .command("preview")
    .description("What bringing a stage up would do, and whether it may: as a pull request comment.")
    .requiredOption("-s, --stage <stage>", "the stage's stack")
    .option("--markdown <file>", "write the comment to a file")
    .option("--base <commit>", "compare with what the rollout is held to there: the base of a pull request")
    .option("--copy", "the state is a copy without secrets, as cutover ci state makes it")
    .option("--json", "print the same for machines")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Runs a real pulumi preview with the policy pack, and changes nothing. What it writes is redacted: no secret,\naccount number or address. A stage that is blocked, and a preview that fails, are told in full as well.\n\nWith --copy nothing that the stack file encrypts is asked for, and no key of it: what needs a password, or a token that PREVIEW_TOKENS does not have, is inconclusive, and says so.\n\nExit code 0 when the stage may be brought up, 3 when it is blocked, 1 when that could not be found out.",
        ["cutover preview -s stageB", "cutover preview -s stageB --markdown comment.md"],
      ),
    )
    .action(async ({ stage, markdown, json, base, copy, cwd }) => {
      const { previewCommand } = await import("./run");
      exit(await previewCommand({ stage, markdown, json, base, copy, folder: cwd }));
    });
};
