import { InvalidArgumentError } from "commander";
import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addStatus: Registration = (program, exit) => {
  program
    .command("status")
    .description(
      "How the rollout stands: stages, attempts, flags, gates, alarms, the last drill, the next message.",
    )
    .option("-s, --stage <stage>", "this stage alone, with every gate, alarm and message of it")
    .option("--gates", "measure every gate of the next stage, as its promotion would; takes pulumi and time")
    .option("--watch [seconds]", "draw it anew every so many seconds (5), until Ctrl-C", seconds)
    .option("--json", "print it as JSON; with --watch, one document per line")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Needs AWS credentials and the stack files, no Pulumi. What cannot be read is shown as unknown, with why.\nOf the next stage's gates, those are judged that cost nothing: soak, sign-offs, drill, dates and alarms.\n\nExit code 0 when all of it is known and in order, 1 when a part is unknown, 3 when something has to be looked\nat: a stage that was aborted, an alarm that fires, flags that cutover did not put there.",
        [
          "cutover status",
          "cutover status -s stageB",
          "cutover status --watch",
          "cutover status --json | jq .stages",
        ],
      ),
    )
    .action(async ({ cwd, watch, ...options }) => {
      const { statusCommand } = await import("./run");
      const every = watch === true ? 5 : watch;
      exit(await statusCommand({ ...options, folder: cwd, ...(every ? { watch: every * 1_000 } : {}) }));
    });
};

function seconds(text: string): number {
  const number = Number(text);
  if (!(number >= 1 && number <= 3_600))
    throw new InvalidArgumentError("A number of seconds from 1 to 3600.");
  return number;
}
