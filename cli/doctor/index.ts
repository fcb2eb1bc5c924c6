import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addDoctor: Registration = (program, exit) => {
  program
    .command("doctor")
    .description("Look whether the set-up is as it has to be, before the first `up` and at any time.")
    .option("--json", "print it as JSON: each line, with what to do")
    .option("--within <duration>", "how long all of it may take", "10s")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Looks at versions, stack files, state, identity, the network, the database, who would be paged and by which channel, quotas, and at what every gate, smoke check and abort row looks at. Changes nothing: no request of a gate that writes is sent. What the first `up` makes is told as not there yet.\n\nExit code 1 where something has to be mended, or could not be looked at.",
        ["cutover doctor", "cutover doctor --json | jq '.lines[] | select(.state == \"fault\")'"],
      ),
    )
    .action(async ({ cwd, json, within }) => {
      const { doctorCommand } = await import("./run");
      exit(await doctorCommand({ folder: cwd, json, within }));
    });
};
