import { decisionOf } from "../abort/reminder";
import type { AlarmNow } from "../aws/alarms";
import { known } from "../aws/known";
import type { OpenDecision } from "../rollout/finishing";
import { rollbackAlarms, undecidedAlarms } from "../rollout/rollbackAlarms";
import type { Rollout } from "../rollout/rollout";
import type { FinishWorld } from "./finishWorld";

/** All alarms that may bring flags down, as they are now. */
export async function alarmsOf(
  rollout: Rollout,
  world: Pick<FinishWorld, "alarms">,
): Promise<ReadonlyMap<string, AlarmNow>> {
  const rows = [rollbackAlarms, undecidedAlarms].flatMap((of) => of(rollout, rollout.stages));
  return rows.length === 0 ? new Map() : world.alarms(rows.map(({ alarm }) => alarm));
}

/** The alarms that ring and that nobody has decided about, as far as that is known. Never throws. */
export async function openDecisions(
  rollout: Rollout,
  world: Pick<FinishWorld, "decisions">,
  alarms: ReadonlyMap<string, AlarmNow>,
): Promise<OpenDecision[]> {
  const ringing = undecidedAlarms(rollout, rollout.stages).flatMap((row) => {
    const seen = alarms.get(row.alarm);
    return seen?.state === "ALARM" ? [{ ...row, since: seen.since }] : [];
  });
  const each = await Promise.all(
    ringing.map(async ({ since, ...alarm }): Promise<OpenDecision[]> => {
      const kept = await known(() => world.decisions(alarm.stage, alarm.row));
      if (!kept.ok) return [{ ...alarm, since, unread: kept.why }];
      const decided = since !== undefined && decisionOf(kept.value, alarm.row, since) !== undefined;
      return decided ? [] : [{ ...alarm, since }];
    }),
  );
  return each.flat();
}
