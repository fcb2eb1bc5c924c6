import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addFinish: Registration = (program, exit) => {
  program
    .command("finish")
    .description(
      "End a rollout that came out well: the exit gates of its last stage hold, and its flags stay.",
    )
    .requiredOption("--reason <text>", "why, for the ledger and for whoever reads it later")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "The last stage is live by its own promotion and settled, nothing is held, stopped or under way, and no alarm that\nrolls back rings. Changes no flag; sends the messages with when: finish. Typed again, it goes on where it was stopped.\n\nExit code 0 when it is finished and everyone was told, 3 where an exit gate does not pass, 1 for anything else.",
        ['cutover finish --reason "two days without a complaint"'],
      ),
    )
    .action(async ({ reason, cwd }) => {
      const { finishCommand } = await import("./run");
      exit(await finishCommand({ reason, folder: cwd }));
    });
};
