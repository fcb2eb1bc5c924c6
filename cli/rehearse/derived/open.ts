import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Progress, Sandbox } from "../../../sandbox";
import type { Servers } from "../../../sandbox/demo/service/servers";
import { startClockwork } from "../../../sandbox/standin/clockwork";
import { startOwnApp } from "../../../sandbox/standin/ownApp";
import { startPublisher } from "../../../sandbox/standin/signals/publish";
import { goodValues } from "../../../sandbox/standin/signals/values";
import { watchedBy } from "../../../sandbox/standin/signals/watched";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../../src/aws/names";
import { probeName } from "../../../src/aws/probeNames";
import type { EcsService } from "../../../src/flags/restart";
import { loadRollout } from "../../../src/rollout/load";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Problem, reasonOf, UserError } from "../../../src/text/problem";
import { openRollout } from "../../sandbox/openRollout";
import { startWebhook } from "../webhook";
import { awsAt } from "../world";
import { missingAlarm, othersAlarms } from "./levers/alarms";
import { ownFaults } from "./levers/ownFaults";
import { signals } from "./levers/signals";
import { dates, slowClock } from "./levers/time";
import { OWN_FILE, ownWorldOf, type ParsedOwnWorld } from "./own";
import { servedFlags } from "./served";
import type { DerivedWorld } from "./world";

/** How fast time passes until it is known how long runs take here. */
const FIRST_SCALE = 3_600;

/**
 * Opens the world of any rollout: what its `rehearsal.ts` brings, and all else made up. Throws a `UserError` with
 * everything that can neither be made up nor was brought.
 */
export async function openDerived(
  sandbox: Sandbox,
  progress: Progress,
  source: string,
): Promise<DerivedWorld> {
  const own = await ownWorldOf(source);
  const declared = loadRollout(source);
  const pool = new pg.Pool({ ...sandbox.postgres, max: 4 });
  pool.on("error", () => {});
  const webhook = await startWebhook();
  await sow(pool, source, own.seed ?? []);
  const flags = { application: declared.name, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME };
  const { rollout, project, fleet } = await openRollout(sandbox, progress, {
    source,
    timeScale: FIRST_SCALE,
    webhook,
    secrets: Object.fromEntries(
      Object.entries(own.tokens ?? {}).map(([role, value]) => [`cutover:token-${role}`, value]),
    ),
    start: (restartedWith) => startServers(sandbox, { own, source, rollout: declared, flags, restartedWith }),
  });
  const watched = watchedBy(rollout);
  const good = goodValues(watched);
  const problems: Problem[] = good.ok ? [] : good.rows.map(againstEachOther);
  if (problems.length > 0) throw new UserError("The world of this rollout cannot be made up:", problems);
  const published = good.ok ? good.value : [];
  const publisher = startPublisher({ ...sandbox.aws, good: published });
  const clockwork = startClockwork({ ...sandbox.aws, eachMinute: probesOf(rollout) });
  const others = othersAlarms(rollout, awsAt(sandbox));
  await others.declare();
  const levers = [
    ownFaults(own.faults ?? {}, { urls: () => fleet.urls, pool }),
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
      await Promise.all([publisher.stop(), clockwork.stop()]);
      await webhook.stop();
      await pool.end();
    },
  };
}

interface Starting {
  readonly own: ParsedOwnWorld;
  readonly source: string;
  readonly rollout: Rollout;
  readonly flags: { application: string; environment: string; profile: string };
  readonly restartedWith: EcsService | undefined;
}

async function startServers(
  sandbox: Sandbox,
  { own, source, rollout, flags, restartedWith }: Starting,
): Promise<Servers<object>> {
  if (!own.app && !rollout.service && !rollout.servers) return NO_SERVERS;
  if (!own.app)
    throw new UserError("Nothing answers for the rollout's servers:", [
      {
        where: `${OWN_FILE} app`,
        what: "is missing, and the rollout names a service or servers",
        remedy: `Say there what starts one: app: { command: ["node", "server.mjs"] }`,
      },
    ]);
  const { command, env, servers, ready = rollout.servers?.path ?? "/" } = own.app;
  const app = { command: command as [string, ...string[]], env, servers, ready };
  const running = await startOwnApp({ sandbox, app, folder: source, flags, restartedWith });
  return {
    urls: running.urls,
    restart: () => running.restart(),
    inCode: (given) => running.restart(given ? { FLAGS_IN_CODE: JSON.stringify(given) } : {}),
    faults: async () => {},
    stop: () => running.stop(),
  };
}

/** Nobody asks a rollout's servers where it names none. */
const NO_SERVERS: Servers<object> = {
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
