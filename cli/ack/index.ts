import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addAck: Registration = (program, exit) => {
  program
    .command("ack")
    .description("Record that a person saw a page, by the code in it, and tell PagerDuty and Slack so.")
    .argument("<code>", "the code, as it stands in the page")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "It is kept who and when: of a rollback or a drill in the ledger, of a row that only pages beside what is decided about it. Status shows it. Channels that hear what on-call hears are told: PagerDuty acknowledges the incident. No flag changes. Needs AWS credentials and the stack files, no Pulumi.\n\nWhere on-call is subscribed by a queue or a function alone, it also shows that a person is reached: when it is typed within an hour of the page, for 90 days and while the same subscriptions listen.\n\nExit code 0 when it is recorded, also where a channel could not be told, which it says; 1 when not.",
        ["cutover ack K7QM2-XWD9F"],
      ),
    )
    .action(async (code, { cwd }) => {
      const { ackCommand } = await import("./run");
      exit(await ackCommand({ code, folder: cwd }));
    });
};
