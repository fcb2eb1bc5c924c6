import { footer, type Registration } from "../registration";

export const addSandbox: Registration = (program) => {
  program
    .command("sandbox")
    .description("Sandboxes that were left running.")
    .command("stop <folder>")
    .description("End everything that a sandbox left running, and remove its folder.")
    .addHelpText(
      "after",
      footer("The folder is the one that rehearse --keep names.", [
        "cutover sandbox stop /tmp/cutover-x1y2z3",
      ]),
    )
    .action(async (folder: string) => {
      const { stopSandbox } = await import("../../sandbox");
      await stopSandbox(folder);
    });
};
