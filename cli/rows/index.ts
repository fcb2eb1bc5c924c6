import { footer, type Registration } from "../registration";

export const addRows: Registration = (program, exit) => {
  program
    .command("rows")
    .description("Every row of the two cutover plans: where it is declared, enforced, tested and rehearsed.")
    .argument("[rollout]", "ops-view or v2-pipeline alone")
    .option("--json", "print them as JSON")
    .addHelpText(
      "after",
      footer(
        "Reads this repository's own stack files and data. Where each row is declared is found in the stack files; a test\nholds every other reference to what it names.\n\nExit code 0, or 2 for a rollout that is not one of the two.",
        ["cutover rows", "cutover rows v2-pipeline", "cutover rows --json"],
      ),
    )
    .action(async (only: string | undefined, { json }: { json?: boolean }) => {
      const { rowsCommand } = await import("./run");
      exit(rowsCommand({ only, json }, (line) => console.log(line)));
    });
};
