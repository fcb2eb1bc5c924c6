import { alarmName } from "../aws/names";
import type { AbortThreshold } from "./config/abortRow";
import type { Rollout, Stage } from "./rollout";

/** A row that brings flags down by itself, at once or where nobody decides, and the alarm that does it. */
export interface RollbackAlarm {
  readonly stage: Stage;
  readonly row: string;
  readonly threshold: AbortThreshold;
  /** The alarm's name. */
  readonly alarm: string;
}

/** The alarms of some stages that roll back. */
export function rollbackAlarms(rollout: Pick<Rollout, "name">, stages: readonly Stage[]): RollbackAlarm[] {
  return alarmsOf(rollout, stages, ({ action }) => action === "rollback");
}

/** Those that only page, and roll back where nobody has decided about them in time. */
export function undecidedAlarms(rollout: Pick<Rollout, "name">, stages: readonly Stage[]): RollbackAlarm[] {
  return alarmsOf(
    rollout,
    stages,
    ({ action, remind }) => action === "page" && remind?.undecided === "rollback",
  );
}

function alarmsOf(
  { name }: Pick<Rollout, "name">,
  stages: readonly Stage[],
  is: (threshold: AbortThreshold) => boolean,
): RollbackAlarm[] {
  return stages.flatMap((stage) =>
    Object.entries(stage.abort).flatMap(([row, threshold]) =>
      is(threshold) ? [{ stage, row, threshold, alarm: alarmName(name, stage.name, row) }] : [],
    ),
  );
}
