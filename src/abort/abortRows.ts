import { alarmName, DRILL_ROW } from "../aws/names";
import { lowerTo } from "../flags/flags";
import { downTo, floorOf, type Rollout, type Stage } from "../rollout/rollout";
import { drillSignal, firesWhen } from "../rollout/signal";
import { milliseconds } from "../text/duration";
import { spanOf } from "./reaction";
import type { AbortRow } from "./switchConfig";

/**
 * A stage's abort rows by their alarms' names, as `alarms` wants them.
 *
 * @param timeScale how much faster declared durations pass than the clock; 1 on any real account
 */
export function abortRows(
  rollout: Pick<Rollout, "name" | "flags" | "stages" | "abortTo">,
  stage: Pick<Stage, "name" | "flags" | "predecessor" | "abort" | "abortTo">,
  timeScale = 1,
): Record<string, AbortRow> {
  const rows = Object.entries(stage.abort).map(([row, threshold]): [string, AbortRow] => {
    const { title, runbook, action, to, flags: only, incident, remind, whenIrreversible } = threshold;
    return [
      alarmName(rollout.name, stage.name, row),
      {
        row,
        title,
        action,
        limit: firesWhen(threshold),
        runbook,
        ...(to === undefined ? {} : { floor: floorOf(rollout, stage, { to }) }),
        ...(to === undefined && only === undefined ? {} : { to: downTo(rollout, stage, threshold) }),
        ...(downTo(rollout, stage, threshold) === "previous"
          ? { previous: { spanMs: spanOf(threshold), floor: lowestOf(rollout, stage) } }
          : {}),
        ...(only === undefined ? {} : { only }),
        ...(whenIrreversible === "freeze" ? { freeze: true as const } : {}),
        ...(incident ? { incident: incident.to } : {}),
        ...(remind ? { remind: { ...remind, afterMs: milliseconds(remind.after) / timeScale } } : {}),
      },
    ];
  });
  return Object.fromEntries(rows);
}

/** Where one phase down from the very stage leads: what it contracts is down there, too, and comes down where it went up since. */
const lowestOf = (rollout: Parameters<typeof floorOf>[0], stage: Parameters<typeof floorOf>[1]) =>
  lowerTo(rollout.flags, stage.flags, floorOf(rollout, stage, { to: "previous" }));

/** The row that stands for a stage's drill, by its alarm's name. */
export function drillRow(rollout: string, stage: string): Record<string, AbortRow> {
  return {
    [alarmName(rollout, stage, DRILL_ROW)]: {
      row: DRILL_ROW,
      title: "A drill of the alarm path; nothing is wrong",
      action: "drill",
      limit: firesWhen(drillSignal(rollout, stage)),
    },
  };
}
