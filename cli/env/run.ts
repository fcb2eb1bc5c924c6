import { resolve } from "node:path";
import { readLoosely } from "../../src/abort/looseConfig";
import { regionOf } from "../../src/abort/target";
import { readLive } from "../../src/delivery/live";
import { type Carries, linesOf, VERSION, variablesOf } from "../../src/delivery/variables";
import { AppConfigStore, withAppConfig } from "../../src/flags/appConfigStore";
import { findFlagStore } from "../../src/flags/find";
import type { FlagSpecs, Flags } from "../../src/flags/flags";
import { readLedger } from "../../src/flags/readLedger";
import { loadRollout } from "../../src/rollout/load";
import { type Rollout, requireStage } from "../../src/rollout/rollout";
import { milliseconds, safeMilliseconds, showDuration, someTime } from "../../src/text/duration";
import { type Problem, UserError } from "../../src/text/problem";
import { EXIT, type Exit, UsageError } from "../exit";
import { keepFile } from "./keepFile";

export interface EnvOptions {
  /** What it raises the flags to. Default: what is live. */
  readonly stage?: string | undefined;
  /** Whose names and flags. Default: every flag, under its own name. */
  readonly delivery?: string | undefined;
  /** A file that is kept as the ledger has the flags, until it is ended. */
  readonly write?: string | undefined;
  /** What starts servers anew then, and how long that may take. */
  readonly run?: string | undefined;
  readonly within?: string | undefined;
  /** The folder with the stack files. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: (line: string) => void;
  /** Says what the lines are, to whoever typed it and not to what reads them. */
  readonly say?: (line: string) => void;
}

/** Prints flags as environment variables. Returns the exit code. */
export async function envCommand(options: EnvOptions): Promise<Exit> {
  const { stage, folder, env = process.env, print = console.log, say = console.error } = options;
  requireSound(options);
  if (options.write !== undefined) return keepCommand(options, options.write, env, say);
  const rollout = loadRollout(folder);
  const carries = carriesOf(rollout, options.delivery);
  if (stage !== undefined) {
    const { flags } = requireStage(rollout, stage);
    const { [VERSION]: _, ...variables } = variablesOf(carries, flags, 0);
    say(
      `# ${rollout.name}: what ${stage} raises the flags to. It is live only once pulumi up has flipped them`,
    );
    for (const line of linesOf(variables)) print(line);
    return EXIT.ok;
  }
  const { flags, deployment, since } = await liveOf(rollout, regionOf(env, readLoosely(folder)));
  say(`# ${rollout.name}: what is live since ${since}, by deployment ${deployment} of the ledger`);
  for (const line of linesOf(variablesOf(carries, flags, deployment))) print(line);
  return EXIT.ok;
}

/** What has no meaning together. */
function requireSound({ stage, write, run, within = WITHIN }: EnvOptions): void {
  const problems: Problem[] = [
    ...(stage !== undefined && write !== undefined
      ? [
          {
            where: "--write",
            what: `stands beside -s ${stage}, which may not be live`,
            remedy: "Leave -s out: what is written is what the ledger has live",
          },
        ]
      : []),
    ...(write === ""
      ? [{ where: "--write", what: "names no file", remedy: "Name one: --write flags.env" }]
      : []),
    ...(run !== undefined && write === undefined
      ? [
          {
            where: "--run",
            what: "stands there without a file that could change",
            remedy: "Name it: --write FILE",
          },
        ]
      : []),
    ...(someTime.safeParse(within).success
      ? []
      : [{ where: "--within", what: `${within} is no time`, remedy: "Write it as 90s or 2m" }]),
    ...(safeMilliseconds(within) > LONGEST_MS
      ? [
          {
            where: "--within",
            what: `${within} is longer than ${showDuration(LONGEST_MS)}`,
            remedy: "Write what servers take to start, measured, such as 90s or 2m",
          },
        ]
      : []),
  ];
  if (problems.length > 0) throw new UsageError("Nothing is written:", problems);
}

/** How long a command may take that starts servers anew. */
const WITHIN = "2m";
/** More is no start of servers, in ms. From 2^31 on (24.8 days), a timer of Node would end the command at once. */
const LONGEST_MS = 3_600_000;
/** Between two looks at the ledger, in ms: three calls to AppConfig. */
const EVERY_MS = 5_000;

/**
 * Keeps a file until it is ended. A mistake in a stack file stops every promotion, and must keep no flag up: without a
 * delivery, whose names stand there, as much is read of them as can be.
 */
async function keepCommand(
  { folder, delivery, run, within = WITHIN }: EnvOptions,
  write: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<Exit> {
  const loose = readLoosely(folder);
  const known = delivery === undefined && loose.rollout !== undefined && loose.specs !== undefined;
  const whole = known ? undefined : loadRollout(folder);
  const rollout = whole?.name ?? (loose.rollout as string);
  const specs = whole?.flags ?? (loose.specs as FlagSpecs);
  const region = regionOf(env, loose);
  const ended = new AbortController();
  const end = () => ended.abort();
  process.once("SIGTERM", end).once("SIGINT", end);
  try {
    await withAppConfig(region, (client) => {
      let store: AppConfigStore | undefined;
      // Looked for as often as it takes: an outage when this is started is one like any other.
      const live = async () => {
        store ??= new AppConfigStore(client, await findFlagStore(client, rollout));
        return readLive(store, specs);
      };
      const kept = {
        rollout,
        file: resolve(write),
        carries: whole ? carriesOf(whole, delivery) : {},
        run,
        say,
      };
      return keepFile({ ...kept, live, everyMs: EVERY_MS, runMs: milliseconds(within) }, ended.signal);
    });
    return EXIT.ok;
  } finally {
    process.off("SIGTERM", end).off("SIGINT", end);
  }
}

function carriesOf({ delivery = {} }: Rollout, name: string | undefined): Carries {
  if (name === undefined) return {};
  if (Object.hasOwn(delivery, name)) return delivery[name] as Carries;
  throw new UserError("There is no such delivery:", [
    {
      where: "-d",
      what: `${name} is none of ${Object.keys(delivery).join(", ") || "none: cutover:rollout has no delivery"}`,
      remedy: "Name one of them, or leave -d out: every flag is then printed under its own name",
    },
  ]);
}

function liveOf(
  rollout: Rollout,
  region: string,
): Promise<{ readonly flags: Flags; readonly deployment: number; readonly since: string }> {
  return withAppConfig(region, async (client) => {
    const ids = await findFlagStore(client, rollout.name);
    const { live } = await readLedger({ ...ids, region }, rollout.flags);
    if (live) return { flags: live.flags, deployment: live.deployment, since: live.completedAt };
    throw new UserError(`${rollout.name} has no flags that are live:`, [
      {
        where: "ledger",
        what: "has no deployment that was completed",
        remedy: "Bring up the first stage's stack",
      },
    ]);
  });
}
