import type { BroughtDown } from "../abort/bringDown";
import type { AlarmNow } from "../aws/alarms";
import type { Flags } from "../flags/flags";
import { type Ledger, showEntry, showLater } from "../flags/ledger";
import { type Finish, finishIn } from "../rollout/finished";
import { lastStage, type OpenDecision, openProblem } from "../rollout/finishing";
import { type RollbackAlarm, rollbackAlarms } from "../rollout/rollbackAlarms";
import { floorOf, type Rollout, type Stage } from "../rollout/rollout";
import { isAtFinish, type SinceFinish, sinceFinish, stageFinished } from "../rollout/sinceFinish";
import { short } from "../text/command";
import { reasonOf, showProblem } from "../text/problem";
import { alarmsOf, openDecisions } from "./finishOpen";
import type { AfterFinish, FinishAsked, FinishWorld } from "./finishWorld";
import type { Down } from "./flagStore";
import { patiently } from "./patiently";

/** For how long it is asked what came after the entry. */
const PATIENCE_MS = 30_000;

/** The finish stands, by the ledger as it was read last. */
export interface Stands {
  readonly kind: "stands";
  readonly finish: Finish;
  readonly ledger: Ledger;
  readonly flags: Flags;
}

/**
 * What came after the entry, the ledger last of all: an abort, which ended the finish; or, right after it, a deployment
 * of somebody else, or an alarm that rings, for which the flags come down, as after a promotion. What somebody else
 * deployed later leaves it in the ledger, and is not what was finished. What cannot be read leaves it standing, and open.
 *
 * @param done without its time where its entry was made just now
 */
export async function lookAfter(
  { rollout, patience = PATIENCE_MS }: Pick<FinishAsked, "rollout" | "patience">,
  world: FinishWorld,
  done: Finish,
): Promise<AfterFinish | Stands> {
  const rows = rollbackAlarms(rollout, rollout.stages);
  let alarms: ReadonlyMap<string, AlarmNow>;
  let open: readonly OpenDecision[];
  let ledger: Ledger;
  try {
    alarms = await patiently(() => alarmsOf(rollout, world), patience);
    open = await openDecisions(rollout, world, alarms);
    ledger = await patiently(() => world.ledger(), patience);
  } catch (error) {
    return { kind: "unknown", finish: done, why: reasonOf(error) };
  }
  const since = sinceFinish(rollout, ledger, done.deployment);
  const { live } = ledger;
  if (since.kind === "ended")
    return {
      kind: "taken-back",
      why: showBetween(ledger, done.deployment) ?? "AppConfig took its entry back",
      down: [],
      flags: live?.flags,
    };
  const loud = rows.flatMap((one) => {
    const seen = alarms.get(one.alarm);
    return seen?.state === "ALARM" && isAtFinish(done, seen.since)
      ? [{ stage: one.stage, down: downFor(rollout, one) }]
      : [];
  });
  const downs = [...loud, ...strangersDown(rollout, ledger, done, since)];
  if (downs.length > 0) return takeBack(world, downs);
  if (since.kind === "overtaken")
    return { kind: "overtaken", finish: done, why: `${came(since)} after it`, flags: live?.flags ?? {} };
  const waiting = open.find((one) => isAtFinish(done, one.since));
  if (waiting) return { kind: "unknown", finish: done, why: showProblem(openProblem(waiting, short.reopen)) };
  return { kind: "stands", finish: finishIn(since.entry), ledger, flags: since.flags };
}

const came = ({ by }: Extract<SinceFinish, { kind: "overtaken" }>) =>
  `deployment ${by.deployment} (${showEntry(by)}) came`;

/** What somebody else deployed right after the finish comes down, as after a promotion. */
function strangersDown(rollout: Rollout, ledger: Ledger, done: Finish, since: SinceFinish): StageDown[] {
  if (since.kind !== "overtaken" || !isAtFinish(done, since.by.completedAt)) return [];
  const stage = stageFinished(rollout, ledger, done.deployment) ?? lastStage(rollout);
  const reason = `${came(since)} right after the finish`;
  return [{ stage, down: { floor: floorOf(rollout, stage), row: "ledger", reason } }];
}

interface StageDown {
  readonly stage: Stage;
  readonly down: Down;
}

/** Each of them is tried, whatever becomes of the others. Throws where flags may still be up. */
async function takeBack(world: FinishWorld, downs: readonly StageDown[]): Promise<AfterFinish> {
  const down: BroughtDown[] = [];
  const failed: string[] = [];
  for (const one of downs)
    try {
      down.push(await world.bringDown(one.stage, one.down));
    } catch (error) {
      failed.push(`${reasonOf(error)} (${one.down.row} of ${one.stage.name})`);
    }
  if (failed.length > 0) throw new Error(failed.join("; "));
  return { kind: "taken-back", why: downs.map((one) => one.down.reason).join("; "), down };
}

function downFor(rollout: Rollout, { stage, row, threshold, alarm }: RollbackAlarm): Down {
  return {
    floor: floorOf(rollout, stage, threshold, lastStage(rollout)),
    only: threshold.flags,
    freeze: threshold.whenIrreversible === "freeze",
    row,
    reason: `${row} (${threshold.title}): its alarm ${alarm} rang while the rollout was finished`,
  };
}

/** What came after the deployment that was looked at; undefined where nothing did. */
export function showBetween(ledger: Ledger, after: number): string | undefined {
  const later = showLater(ledger, after);
  return later && `${later} came after what was looked at`;
}
