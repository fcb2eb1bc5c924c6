import { setTimeout as sleep } from "node:timers/promises";
import { keepConverged } from "../aws/converged";
import type { Ledger } from "../flags/ledger";
import { restartServers, restartsOf, unrestarted } from "../flags/restart";
import { isAct } from "../gates/acts";
import { SMOKE_LIMIT_MS } from "../gates/common";
import { type Gate, kindOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { judge, judgeInScope, type Verdict } from "../gates/judge";
import type { Sources } from "../gates/look";
import { flipOf } from "../rollout/stops";
import { milliseconds, showDuration } from "../text/duration";
import { deliverNow } from "./deliverNow";
import { looking } from "./measure";
import { smokeGatesOf } from "./resolve";
import type { Settlement } from "./settlement";
import { awaitSilentRows } from "./silentRows";
import { type Situation, sourcesOf } from "./sources";
import { takeDown } from "./takeDown";
import { Watch } from "./watch";

/** However fast time is scaled, this much is left for them: a restart takes as long as it takes. */
const SHORTEST_LIMIT_MS = { polling: 15_000, restarting: 90_000 };
/** A flip is settled within this time of its completion, unless its run was interrupted. */
const RIGHT_AWAY_MS = 60_000;
/** Under which row people read that servers were not restarted. */
const RESTART_ROW = "restart";
/** Between two looks at servers that do not agree yet, or at a check that cannot be made yet. */
const PAUSE_MS = 500;

/**
 * What follows a flip: starts servers anew that read their flags when they start, waits until every listed server
 * reports the flags, then runs the smoke checks. A restart that cannot be asked for, a check that fails, or that cannot be made in time, takes the flags down to the predecessor's at once. Throws a `UserError`
 * where they cannot be taken down: nothing is settled then, and the next run tries again.
 *
 * Meanwhile, and once more in the end, it looks at what came after the flip: see `Watch`.
 *
 * @param read reads the ledger anew
 * @param say tells the person what is being waited for
 */
export async function settle(
  situation: Situation,
  read: () => Promise<Ledger>,
  say: (line: string) => void,
): Promise<Settlement> {
  const { rollout, stage, settings } = situation;
  const gates = smokeGatesOf(rollout, stage);
  const verdicts: Verdict[] = [];
  const abortedBy = async (verdict: Verdict): Promise<Settlement> => {
    verdicts.push(verdict);
    return {
      outcome: "aborted",
      by: verdict.gate,
      verdicts,
      sentence: await takeDown(situation, verdict),
    };
  };
  const watch = new Watch(situation, read);
  const ledger = await watch.begin();
  if ("outcome" in ledger) return abortedBy(ledger);
  const flip = flipOf(rollout, stage, stage.attempt, ledger);
  const flippedAt = Date.parse(flip?.completedAt ?? "");
  const restarting = Date.now();
  const unstarted = await restartNow(situation, say);
  if (unstarted) return abortedBy(unstarted);
  const undelivered = await deliverNow(situation, flip?.deployment ?? 0, () => watch.glance(), say);
  if (undelivered) return abortedBy(undelivered);
  const sources = { ...sourcesOf(situation, stage.name, ledger), acting: true };
  const restarts = restartsOf(rollout).length > 0;
  const shortest = SHORTEST_LIMIT_MS[restarts ? "restarting" : "polling"];
  // Nothing waits longer than it is declared to.
  const scaled = (ms: number) => Math.max(Math.min(ms, shortest), ms / settings.timeScale);
  // Servers first: before they agree, a check would look at the old flags.
  const ordered = [...gates.filter(settlesWithin), ...gates.filter((gate) => !settlesWithin(gate))];
  let reportedAt: number | undefined;
  const smokeEnds = Date.now() + scaled(SMOKE_LIMIT_MS);
  for (const gate of ordered) {
    const within = settlesWithin(gate);
    const ends = within === undefined ? smokeEnds : Date.now() + scaled(milliseconds(within));
    say(
      `${stage.name}: ${gate.id} ${gate.definition.title} (up to ${showDuration(Math.max(0, ends - Date.now()))})`,
    );
    const verdict = await lookUntil(gate, sources, stage.attempt, ends, watch);
    if (verdict.outcome !== "pass") return abortedBy(verdict);
    verdicts.push(verdict);
    if (within !== undefined) reportedAt = Date.now();
  }
  const silent = await awaitSilentRows(situation, Number.isFinite(flippedAt) ? flippedAt : Date.now(), () =>
    watch.glance(),
  );
  const spoken = silent ?? (await watch.end());
  if (spoken) return abortedBy(spoken);
  const since = restarts ? restarting : flippedAt;
  const convergedMs = tookSince(since, restarting, reportedAt);
  if (convergedMs === undefined) return { outcome: "settled", verdicts };
  const unkept = await keepConverged(settings.region, rollout.name, convergedMs);
  if (unkept !== undefined) say(`${stage.name}: how long servers took could not be kept: ${unkept}`);
  return { outcome: "settled", verdicts, convergedMs };
}

/** How long servers took, in ms. Of a flip that was settled only later, nobody looked when they followed. */
function tookSince(since: number, settling: number, reportedAt: number | undefined): number | undefined {
  if (reportedAt === undefined || !(settling - since < RIGHT_AWAY_MS)) return undefined;
  return Math.max(0, reportedAt - since);
}

/** Starts servers anew; what speaks against the promotion where one of them goes on with the flags of before. */
async function restartNow(
  { rollout, stage, settings }: Situation,
  say: (line: string) => void,
): Promise<Verdict | undefined> {
  const services = restartsOf(rollout);
  if (services.length === 0) return undefined;
  say(
    `${stage.name}: restarting ${services.map(({ cluster, service }) => `${cluster}/${service}`).join(", ")}`,
  );
  const failed = unrestarted(await restartServers(settings.region, services));
  if (failed.length === 0) return undefined;
  return {
    gate: RESTART_ROW,
    title: "Servers that read their environment are restarted",
    outcome: "fail",
    observed: failed.join("; "),
    required: "every service with restart: true starts anew with the flags",
    remedy:
      "Check the service, and that this run may ecs:UpdateService it; then raise the attempt and run pulumi up again",
  };
}

const settlesWithin = ({ definition }: Gate) => kindOf(definition).settlesWithin?.(definition);

/** Looks again until the gate passes, fails for good or has written, its time is over, or something comes after the flip. */
async function lookUntil(
  gate: Gate,
  sources: Sources,
  attempt: number,
  ends: number,
  watch: Watch,
): Promise<Verdict> {
  const { live: on } = sources.ledger;
  const live = on && { liveSince: on.completedAt, liveDeployment: on.deployment };
  return looking(sources, async (look) => {
    for (;;) {
      const spoken = await watch.glance();
      if (spoken) return spoken;
      const [observation] = await look([gate]);
      const context = { now: Date.now(), timeScale: sources.timeScale, attempt };
      const verdict =
        live && observation?.definition === gateHash(gate)
          ? judgeInScope(gate, observation, live, context)
          : judge(gate, undefined, context);
      // Servers take their time to agree, and a metric to have samples; anything else that fails has failed. What writes
      // is run once, whatever came of it: that nobody answered is no reason to write again.
      const waits =
        !isAct(gate) &&
        (verdict.outcome === "inconclusive" ||
          (verdict.outcome === "fail" && settlesWithin(gate) !== undefined));
      if (!waits || Date.now() + PAUSE_MS > ends) return verdict;
      await sleep(PAUSE_MS);
    }
  });
}
