import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Progress, Sandbox } from "../../../sandbox";
import type { Servers } from "../../../sandbox/demo/service/servers";
import { repeat } from "../../../sandbox/host/repeat";
import { startClockwork } from "../../../sandbox/standin/clockwork";
import { startOwnApp } from "../../../sandbox/standin/ownApp";
import type { StandInFaults } from "../../../sandbox/standin/service/faults";
import { startStandIn } from "../../../sandbox/standin/service/fleet";
import { scriptOf } from "../../../sandbox/standin/service/script";
import { startPublisher } from "../../../sandbox/standin/signals/publish";
import { goodValues } from "../../../sandbox/standin/signals/values";
import { watchedBy } from "../../../sandbox/standin/signals/watched";
import { openTables } from "../../../sandbox/standin/tables/tables";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../../src/aws/names";
import { probeName } from "../../../src/aws/probeNames";
import type { EcsService } from "../../../src/flags/restart";
import { loadRollout } from "../../../src/rollout/load";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Problem, reasonOf, UserError } from "../../../src/text/problem";
import { openRollout } from "../../sandbox/openRollout";
import { tokenKeys, tokensIn } from "../../sandbox/secrets";
import { startWebhook } from "../webhook";
import { awsAt } from "../world";
import { missingAlarm, othersAlarms } from "./levers/alarms";
import { ownFaults } from "./levers/ownFaults";
import { service } from "./levers/service";
import { signals } from "./levers/signals";
import { tableRows } from "./levers/tables";
import { dates, slowClock } from "./levers/time";
import { OWN_FILE, ownWorldOf, type ParsedOwnWorld } from "./own";
import { paceOf, setPace } from "./pace";
import type { Mode } from "./promote";
import { servedFlags } from "./served";
import type { DerivedWorld } from "./world";

/** How fast time passes until it is known how long runs take here. */
const FIRST_SCALE = 3_600;
const SERVERS = 2;
/** How often made-up rows are written anew, in ms. */
const FRESH_MS = 1_000;

/**
 * Opens the world of any rollout: what its `rehearsal.ts` brings, and all else made up. Throws a `UserError` with
 * everything that can neither be made up nor was brought.
 */
export async function openDerived(
  sandbox: Sandbox,
  progress: Progress,
  source: string,
  mode: Mode,
): Promise<DerivedWorld> {
  const own = await ownWorldOf(source);
  const declared = loadRollout(source);
  const watched = watchedBy(declared);
  const good = goodValues(watched);
  const answers = own.app
    ? undefined
    : scriptOf(declared, {
        clock: { now: Date.now(), timeScale: 1 },
        answers: own.answers ?? {},
      });
  const problems = [...(good.ok ? [] : good.rows.map(againstEachOther)), ...(answers?.problems ?? [])];
  if (problems.length > 0) throw new UserError("The world of this rollout cannot be made up:", problems);
  const pool = new pg.Pool({ ...sandbox.postgres, max: 4 });
  pool.on("error", () => {});
  await sow(pool, source, own.seed ?? []);
  const webhook = await startWebhook();
  const closed = async () => {
    await webhook.stop();
    await pool.end();
  };
  const tokens = tokensFor(declared, own.tokens ?? {});
  const { rollout, project, fleet } = await openRollout(sandbox, progress, {
    source,
    timeScale: FIRST_SCALE,
    webhook,
    secrets: tokens,
    start: (restartedWith) =>
      startServers(sandbox, { own, source, rollout: declared, tokens: tokensIn(tokens), restartedWith }),
  });
  const pace = await progress.step("Measuring how long a run of pulumi takes", () =>
    paceOf(sandbox, project, rollout, mode),
  );
  await setPace(project, rollout, pace);
  const tables = rollout.database
    ? await progress.step("Making up the tables", () => openTables(pool, rollout, pace))
    : undefined;
  const missing = tables?.problems ?? [];
  if (missing.length > 0) {
    await closed();
    throw new UserError("The tables of this rollout cannot be made up:", missing);
  }
  await tables?.calm();
  // Made-up rows are about now, and grow old.
  const fresh = tables && repeat({ pauseMs: FRESH_MS }, () => tables.refresh());
  const published = good.ok ? good.value : [];
  const publisher = startPublisher({ ...sandbox.aws, good: published });
  const clockwork = startClockwork({ ...sandbox.aws, eachMinute: probesOf(rollout) });
  const others = othersAlarms(rollout, awsAt(sandbox));
  await others.declare();
  const levers = [
    ownFaults(own.faults ?? {}, { urls: () => fleet.urls, pool }),
    ...(tables ? [tableRows(tables)] : []),
    ...(answers ? [service(answers, rollout, fleet)] : []),
    signals(watched, published, publisher),
    dates(rollout, () => project),
    others,
    missingAlarm(rollout, awsAt(sandbox)),
    slowClock(rollout, () => project),
  ];
  return {
    sandbox,
    project,
    pool,
    fleet,
    webhook,
    rollout,
    levers,
    traffic: { stop: async () => {} },
    servedFlags: () => servedFlags(rollout, fleet.urls, { sandbox, project }),
    inCode: (given) => fleet.inCode(given),
    stop: async () => {
      await Promise.all([publisher.stop(), clockwork.stop(), fresh?.stop()]);
      await closed();
    },
  };
}

/** A bearer token for each role that gates send one of, by the key of the stacks' config: a given one, or any. */
function tokensFor(rollout: Rollout, given: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(given).map(([role, token]) => [`cutover:token-${role}`, token]);
  const any = tokenKeys(rollout).map((key) => [key, randomBytes(18).toString("base64url")]);
  return Object.fromEntries([...any, ...own]);
}

interface Starting {
  readonly own: ParsedOwnWorld;
  readonly source: string;
  readonly rollout: Rollout;
  readonly tokens: Readonly<Record<string, string>>;
  readonly restartedWith: EcsService | undefined;
}

async function startServers(
  sandbox: Sandbox,
  { own, source, rollout, tokens, restartedWith }: Starting,
): Promise<Servers<StandInFaults>> {
  const flags = { application: rollout.name, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME };
  if (!own.app)
    return rollout.service || rollout.servers
      ? startStandIn({ sandbox, rollout, count: SERVERS, flags, restartedWith, tokens, answers: own.answers })
      : NO_SERVERS;
  const { command, env, servers, ready = rollout.servers?.path ?? "/" } = own.app;
  const app = { command: command as [string, ...string[]], env, servers, ready };
  const running = await startOwnApp({ sandbox, app, folder: source, flags, restartedWith });
  return {
    urls: running.urls,
    restart: () => running.restart(),
    inCode: (given) => running.restart(given ? { FLAGS_IN_CODE: JSON.stringify(given) } : {}),
    // It has faults of its own alone: see `faults` of rehearsal.ts.
    faults: async () => {},
    stop: () => running.stop(),
  };
}

/** Nobody asks a rollout's servers where it names none. */
const NO_SERVERS: Servers<StandInFaults> = {
  urls: [],
  restart: async () => {},
  inCode: async () => {},
  faults: async () => {},
  stop: async () => {},
};

/** Runs the rollout's own SQL, file by file. */
async function sow(pool: pg.Pool, folder: string, files: readonly string[]): Promise<void> {
  for (const file of files)
    try {
      await pool.query(await readFile(join(folder, file), "utf8"));
    } catch (error) {
      throw new UserError(`${file}, a seed of ${OWN_FILE}, failed: ${reasonOf(error)}`);
    }
}

/** The functions that a rule calls each minute. */
function probesOf(rollout: Rollout): string[] {
  return rollout.stages.flatMap(({ name, abort }) =>
    Object.values(abort).some(({ probe }) => probe) ? [probeName(rollout.name, name)] : [],
  );
}

function againstEachOther({ stage, section, row }: { stage: string; section: string; row: string }): Problem {
  return {
    where: `Pulumi.${stage}.yaml cutover:stage.${section}.${row}`,
    what: "wants of its metrics what other rows forbid: no values content all of them",
    remedy: "Correct its limits, or those of the rows that read the same metrics",
  };
}
