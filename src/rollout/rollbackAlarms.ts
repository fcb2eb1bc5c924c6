import { alarmName } from "../aws/names";
import type { AbortThreshold } from "./config/abortRow";
import type { Rollout, Stage } from "./rollout";

/** A row that brings flags down by itself, and the alarm that does it. */
export interface RollbackAlarm {
  readonly stage: Stage;
  readonly row: string;
  readonly threshold: AbortThreshold;
  /** The alarm's name. */
  readonly alarm: string;
}

/** The alarms of some stages that roll back. */
export function rollbackAlarms({ name }: Pick<Rollout, "name">, stages: readonly Stage[]): RollbackAlarm[] {
  return stages.flatMap((stage) =>
    Object.entries(stage.abort).flatMap(([row, threshold]) =>
      threshold.action === "rollback"
        ? [{ stage, row, threshold, alarm: alarmName(name, stage.name, row) }]
        : [],
    ),
  );
}
