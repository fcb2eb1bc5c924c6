import { resolve } from "node:path";
import { createProgress, leftSandboxes, openSandbox, type Progress, type Sandbox } from "../../sandbox";
import { freePort, LOOPBACK } from "../../sandbox/host/ports";
import { spawnWebhook } from "../../sandbox/webhook/start";
import { isLoopback } from "../../src/rollout/config/timeScale";
import { loadRollout } from "../../src/rollout/load";
import type { Rollout } from "../../src/rollout/rollout";
import { outside, short } from "../../src/text/command";
import { type Problem, UserError } from "../../src/text/problem";
import { EXIT, type Exit, UsageError } from "../exit";
import { CHECKOUT } from "../locate";
import type { Workplace } from "./environment";
import { unlessInterrupted } from "./interrupted";
import { keep, toStop, toWorkIn } from "./keep";
import { openRollout } from "./openRollout";
import { missingProject } from "./project";
import { tokensIn } from "./secrets";
import { machineTrouble } from "./trouble";

export interface StartOptions {
  /** The folder of the rollout's own stack files. */
  readonly folder: string;
  /** What the sandbox is called by. Default: the rollout's name. */
  readonly name?: string | undefined;
  /** Where the rollout's servers listen, on this machine. Default: an address that is free, for one of them. */
  readonly servers?: readonly string[] | undefined;
  /** How much faster declared durations pass than the clock. */
  readonly timeScale: number;
  readonly print?: (line: string) => void;
  readonly progress?: Progress;
}

/**
 * Opens the world of a rollout on this machine, says how to work in it, and leaves it running. Where that does not come
 * to its end, nothing is left. Throws a `UserError`, or a `SetupError`, that says why.
 */
export async function startCommand({
  folder,
  print = console.log,
  progress = createProgress(),
  ...options
}: StartOptions): Promise<Exit> {
  const source = resolve(folder);
  const { rollout, servers } = await soundOf(source, options);
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await openSandbox({ progress });
    const given = { source, servers, timeScale: options.timeScale };
    const workplace = await sandbox.occupy(worldIn(sandbox, progress, given));
    const name = await sandbox.occupy(keep(sandbox, workplace, options.name));
    for (const line of wordsOf(sandbox, rollout, workplace, name, options.timeScale)) print(line);
    await unlessInterrupted(sandbox);
    return EXIT.ok;
  } catch (error) {
    if (sandbox !== undefined) await unlessInterrupted(sandbox);
    await sandbox?.stop();
    throw machineTrouble(error);
  }
}

/** The world of a rollout: what answers for its app is put here in the place of what a person starts by hand. */
async function worldIn(
  sandbox: Sandbox,
  progress: Progress,
  given: { readonly source: string; readonly servers: readonly string[]; readonly timeScale: number },
): Promise<Workplace> {
  const { source, servers, timeScale } = given;
  const webhook = await progress.step("Starting the webhook", () => spawnWebhook(sandbox));
  const start = async () => ({
    urls: servers.length > 0 ? servers : [`http://${LOOPBACK}:${await freePort()}`],
  });
  const { rollout, project, fleet, secrets } = await openRollout(sandbox, progress, {
    source,
    timeScale,
    webhook,
    start,
  });
  return {
    rollout: rollout.name,
    project: project.folder,
    servers: rollout.service || rollout.servers ? fleet.urls : [],
    deliveries: webhook.file,
    tokens: tokensIn(secrets),
  };
}

/** What has to be so before anything is opened. Throws a `UserError` with all that is not. */
async function soundOf(
  source: string,
  { name, servers = [], timeScale }: Pick<StartOptions, "name" | "servers" | "timeScale">,
): Promise<{ rollout: Rollout; servers: readonly string[] }> {
  const problems: Problem[] = [];
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(name))
    problems.push({
      where: "--name",
      what: "is no name: up to 40 letters, digits and dashes, a letter or a digit first",
      remedy: "Choose another",
    });
  for (const url of servers.filter((url) => !isLoopback(url)))
    problems.push({
      where: "--server",
      what: `${JSON.stringify(url)} is no address on this machine, such as http://127.0.0.1:8080`,
      remedy: "Name one that is: a sandbox asks nothing outside",
    });
  if (!Number.isFinite(timeScale) || timeScale < 1)
    problems.push({
      where: "--time-scale",
      what: "is no number of at least 1",
      remedy: "1 lets time pass as on the clock, 3600 an hour in a second",
    });
  if (problems.length > 0) throw new UsageError("No sandbox is started:", problems);
  const namesake = (await leftSandboxes()).find((left) => left.name === name);
  if (namesake)
    throw new UserError("No sandbox is started:", [
      {
        where: "--name",
        what: `is that of a sandbox that runs, in ${namesake.dir}`,
        remedy: `Choose another, or end that one: ${outside(CHECKOUT, "sandbox stop", namesake.dir)}`,
      },
    ]);
  const rollout = loadRollout(source);
  const missing = missingProject(source);
  if (missing.length > 0) throw new UserError("No sandbox is started:", missing);
  return { rollout, servers };
}

/** What the reader is told, who stands wherever the command was typed. */
function wordsOf(
  { aws, engine }: Pick<Sandbox, "aws" | "engine">,
  { stages, database, service, servers }: Rollout,
  workplace: Workplace,
  name: string,
  timeScale: number,
): string[] {
  const reads = database?.reads ?? [];
  return [
    `The sandbox ${name} runs until it is stopped: Pulumi ${engine.version}, PostgreSQL, and AWS at ${aws.endpoint}.`,
    "",
    "In a shell:",
    "",
    ...[...toWorkIn(name, workplace.project), short.ofStack("up", stages[0].name)].map((line) => `  ${line}`),
    "",
    ...(reads.length > 0
      ? [
          `Its database, at $DATABASE_URL, is empty. First make the tables that gates read: ${reads.join(", ")}.`,
        ]
      : []),
    ...(service || servers
      ? [`Your app is asked at ${workplace.servers.join(", ")}: start it there, from the same shell.`]
      : []),
    `What topics deliver is written to $CUTOVER_DELIVERIES, a line of JSON for each message.`,
    ...(timeScale === 1 ? [] : [`Declared durations pass ${timeScale} times as fast as the clock.`]),
    `When done: ${toStop(name)}`,
  ];
}
