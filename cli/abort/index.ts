import { folder, footer, type Registration } from "../registration";

export const addAbort: Registration = (program, exit) => {
  program
    .command("abort")
    .description(
      "Bring flags down now, with AWS credentials alone: no Pulumi lock, state or policy is in the way.",
    )
    .option("-s, --stage <stage>", "down to the flags of this stage's predecessor")
    .option("--all", "every flag off")
    .option("--reason <text>", "why, for the ledger and for the people who are told")
    .option("--rollout <name>", "the rollout's name, where its stack files are not at hand")
    .option("--follow", "then wait for servers and for work in flight, and say what to look at first")
    .addOption(folder())
    .addHelpText(
      "after",
      footer("Exit code 0 when the flags are down, 1 when they may not be.", [
        'cutover abort -s stageB --reason "writes are lost"',
        'cutover abort -s percent50 --follow --reason "imports get stuck"',
        'cutover abort --all --rollout ops-view --reason "no checkout at hand"',
      ]),
    )
    .action(async ({ cwd, ...asked }) => {
      const { abortCommand } = await import("./run");
      exit(await abortCommand({ ...asked, folder: cwd }));
    });
};
