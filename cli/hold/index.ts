import { findLoosely, folder, footer, type Registration, region, rollout } from "../registration";

export const addHold: Registration = (program, exit) => {
  program
    .command("hold")
    .description(
      "Let nothing go up until it is released: lowers nothing, and keeps nothing from coming down.",
    )
    .option("-s, --stage <stage>", "only this stage")
    .requiredOption("--reason <text>", "why, for the ledger and for whoever is held")
    .addOption(rollout())
    .addOption(region())
    .addOption(folder())
    .hook("preAction", findLoosely)
    .addHelpText(
      "after",
      footer("Exit code 0 when the hold is in the ledger, 1 when it may not be.", [
        'cutover hold --reason "the database is being moved"',
        'cutover hold -s stageB --reason "support is not staffed"',
      ]),
    )
    .action(async ({ cwd, ...asked }) => {
      const { holdCommand } = await import("./run");
      exit(await holdCommand("hold", { ...asked, folder: cwd }));
    });
  program
    .command("release")
    .description("End a hold: what is held may go up again once its gates pass.")
    .option("-s, --stage <stage>", "the hold of this stage; without it, every hold")
    .option("--reason <text>", "why, for the ledger")
    .addOption(rollout())
    .addOption(region())
    .addOption(folder())
    .hook("preAction", findLoosely)
    .addHelpText(
      "after",
      footer("Exit code 0 when the release is in the ledger, 1 when it may not be.", ["cutover release"]),
    )
    .action(async ({ cwd, ...asked }) => {
      const { holdCommand } = await import("./run");
      exit(await holdCommand("release", { ...asked, folder: cwd }));
    });
};
