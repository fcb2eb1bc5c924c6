import type { AlarmSetup } from "../aws/alarmSetups";
import { metricKey } from "../aws/metricId";
import { alarmName } from "../aws/names";
import { showDuration } from "../text/duration";
import { type Problem, tellWhere } from "../text/problem";
import type { Alarmed } from "./alarmNames";
import { changedIn } from "./changed";
import type { AbortThreshold } from "./config/abortRow";
import { type GuardFacts, type Guarding, type Reading, readBy, rowsOf } from "./guardFacts";
import { type Fault, restore, unknown } from "./guardFault";
import { lineCountOf } from "./lineCount";
import { lineFaults } from "./lineFaults";
import { personFaults } from "./personFaults";
import { publishing } from "./publishing";
import type { Rollout } from "./rollout";
import { alarmOn, follows } from "./signal";
import { silence } from "./silence";
import { switchFaults } from "./switchFaults";

/** Why a guard could not act, or that nobody knows whether it could. */
export interface Unarmed extends Fault {
  readonly stage: string;
  /** The rows that it disarms. */
  readonly rows: readonly string[];
}

export type Named = Alarmed & Pick<Rollout, "account" | "existingTopics">;

/**
 * What keeps guards from acting: a guard is a signal together with everything that must work for it to act, and counts
 * by its effect, never by its presence. What could not be read is not armed, either. Empty: all are armed.
 */
export function unarmed(rollout: Named, guarding: readonly Guarding[], facts: GuardFacts): Unarmed[] {
  const declared = guarding.filter(({ stage }) => Object.keys(stage.abort).length > 0);
  return declared.flatMap((one): Unarmed[] => {
    const { stage, standing } = one;
    const all = Object.keys(stage.abort);
    const of = (rows: readonly string[]) => (fault: Fault) => ({ stage: stage.name, rows, ...fault });
    const path = facts.switches.get(stage.name);
    return [
      ...rowsOf(one).flatMap(([row, threshold]) => {
        const alarm = alarmName(rollout.name, stage.name, row);
        const [counted, lines] = [lineCountOf(threshold), facts.lines.get(alarm)];
        return [
          ...(standing ? alarmFaults(alarm, one, threshold, facts) : []),
          ...(standing && counted && lines ? lineFaults(alarm, stage.name, counted, lines) : []),
          ...readBy(threshold, one.raised).flatMap((read) => metricFaults(one, threshold, read, facts)),
        ].map(of([row]));
      }),
      ...personFaults(rollout, facts).map(of(all)),
      ...(standing && path ? switchFaults(rollout, stage, path).map(of(all)) : []),
    ];
  });
}

/** What disarms one row. */
export function disarming(found: readonly Unarmed[], stage: string, row: string): Unarmed[] {
  return found.filter((one) => one.stage === stage && one.rows.includes(row));
}

/** The same as problems: by stage and row, and each once, however many stages it disarms. */
export function unarmedProblems(found: readonly Unarmed[]): Problem[] {
  const byFault = new Map<string, { where: string[]; fault: Unarmed }>();
  for (const fault of found) {
    const key = JSON.stringify([fault.what, fault.remedy]);
    const where = `${fault.stage} ${fault.rows.join(", ")}`;
    const same = byFault.get(key);
    if (same) same.where.push(where);
    else byFault.set(key, { where: [where], fault });
  }
  return [...byFault.values()].map(({ where, fault: { what, remedy } }) => ({
    where: where.join("; "),
    what: `not armed: ${what}`,
    remedy,
  }));
}

function alarmFaults(
  name: string,
  { stage }: Guarding,
  threshold: AbortThreshold,
  { alarms, onCallArn, switches }: GuardFacts,
): Fault[] {
  if (!alarms.ok) return [unknown(`how its alarm ${name} is set up`, alarms)];
  const seen = alarms.value.get(name);
  const remedy = restore(stage.name);
  if (!seen) return [{ what: `its alarm ${name} is not there`, remedy }];
  const wanted = [onCallArn, switches.get(stage.name)?.topicArn ?? ""];
  const untold = wanted.filter((arn) => !seen.actions.includes(arn));
  const { alarm } = threshold;
  const changed = changedIn(alarm === undefined ? alarmOn(threshold) : follows(alarm), seen);
  return [
    ...(alarm === undefined ? [] : followedFaults(alarm, stage.name, alarms.value.get(alarm))),
    ...tellWhere(!seen.actionsEnabled, {
      what: `the actions of its alarm ${name} are disabled: it would tell nobody`,
      remedy,
    }),
    ...tellWhere(untold.length > 0, {
      what: `its alarm ${name} does not tell ${untold.map((arn) => arn.split(":").at(-1)).join(" and ")}`,
      remedy,
    }),
    ...tellWhere(changed.length > 0, {
      what: `its alarm ${name} is not as declared: ${changed.join("; ")}`,
      remedy,
    }),
  ];
}

/** What keeps a row from hearing of somebody else's alarm. What that does by itself is its owner's. */
function followedFaults(alarm: string, stage: string, seen: AlarmSetup | undefined): Fault[] {
  if (!seen)
    return [
      {
        what: `the alarm ${alarm}, which it follows, is not there`,
        remedy: `Correct its name in Pulumi.${stage}.yaml, or have it made again`,
      },
    ];
  return tellWhere(seen.state === "INSUFFICIENT_DATA", {
    what: `the alarm ${alarm}, which it follows, has insufficient data: it watches nothing that is there`,
    remedy: `See to it with its owner that its metric is published; where that comes seldom, that its missing data are notBreaching. Or follow another alarm in Pulumi.${stage}.yaml`,
  });
}

const CALLED = { value: "", samples: "samplesFrom ", heartbeat: "the heartbeat " } as const;

function metricFaults(
  { stage }: Guarding,
  row: AbortThreshold,
  reading: Reading,
  facts: GuardFacts,
): Fault[] {
  const { heard, now } = facts;
  const at = heard.ok ? heard.value.get(metricKey(reading.metric)) : undefined;
  if (row.probe && heard.ok && !(at !== undefined && now - at <= reading.within))
    return [
      {
        what: `its probe has measured nothing for ${showDuration(at === undefined ? reading.within : now - at)}`,
        remedy: `Look at the log of the probe of ${stage.name}; where its schedule or its function is gone: ${restore(stage.name)}`,
        passing: true,
      },
    ];
  return silence(reading, facts, {
    called: CALLED[reading.as],
    stage: stage.name,
    never: "nothing that happens would set the alarm off",
    whose: "the row watches",
    publish: `${publishing({ ...reading.metric, statistic: reading.statistic })}. ${SELDOM}`,
  });
}

const SELDOM =
  "If it is silent until this stage's flags are up, say silentUntilFlip; if it comes seldom, say dataWithin";
