import { footer, type Registration } from "../registration";

export const addInit: Registration = (program, exit) => {
  program
    .command("init")
    .argument("[folder]", "where the files go", ".")
    .description(
      "Write the files of a new rollout, with comments that explain them. Never overwrites a file.",
    )
    .option("--name <name>", "the rollout's name")
    .option(
      "--flag <name[:percentage]>",
      "a flag; give it once for each. Boolean, or NAME:percentage",
      (flag: string, before: string[] | undefined) => [...(before ?? []), flag],
    )
    .option("--stages <names>", "the stages in order, with commas; baseline comes before them by itself")
    .addHelpText(
      "after",
      footer(
        "Asks for what is not given, on a terminal only. Exit code 0 when the files are written, 1 when they cannot\nbe, 2 when something is not given and nobody can be asked.",
        [
          "cutover init",
          "cutover init rollouts/search --name search --flag SEARCH_READ --flag SEARCH_WRITE --stages stageA,stageB",
          "cutover init rollouts/import --name import --flag IMPORT_PERCENT:percentage --stages p10,p50,p100",
        ],
      ),
    )
    .action(async (folder: string, { name, flag, stages }) => {
      const { initCommand } = await import("./run");
      exit(await initCommand({ folder, name, flags: flag, stages }));
    });
};
