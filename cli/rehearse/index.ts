import { Option } from "commander";
import { footer, type Registration } from "../registration";

export const addRehearse: Registration = (program, exit) => {
  program
    .command("rehearse")
    .description("Promote every stage on this machine: a real engine, a real database, an emulated AWS.")
    .addOption(new Option("--rollout <name>", "a rollout of this repository, by its name").conflicts("cwd"))
    .option("-C, --cwd <folder>", "the folder of the rollout's stack files (default: this one)")
    .addOption(new Option("--quick", "the happy path and one abort alone").conflicts("rows"))
    .option("--rows", "prove every row: each gate blocks, each smoke check fails, each alarm fires")
    .addOption(
      // Each sandbox that is kept would be another one to work in.
      new Option("--all", "every rollout, one after the other").conflicts(["cwd", "rollout", "keep"]),
    )
    .option("--keep", "go on until Ctrl-C, and say how to point pulumi at it")
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
