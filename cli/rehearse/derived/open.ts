import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { Progress, Sandbox } from "../../../sandbox";
import { databaseUrl } from "../../../sandbox/appEnv";
import { emulated } from "../../../sandbox/aws/emulated";
import { repeat } from "../../../sandbox/host/repeat";
import { startClockwork } from "../../../sandbox/standin/clockwork";
import { scriptOf } from "../../../sandbox/standin/service/script";
import { startPublisher } from "../../../sandbox/standin/signals/publish";
import { goodValues } from "../../../sandbox/standin/signals/values";
import { watchedBy } from "../../../sandbox/standin/signals/watched";
import { openTables } from "../../../sandbox/standin/tables/tables";
import { probeName } from "../../../src/aws/probeNames";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Problem, reasonOf, UserError } from "../../../src/text/problem";
import { openRollout } from "../../sandbox/openRollout";
import { tokenKeys, tokensIn } from "../../sandbox/secrets";
import { startWebhook } from "../webhook";
import { missingAlarm, othersAlarms } from "./levers/alarms";
import { ownFaults } from "./levers/ownFaults";
import { prove } from "./levers/prove";
import { service } from "./levers/service";
import { signals } from "./levers/signals";
import { tableRows } from "./levers/tables";
import { dates, slowClock } from "./levers/time";
import { OWN_FILE, ownWorldOf, type ParsedOwnWorld, rowsWorldOf } from "./own";
import type { Prepared } from "./ownWorld";
import { paceOf, setPace } from "./pace";
import { KEPT, type Plan } from "./plan";
import { servedFlags, untold } from "./served";
import { startServers } from "./servers";
import type { DerivedWorld } from "./world";

/** How fast time passes until it is known how long runs take here. */
const FIRST_SCALE = 3_600;
/** How often made-up rows are written anew, in ms: they are about now, and grow old. */
const FRESH_MS = 1_000;

/**
 * Opens the world of any rollout: what its `rehearsal.ts` brings, and all else made up. Throws a `UserError` with
 * everything that can neither be made up nor was brought; then nothing of it is left open.
 */
export async function openDerived(sandbox: Sandbox, progress: Progress, plan: Plan): Promise<DerivedWorld> {
  const opened: (() => Promise<unknown>)[] = [];
  // What was opened last ends first: it may need what was there before it.
  const stop = async () => {
    for (const end of opened.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await open(sandbox, progress, plan, opened)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param opened gets what ends each thing that was opened */
async function open(
  sandbox: Sandbox,
  progress: Progress,
  { rollout: declared, source, mode }: Plan,
  opened: (() => Promise<unknown>)[],
): Promise<Omit<DerivedWorld, "stop">> {
  const brought = await ownWorldOf(source, declared);
  const own = mode === "rows" ? rowsWorldOf(brought) : brought;
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

  const tokens = tokensFor(declared, own.tokens ?? {});
  const prepared = { databaseUrl: databaseUrl(sandbox.postgres), tokens: tokensIn(tokens) };
  const pool = new pg.Pool({ ...sandbox.postgres, max: 4 });
  // The database ends with the sandbox, also under a question: who asked is told, and nobody else has to be.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  opened.push(() => pool.end());
  for (const seed of own.seed ?? []) await sow(pool, source, seed, prepared);
  const webhook = await startWebhook();
  opened.push(() => webhook.stop());
  const { rollout, project, fleet } = await openRollout(sandbox, progress, {
    source,
    timeScale: FIRST_SCALE,
    webhook,
    secrets: tokens,
    start: (restartedWith) =>
      startServers(sandbox, { own, source, rollout: declared, tokens: prepared.tokens, restartedWith }),
  });
  const running = { ...prepared, urls: fleet.urls };
  const clients = await own.clients?.(running);
  if (clients) opened.push(() => clients.stop());

  const pace = await progress.step("Measuring how long a run of pulumi takes", () =>
    paceOf(sandbox, project, rollout, { mode, fastest: own.fastest }),
  );
  await setPace(project, rollout, pace);
  const tables = rollout.database
    ? await progress.step("Making up the tables", () => openTables(pool, rollout, pace))
    : undefined;
  const missing = tables?.problems ?? [];
  if (missing.length > 0) throw new UserError("The tables of this rollout cannot be made up:", missing);
  if (tables) {
    await tables.calm();
    const fresh = repeat({ pauseMs: FRESH_MS }, () => tables.refresh());
    opened.push(() => fresh.stop());
  }
  const published = good.ok ? good.value : [];
  const publishes = own.app?.publishes ?? [];
  const publisher = startPublisher({
    ...sandbox.aws,
    good: published,
    bring: ({ namespace }) => !publishes.includes(namespace),
  });
  opened.push(() => publisher.stop());
  const clockwork = startClockwork({ ...sandbox.aws, eachMinute: probesOf(rollout) });
  opened.push(() => clockwork.stop());
  const others = othersAlarms(rollout, emulated(sandbox.aws));
  await others.declare();
  return {
    sandbox,
    project,
    pool,
    fleet,
    webhook,
    rollout,
    secrets: Object.values(prepared.tokens),
    kept: join(source, KEPT),
    levers: [
      ownFaults(own.faults ?? {}, { urls: fleet.urls, pool }),
      ...(tables ? [tableRows(tables)] : []),
      ...(answers ? [service(answers, rollout, fleet)] : []),
      signals(watched, published, publisher),
      dates(rollout, project),
      others,
      missingAlarm(rollout, emulated(sandbox.aws)),
      slowClock(rollout, project, pace.timeScale),
      prove(rollout, project),
    ],
    checksOf: (stage) =>
      Object.entries(own.checks?.[stage] ?? {}).map(([holds, check]) => ({
        holds,
        look: () => check(running),
      })),
    servedFlags: () => servedFlags(rollout, fleet.urls, { sandbox, project }),
    untold: () => untold(rollout, fleet.urls, { sandbox }),
  };
}

/** A bearer token for each role that gates send one of, by the key of the stacks' config: a given one, or any. */
function tokensFor(rollout: Rollout, given: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(given).map(([role, token]) => [`cutover:token-${role}`, token]);
  const any = tokenKeys(rollout).map((key) => [key, randomBytes(18).toString("base64url")]);
  return Object.fromEntries([...any, ...own]);
}

/** Runs what the rollout fills the database with: a file of SQL, or a function. */
async function sow(
  pool: pg.Pool,
  folder: string,
  seed: NonNullable<ParsedOwnWorld["seed"]>[number],
  prepared: Prepared,
): Promise<void> {
  try {
    if (typeof seed === "string") await pool.query(await readFile(join(folder, seed), "utf8"));
    else await seed(prepared);
  } catch (error) {
    const name = typeof seed === "string" ? seed : "a function";
    throw new UserError(`${name}, a seed of ${OWN_FILE}, failed: ${reasonOf(error)}`);
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
