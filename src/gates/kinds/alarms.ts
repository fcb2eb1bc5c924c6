import { z } from "zod";
import { ALARM_MEMORY_MS } from "../../aws/memory";
import { alarmName } from "../../aws/names";
import { alarmHistoryLine, alarmsLine } from "../../aws/typed";
import { shell } from "../../text/markdown";
import { definition } from "../common";
import { kindOfGate, lacking } from "../kind";
import { leastSoak } from "../soakEnd";
import { CLOCK_SKEW_MS, fail, inconclusive, pass, showTime } from "../verdict";

/** The abort alarms in force are quiet, and were all through the predecessor's soak. */
export const alarms = kindOfGate({
  schema: definition("alarms", {}).describe(
    "Every abort alarm of the live stage, and of the stages before it, is OK now, and none was in ALARM since the stage went live.",
  ),
  sees: z.strictObject({
    kind: z.literal("alarms"),
    since: z.iso.datetime(),
    alarms: z.array(
      z.strictObject({
        row: z.string(),
        state: z.enum(["OK", "ALARM", "INSUFFICIENT_DATA", "missing"]),
        /** The last time it went into ALARM since `since`. */
        firedAt: z.iso.datetime().optional(),
      }),
    ),
  }),
  /** The names of the alarms that must be quiet, by row. */
  facts: { alarms: z.record(z.string(), z.string()).optional() },
  phases: ["entry"],
  free: true,
  // Of a row that several stages have, each has an alarm: the live stage's goes by the row alone.
  bind: (_, { rollout, line }) => {
    const alarms: Record<string, string> = {};
    for (const { name, abort } of line.toReversed())
      for (const row of Object.keys(abort))
        alarms[Object.hasOwn(alarms, row) ? `${row} of ${name}` : row] = alarmName(rollout.name, name, row);
    return { alarms };
  },
  fieldErrors: (_, { rollout, line }) => [
    ...lacking(
      line.some(({ abort }) => Object.keys(abort).length > 0),
      {
        what: "needs abort alarms, and no stage before declares one",
        remedy: "Add abort: to the predecessor, or take the gate out",
      },
    ),
    ...lacking(leastSoak(line.at(-1)?.soak, rollout.calendar) < ALARM_MEMORY_MS, {
      what: "looks back over a soak that is longer than the 30 days for which CloudWatch keeps an alarm's history",
      remedy: "Shorten the predecessor's soak, or take the gate out",
    }),
  ],
  required: () => "quiet now and all through the soak",
  measured(_, { place }, { alarms = {} }) {
    const names = Object.values(alarms);
    const lines = [alarmsLine(names, place.region), alarmHistoryLine(names, place.region)];
    return {
      how: "CloudWatch, the abort alarms of the stages that are live: their states now, then every change since",
      ...(names.length === 0 ? {} : { run: shell(lines) }),
    };
  },
  misses: (_, { since }, { liveSince }) =>
    Date.parse(since) <= Date.parse(liveSince) + CLOCK_SKEW_MS
      ? undefined
      : `alarms since ${showTime(since)} only, but the flags are live since ${showTime(liveSince)}`,
  judge(gate, seen, { now }) {
    const rows = Object.keys(gate.alarms ?? {});
    // All that was seen of a row counts: of two answers, the worse one.
    const states = rows.flatMap((row): { row: string; alarm: (typeof seen.alarms)[number] | undefined }[] => {
      const own = seen.alarms.filter((alarm) => alarm.row === row);
      return own.length > 0 ? own.map((alarm) => ({ row, alarm })) : [{ row, alarm: undefined }];
    });
    const list = (some: typeof states) => some.map(({ row }) => row).join(", ");
    const firing = states.filter(({ alarm }) => alarm?.state === "ALARM");
    if (firing.length > 0) return fail(`in ALARM now: ${list(firing)}`, "Mend what the alarm is about");
    const fired = states.filter(({ alarm }) => alarm?.firedAt !== undefined);
    if (fired.length > 0) {
      const when = fired.map(({ row, alarm }) => `${row} at ${showTime(alarm?.firedAt ?? "")}`).join(", ");
      return fail(
        `fired during the soak: ${when}`,
        "Find the cause, then raise the attempt of the live stage: its soak starts anew",
      );
    }
    const silent = states.filter(({ alarm }) => alarm === undefined || alarm.state === "missing");
    if (silent.length > 0)
      return inconclusive(
        `not there: ${list(silent)}`,
        "Bring the live stage up again, so that its alarms exist",
      );
    const blind = states.filter(({ alarm }) => alarm?.state !== "OK");
    if (blind.length > 0)
      return inconclusive(`without data: ${list(blind)}`, "Find out why the app does not publish the metric");
    if (rows.length === 0)
      return inconclusive(
        "the live stage declares no abort alarm",
        "Declare abort thresholds, or take the gate out",
      );
    // What the history no longer holds is not known: it may have been anything.
    if (now - Date.parse(seen.since) > ALARM_MEMORY_MS) {
      const kept = showTime(new Date(now - ALARM_MEMORY_MS).toISOString());
      return inconclusive(
        `quiet since ${kept}; CloudWatch keeps no longer history, and the soak began ${showTime(seen.since)}`,
        "Raise the attempt of the live stage, so that its soak starts anew, and promote within 30 days of it",
      );
    }
    return pass(`all ${rows.length} quiet since ${showTime(seen.since)}`);
  },
});
