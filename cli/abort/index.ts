import { findLoosely, folder, footer, type Registration, region, rollout } from "../registration";

const byCommas = (names: string) => names.split(",").map((name) => name.trim());

export const addAbort: Registration = (program, exit) => {
  program
    .command("abort")
    .description(
      "Bring flags down now, with AWS credentials alone: no Pulumi lock, state or policy is in the way.",
    )
    .option(
      "-s, --stage <stage>",
      "this stage: down as far as its abortTo says, or to its predecessor's flags",
    )
    .option(
      "--to <where>",
      "how far down: predecessor, off, or a stage's flags; or previous, one phase below what is live",
    )
    .option(
      "--flags <names>",
      "these flags alone, by commas, with what requires them; the others stay",
      byCommas,
    )
    .option("--all", "every flag off")
    .option("--reason <text>", "why, for the ledger and for the people who are told")
    .option("--reopen", "also where the rollout is finished, which ends the finish")
    .addOption(rollout())
    .addOption(region())
    .option("--follow", "then wait for servers and for work in flight, and say what to look at first")
    .addOption(folder())
    .hook("preAction", findLoosely)
    .addHelpText(
      "after",
      footer(
        "Without --rollout it is the one that the folder's stack files declare; where they declare none, or several,\nnothing is lowered before it is named. Where the named one's stack files are not at hand, every flag goes off.\n\nBehind a stage that there is no way back from, flags go down to its floor, and the answer says which stay and why.\n\nExit code 0 when the flags are down as far as they go, 1 when they may not be,\n2 where a finished rollout is to be reopened first.",
        [
          'cutover abort -s stageB --reason "writes are lost"',
          'cutover abort --to previous --reason "one step back: the new step is slow"',
          'cutover abort -s ios --to off --flags IOS_CHECKOUT --reason "the iOS app crashes"',
          'cutover abort --rollout v2-pipeline -s percent50 --follow --reason "imports get stuck"',
          'cutover abort --rollout ops-view --all --reason "no stack files at hand"',
        ],
      ),
    )
    .action(async ({ cwd, ...asked }) => {
      const { abortCommand } = await import("./run");
      exit(await abortCommand({ ...asked, folder: cwd }));
    });
};
