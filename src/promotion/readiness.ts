import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { type AlarmNow, alarmsNow } from "../aws/alarms";
import { withClient } from "../aws/clients";
import { alarmName } from "../aws/names";
import type { Rollout, Stage } from "../rollout/rollout";
import { short } from "../text/command";
import { type Problem, reasonOf, UserError } from "../text/problem";

/** What the alarms of a stage say about raising its flags now. */
export interface Readiness {
  /** What speaks against it. */
  readonly problems: readonly Problem[];
  /** Rows whose silence counts as a breach, and which CloudWatch has not looked at yet. */
  readonly unknown: readonly string[];
}

type Guarded = Pick<Stage, "name" | "abort">;

/**
 * Whether a stage's own alarms could bring its flags down again. An alarm acts when it goes into ALARM: one that is
 * there already would never act, nor page, about flags that are raised under it. One without data acts when data
 * come, except where its silence is a breach in itself: nothing is known of it before it was evaluated.
 */
export function readinessOf(rollout: string, stage: Guarded, now: ReadonlyMap<string, AlarmNow>): Readiness {
  const rows = Object.entries(stage.abort).map(([row, { missingData }]) => {
    const name = alarmName(rollout, stage.name, row);
    return { row, name, missingData, seen: now.get(name) };
  });
  return {
    problems: rows.flatMap(({ row, name, seen }): Problem[] => {
      if (!seen)
        return [
          {
            where: row,
            what: `its alarm ${name} is not there`,
            remedy: `Run ${short.ofStack("refresh", stage.name)}, then ${short.ofStack("up", stage.name)}: without the refresh, up takes a deleted alarm for unchanged`,
          },
        ];
      if (seen.state !== "ALARM") return [];
      const why = seen.reason ? ` (${seen.reason})` : "";
      return [
        {
          where: row,
          what: `its alarm ${name} is in ALARM already${why}: it would neither page nor lower the flags`,
          remedy: stage.abort[row]?.runbook
            ? `${stage.abort[row]?.runbook}; once the alarm is OK, run pulumi up again`
            : "Mend what it is about; once the alarm is OK, run pulumi up again",
        },
      ];
    }),
    unknown: rows.flatMap(({ row, missingData, seen }) =>
      seen?.state === "INSUFFICIENT_DATA" && missingData === "breaching" ? [row] : [],
    ),
  };
}

/** How alarms are looked at, and for how long. */
export interface Looking {
  read(names: readonly string[]): Promise<ReadonlyMap<string, AlarmNow>>;
  /** For how many ms alarms that were not evaluated yet are waited for. */
  readonly patience: number;
  readonly pause: number;
}

/**
 * Throws a `UserError` unless every alarm of the stage stands and is quiet. Where that cannot be known, it is not so:
 * flags go up only where something can bring them down again.
 */
export async function requireQuietAlarms(
  rollout: Pick<Rollout, "name">,
  stage: Guarded,
  { read, patience, pause }: Looking,
): Promise<void> {
  const names = Object.keys(stage.abort).map((row) => alarmName(rollout.name, stage.name, row));
  if (names.length === 0) return;
  const refuse = (problems: readonly Problem[]): never => {
    throw new UserError(
      `The last look refuses to deploy ${stage.name}: its own alarms are not ready:`,
      problems,
    );
  };
  for (const ends = performance.now() + patience; ; await sleep(pause)) {
    const now = await read(names).catch((error: unknown) =>
      refuse([
        {
          where: "CloudWatch",
          what: `the states of the stage's alarms cannot be read: ${reasonOf(error)}`,
          remedy: "Nothing has changed. Check the permissions and the network, then run pulumi up again",
        },
      ]),
    );
    const { problems, unknown } = readinessOf(rollout.name, stage, now);
    if (problems.length > 0) return refuse(problems);
    if (unknown.length === 0) return;
    if (performance.now() + pause > ends)
      return refuse(
        unknown.map((row) => ({
          where: row,
          what: "its alarm has no data yet, and its silence counts as a breach: it would go off right after the flip",
          remedy:
            "See to it that its metric is published before the flags are raised, then run pulumi up again",
        })),
      );
  }
}

/** Reads alarms from CloudWatch. */
export function readAlarms(names: readonly string[], region: string): Promise<ReadonlyMap<string, AlarmNow>> {
  return withClient(CloudWatchClient, { region }, (client) => alarmsNow(client, names));
}
