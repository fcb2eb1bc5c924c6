import { footer, type Registration } from "../registration";

const each = (one: string, before: string[] | undefined) => [...(before ?? []), one];
const words = (some: string) => some.split(",").map((word) => word.trim());

export const addInit: Registration = (program, exit) => {
  program
    .command("init")
    .argument("[folder]", "where the files go", ".")
    .description(
      "Write the files of a new rollout, with comments that explain them. Never overwrites a file.",
    )
    .option("--name <name>", "the rollout's name")
    .option("--template <name>", "flags and stages of a known plan, in place of one's own: migration")
    .option(
      "--flag <name[:kind]>",
      "a flag; give it once for each. Boolean, NAME:percentage, or NAME:off/shadow/enforce with its states in order",
      each,
    )
    .option("--writes <names>", "the flags that let the new path write users' data, with commas", words)
    .option("--stages <names>", "the stages in order, with commas; baseline comes before them by itself")
    .option(
      "--stage <name[:values]>",
      "a stage with its values, as p5:PERCENT=5,READ=true; once for each, in order where --stages is left out",
      each,
    )
    .option(
      "--threshold <stage=number>",
      "errors within 10 s that a stage bears; once for each, each more than the next one's",
      each,
    )
    .option(
      "--snapshot <kind:id>",
      "what is snapshotted before a stage that writes: instance:ID or cluster:ID",
    )
    .option(
      "--backup <where>",
      "where dumps lie that are taken before it, in place of a snapshot or beside it: s3://BUCKET/PREFIX, or a folder",
    )
    .option("--namespace <name>", "CloudWatch namespace of the app's metrics (default: the rollout's name)")
    .option("--errors <metric>", "its metric of errors (default: Errors)")
    .option("--requests <metric>", "its metric of requests (default: Requests)")
    .option("--latency <metric:ms>", "its metric of latency, and the most milliseconds that p95 may be")
    .option(
      "--database <host[:port]/name>",
      "the PostgreSQL database that gates may read; of a URL no login is kept",
    )
    .option("--table <name>", "a table of it that must have rows before the first stage; once for each", each)
    .addHelpText(
      "after",
      footer(
        "Asks for what is not given, on a terminal only, and nothing where name, flags and stages are given, or a name\nand a template. A flag of which no --stage speaks rises by itself: a percentage by the numbers in the stages'\nnames, states one a stage, flags that write last.\n\nThe template migration goes from an old store to a new one: off, shadow, dual write, dual read, new only, old\ngone.\n\nExit code 0 when the files are written, 1 when they cannot be, 2 when what is given cannot be meant, or\nsomething is not given and nobody can be asked.",
        [
          "cutover init",
          "cutover init rollouts/search --name search --flag SEARCH_READ --flag SEARCH_LOG --stages stageA,stageB",
          "cutover init rollouts/import --name import --flag PERCENT:percentage --stages p5,p50,p100 --threshold p5=20",
          "cutover init rollouts/move --name move --template migration --snapshot instance:app-db",
        ],
      ),
    )
    .action(async (folder: string, { flag, table, threshold, ...given }) => {
      const { initCommand } = await import("./run");
      exit(await initCommand({ ...given, folder, flags: flag, tables: table, thresholds: threshold }));
    });
};
