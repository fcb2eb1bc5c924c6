import { footer, type Registration } from "../registration";

export const addRehearse: Registration = (program, exit) => {
  program
    .command("rehearse")
    .description("Promote every stage on this machine: a real engine, a real database, an emulated AWS.")
    .option("--rollout <name>", "a rollout of this repository, by its name")
    .option("-C, --cwd <folder>", "the folder of the rollout's stack files (default: this one)")
    .option("--quick", "the happy path and one abort alone")
    .option("--rows", "prove every row: each gate blocks, each smoke check fails, each alarm fires")
    .option("--all", "every rollout, one after the other")
    .option("--keep", "leave the sandbox running, and say how to point pulumi at it")
    .option("--official-plugins", "download and use the vendor's resource plugins")
    .addHelpText(
      "after",
      footer("Exit code 0 when every step came out as expected, 1 when one did not.", [
        "cutover rehearse",
        "cutover rehearse --rollout v2-pipeline",
        "cutover rehearse -C my-rollout",
        "cutover rehearse -C my-rollout --rows",
        "cutover rehearse --keep",
      ]),
    )
    .action(async (options) => {
      const { rehearse } = await import("./run");
      exit(await rehearse(options));
    });
};
