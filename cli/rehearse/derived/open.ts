import { join } from "node:path";
import type { Progress, Sandbox } from "../../../sandbox";
import { startMadeUp } from "../../../sandbox/standin/madeUp";
import { openRollout } from "../../sandbox/openRollout";
import { ownWorldOf, rowsWorldOf } from "../../sandbox/world/own";
import { prepare } from "../../sandbox/world/prepare";
import { startServers } from "../../sandbox/world/servers";
import { startWebhook } from "../webhook";
import { missingAlarm, othersAlarms } from "./levers/alarms";
import { logLines } from "./levers/logLines";
import { ownFaults } from "./levers/ownFaults";
import { freezes, prove } from "./levers/prove";
import { providers } from "./levers/providers";
import { service } from "./levers/service";
import { signals } from "./levers/signals";
import { snapshots } from "./levers/snapshots";
import { tableRows } from "./levers/tables";
import { dates, oldDrill, slowClock } from "./levers/time";
import { paceOf, setPace } from "./pace";
import { KEPT, type Plan } from "./plan";
import { RehearsedPlatforms } from "./platforms";
import { servedFlags, silentServers } from "./served";
import type { DerivedWorld } from "./world";

/** How fast time passes until it is known how long runs take here. */
const FIRST_SCALE = 3_600;

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
  const {
    signals: found,
    answers,
    secrets,
    pool,
    ...prepared
  } = await prepare(sandbox, declared, { own, source, ownApp: own.app !== undefined }, opened);
  const webhook = await startWebhook();
  opened.push(() => webhook.stop());
  const {
    rollout,
    project,
    fleet,
    platforms: hosts,
    found: pace,
  } = await openRollout(sandbox, progress, {
    source,
    timeScale: FIRST_SCALE,
    webhook,
    secrets,
    start: (restartedWith) =>
      startServers(sandbox, { own, source, rollout: declared, tokens: prepared.tokens, restartedWith }),
    meanwhile: (opening) =>
      progress.step("Measuring how long a run of pulumi takes", () =>
        paceOf(sandbox, opening, declared, { fastest: own.fastest }),
      ),
  });
  const platforms = hosts && new RehearsedPlatforms(rollout, hosts);
  const running = { ...prepared, urls: fleet.urls };
  const clients = await own.clients?.(running);
  if (clients) opened.push(() => clients.stop());

  await setPace(project, rollout, pace);
  const made = await progress.step("Making up what gates look at", () =>
    startMadeUp({
      aws: sandbox.aws,
      pool,
      rollout,
      timeScale: pace.timeScale,
      signals: found,
      publishes: own.app?.publishes ?? [],
    }),
  );
  opened.push(() => made.stop());
  return {
    sandbox,
    project,
    pool,
    fleet,
    webhook,
    rollout,
    secrets: Object.values(prepared.tokens),
    kept: join(source, KEPT),
    appLeftOut: brought.app !== undefined && own.app === undefined,
    levers: [
      ownFaults(own.faults ?? {}, { urls: fleet.urls, pool, project }),
      ...(made.tables ? [tableRows(made.tables)] : []),
      ...(answers ? [service(answers, rollout, fleet)] : []),
      signals(found.watched, found.good, made.publisher),
      logLines(found.logRows, found.lines, made.writer),
      dates(rollout, project),
      othersAlarms(rollout, sandbox.aws),
      missingAlarm(rollout, sandbox.aws),
      slowClock(rollout, project, pace.timeScale),
      oldDrill(rollout, project),
      snapshots(rollout, project),
      freezes(rollout, project),
      providers(rollout, project),
      prove(rollout, project),
    ],
    checksOf: (stage) => [
      ...Object.entries(own.checks?.[stage] ?? {}).map(([holds, check]) => ({
        holds,
        look: () => check(running),
      })),
      ...(platforms?.looksAfter(stage, sandbox.closing) ?? []),
    ],
    servedFlags: async () => {
      const served = await servedFlags(rollout, fleet.urls, { sandbox, project });
      return [...served, ...((await platforms?.servedFlags(served[0])) ?? [])];
    },
    untold: () => silentServers(rollout, fleet.urls, { sandbox }),
  };
}
