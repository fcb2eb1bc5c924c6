import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addProve: Registration = (program, exit) => {
  program
    .command("prove")
    .description("Run each gate's known-bad probe: a gate that can never fail is found.")
    .requiredOption("-s, --stage <stage>", "the stage's stack")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer("Exit code 1 where a probe passes its gate, or cannot run.", ["cutover prove -s stageB"]),
    )
    .action(async ({ stage, cwd }) => {
      const { proveGates } = await import("./run");
      exit(await proveGates(cwd, stage, (line) => console.log(line)));
    });
};
