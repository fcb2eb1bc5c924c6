import { Option } from "commander";
import { find, folder, footer, type Registration, rollout } from "../registration";

const each = (one: string, before: string[] | undefined) => [...(before ?? []), one];

export const addSandbox: Registration = (program, exit) => {
  const sandbox = program
    .command("sandbox")
    .description("The world of a rollout on this machine, to work in by hand: engine, database, AWS.");
  sandbox
    .command("start")
    .description("Open the world of a rollout, with a stack for each of its stages, and leave it running.")
    .addOption(folder())
    .addOption(rollout())
    .option("--name <name>", "what the sandbox is called by (default: the rollout's name)")
    .option("--server <url>", "where your app listens on this machine; once for each server", each)
    .option("--bare", "make nothing up: no app, no tables, no metrics")
    .option("--time-scale <times>", "how much faster declared durations pass than the clock", Number, 3_600)
    .hook("preAction", find)
    .addHelpText(
      "after",
      footer(
        "The stack files are copied and pointed at this machine, and never edited: its PostgreSQL, its AWS, a webhook in\nthe place of every subscription, and made-up secrets. Nothing outside is reached. What gates look at is made up, so\nthat all of them pass: an app, tables, metrics, logs; rehearsal.ts and --server bring your own. It says what to type\nnext. Several sandboxes may run at once.\n\nExit code 0 when it runs, 1 when it does not: nothing is left then, and neither after Ctrl-C.",
        [
          "cutover sandbox start",
          "cutover sandbox start -C rollouts/search --name search",
          "cutover sandbox start --server http://127.0.0.1:8080 --time-scale 1",
        ],
      ),
    )
    .action(async ({ cwd, name, server, bare, timeScale }) => {
      const { startCommand } = await import("./start");
      exit(await startCommand({ folder: cwd, name, servers: server, bare, timeScale }));
    });
  sandbox
    .command("env")
    .description("Print what a shell, or an app in any language, needs to work in a sandbox. Holds secrets.")
    .argument("[sandbox]", "its name or its folder; left out where one runs alone")
    .addOption(
      new Option("--format <format>", "how it is printed").choices(["sh", "dotenv", "json"]).default("sh"),
    )
    .addHelpText(
      "after",
      footer(
        "For pulumi (backend, passphrase, policies, PATH), the AWS SDKs of any language, PostgreSQL (DATABASE_URL and PG*) and\nAppConfig (APPCONFIG_APPLICATION, _ENVIRONMENT, _PROFILE). CUTOVER_PROJECT is the folder of the stacks,\nCUTOVER_DELIVERIES the file of what topics delivered, CUTOVER_SERVERS where the app is asked, and ADMIN_TOKEN the\ntoken of the role admin. In the format sh it also unsets what would lead to an account of yours.\n\nExit code 0, or 1 where it is not clear which sandbox is meant, or none runs.",
        [
          'eval "$(cutover sandbox env)"',
          "cutover sandbox env search --format dotenv > .env",
          "cutover sandbox env --format json",
        ],
      ),
    )
    .action(async (asked: string | undefined, { format }) => {
      const { envCommand } = await import("./env");
      exit(await envCommand({ asked, format }));
    });
  sandbox
    .command("stop")
    .description("End everything that a sandbox left running, and remove its folder.")
    .argument("[sandbox]", "its name or its folder; left out where one runs alone")
    .addHelpText(
      "after",
      footer(
        "Only what a sandbox itself made is touched: its folder, and the processes that it started. Where several run, they are\nlisted, and none is ended.\n\nExit code 0 when nothing is left of it, also when it was stopped before; 1 where it is not clear which is meant, or the\nfolder is none of a sandbox that was left running.",
        ["cutover sandbox stop", "cutover sandbox stop search", "cutover sandbox stop /tmp/cutover-x1y2z3"],
      ),
    )
    .action(async (asked: string | undefined) => {
      const { stopCommand } = await import("./stop");
      exit(await stopCommand(asked));
    });
};
