import { resolve } from "node:path";
import { createProgress, leftSandboxes, openSandbox, type Progress, type Sandbox } from "../../sandbox";
import { freePort, LOOPBACK } from "../../sandbox/host/ports";
import { spawnMadeUp } from "../../sandbox/standin/spawn";
import { spawnWebhook } from "../../sandbox/webhook/start";
import { isLoopback } from "../../src/rollout/config/timeScale";
import { loadRollout } from "../../src/rollout/load";
import type { Rollout } from "../../src/rollout/rollout";
import { outside, short } from "../../src/text/command";
import { type Problem, UserError } from "../../src/text/problem";
import { EXIT, type Exit, UsageError } from "../exit";
import { CHECKOUT } from "../locate";
import { missingProject } from "../project";
import type { Workplace } from "./environment";
import { unlessInterrupted } from "./interrupted";
import { keep, toStop, toWorkIn } from "./keep";
import { openRollout } from "./openRollout";
import { tokensIn } from "./secrets";
import { machineTrouble } from "./trouble";
import { ownWorldOf } from "./world/own";
import { prepare } from "./world/prepare";
import { startServers } from "./world/servers";

export interface StartOptions {
  /** The folder of the rollout's own stack files. */
  readonly folder: string;
  /** What the sandbox is called by. Default: the rollout's name. */
  readonly name?: string | undefined;
  /** Where the rollout's own servers listen, on this machine. Default: servers that are made up. */
  readonly servers?: readonly string[] | undefined;
  /** Makes nothing up: no servers, no tables, no metrics. */
  readonly bare?: boolean | undefined;
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
    const given = { source, servers, timeScale: options.timeScale, bare: options.bare ?? false };
    const workplace = await sandbox.occupy(worldIn(sandbox, progress, rollout, given));
    const name = await sandbox.occupy(keep(sandbox, workplace, options.name));
    for (const line of wordsOf(sandbox, rollout, workplace, name, given)) print(line);
    await unlessInterrupted(sandbox);
    return EXIT.ok;
  } catch (error) {
    if (sandbox !== undefined) await unlessInterrupted(sandbox);
    await sandbox?.stop();
    throw machineTrouble(error);
  }
}

interface Given {
  /** The folder of the rollout's stack files. */
  readonly source: string;
  readonly servers: readonly string[];
  readonly timeScale: number;
  readonly bare: boolean;
}

/** The world of a rollout: what its `rehearsal.ts` brings, and what is made up in the place of all else. */
async function worldIn(
  sandbox: Sandbox,
  progress: Progress,
  declared: Rollout,
  { source, servers, timeScale, bare }: Given,
): Promise<Workplace> {
  const ownApp = servers.length > 0;
  const { app, seed, answers, tokens: known } = bare ? {} : await ownWorldOf(source, declared);
  // Whoever has an app of its own starts it by hand.
  const own = { seed, answers, tokens: known };
  const opened: (() => Promise<unknown>)[] = [];
  try {
    const ready = bare ? undefined : await prepare(sandbox, declared, { own, source, ownApp }, opened);
    const webhook = await progress.step("Starting the webhook", () => spawnWebhook(sandbox));
    const start = async (restartedWith: Parameters<typeof startServers>[1]["restartedWith"]) => {
      if (ownApp) return { urls: servers };
      if (!ready) return { urls: [`http://${LOOPBACK}:${await freePort()}`] };
      const { tokens } = ready;
      return startServers(sandbox, { own, source, rollout: declared, tokens, restartedWith });
    };
    const { rollout, project, fleet, secrets } = await openRollout(sandbox, progress, {
      source,
      timeScale,
      webhook,
      ...(ready && { secrets: ready.secrets }),
      start,
    });
    const publishes = (ownApp && app?.publishes) || [];
    if (ready)
      await progress.step("Making up what gates look at", () =>
        spawnMadeUp(sandbox, { folder: source, timeScale, publishes }),
      );
    return {
      rollout: rollout.name,
      project: project.folder,
      servers: rollout.service || rollout.servers || rollout.sources ? fleet.urls : [],
      deliveries: webhook.file,
      tokens: tokensIn(secrets),
    };
  } finally {
    for (const end of opened) await end();
  }
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
  { timeScale, bare, servers: own }: Pick<Given, "timeScale" | "bare" | "servers">,
): string[] {
  const reads = database?.reads ?? [];
  const at = workplace.servers.join(", ");
  return [
    `The sandbox ${name} runs until it is stopped: Pulumi ${engine.version}, PostgreSQL, and AWS at ${aws.endpoint}.`,
    "",
    "In a shell:",
    "",
    ...[...toWorkIn(name, workplace.project), short.ofStack("up", stages[0].name)].map((line) => `  ${line}`),
    "",
    ...(reads.length === 0
      ? []
      : bare
        ? [
            `Its database, at $DATABASE_URL, is empty. First make the tables that gates read: ${reads.join(", ")}.`,
          ]
        : ["Its database, at $DATABASE_URL, has rows with which every gate passes."]),
    ...(service || servers
      ? [
          bare || own.length > 0
            ? `Your app is asked at ${at}: start it there, from the same shell.`
            : `A made-up app answers at ${at}. For your own, name where it listens with --server.`,
        ]
      : []),
    ...(bare ? [] : ["Metrics and logs that rows watch are made up, and all is well by them."]),
    `What topics deliver is written to $CUTOVER_DELIVERIES, a line of JSON for each message.`,
    ...(timeScale === 1 ? [] : [`Declared durations pass ${timeScale} times as fast as the clock.`]),
    `When done: ${toStop(name)}`,
  ];
}
