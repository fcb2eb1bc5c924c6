import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addRetire: Registration = (program, exit) => {
  program
    .command("retire")
    .description(
      "Take a rollout's foundation away, once it is finished or given up and nobody reads its flags.",
    )
    .option("--yes", "do not ask before anything is taken away")
    .option("--servers-done <text>", "your word that no server reads the flags, where the rollout lists none")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Looks first, and names all that stands in its way: a rollout that is neither finished nor given up with every flag\noff, a stage's stack that still holds resources, a server that does not say that its flags come from elsewhere. Says\nwhat each flag must be in code. Then it deletes the environment, the flag documents and the profile in AppConfig, and\nthe first stage's stack with pulumi destroy. Killed on the way, it goes on where it was once it is typed again.\n\nExit code 0 when all is gone, 3 where something stands in its way, 1 for anything else.",
        [
          "cutover retire",
          'cutover retire --yes --servers-done "release 2.55 has them in code, on all 40 hosts"',
        ],
      ),
    )
    .action(async ({ cwd, yes, serversDone }) => {
      const { retireCommand } = await import("./run");
      exit(await retireCommand({ folder: cwd, yes, serversDone }));
    });
};
