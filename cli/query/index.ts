import { find, folder, footer, type Registration, region, rollout } from "../registration";

export const addQuery: Registration = (program, exit) => {
  program
    .command("query")
    .description("Ask Q1 to Q6 of the imports, and show how to read the answers against the gates.")
    .argument(
      "[ids...]",
      "Q1 success rate, Q2 stuck imports, Q3 durations, Q4 errors, Q5 versions, Q6 timeline",
    )
    .option("-s, --stage <stage>", "read the answers against this stage's gates alone")
    .option("--last <duration>", "how far back to look, such as 24h, 90m or 7d (default: 24h)")
    .option("--since <time>", "from when on, such as 2026-11-21T10:00:00Z, instead of --last")
    .option("--until <time>", "up to when, exclusively (default: now)")
    .option("--older-than <duration>", "from which age on an import that has not ended is stuck", "2h")
    .option("--baseline", "show the answers that were recorded before the first stage, and ask nothing")
    .option("--json", "print them as JSON")
    .addOption(folder())
    .addOption(rollout())
    .addOption(region())
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "Asks as the gate role, which can only read: needs the stack files, pulumi for the login, and the database.\nBeside each answer stands the baseline, which the first stage's stack recorded when it was first brought up.\n\nExit code 1 where a question has no answer, 2 for a wrong question.",
        ["cutover query", "cutover query Q1 Q5 --last 1h", "cutover query Q2 --older-than 30m -s percent10"],
      ),
    )
    .action(async (ids: string[], { cwd, ...options }) => {
      const { queryCommand } = await import("./run");
      exit(await queryCommand({ ...options, ids, folder: cwd }, (line) => console.log(line)));
    });
};
