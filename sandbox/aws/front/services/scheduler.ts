import { DateTime } from "luxon";
import type { Input } from "../call";
import { timeOf } from "../metrics/read";
import { listOf, type Rule, type Service, textOf } from "../rule";
import { mayAssume } from "./roles";

const SCHEDULES = ["CreateSchedule", "UpdateSchedule"];
const FIVE_MINUTES = 300_000;
/** Bytes. */
const LARGEST_INPUT = 262_144;
/** The account's quota, which a person may have raised. */
const MOST_GROUPS = 500;

/** A whole number of minutes, hours or days. */
const isRate = (expression: string) => /^rate\([1-9]\d* (minutes?|hours?|days?)\)$/.test(expression);

/** Six fields, of which one of the two that name a day says `?`: each of them would name another. */
function isCron(expression: string): boolean {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? [];
  if (fields.length !== 6 || !fields.every((field) => /^[\dA-Z*?,/#LW-]+$/i.test(field))) return false;
  return [fields[2], fields[4]].filter((field) => field === "?").length === 1;
}

const RULES: readonly Rule[] = [
  {
    id: "scheduler-expression",
    source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
    refuses: "an expression that is no rate, cron or time, or a time zone that does not exist",
    code: "ValidationException",
    operations: SCHEDULES,
    when: ({ ScheduleExpression, ScheduleExpressionTimezone }) => {
      const expression = textOf(ScheduleExpression) ?? "";
      const zone = textOf(ScheduleExpressionTimezone) ?? "UTC";
      if (!DateTime.utc().setZone(zone).isValid) return `Invalid Schedule Expression Timezone ${zone}.`;
      return isRate(expression) || isCron(expression) || oneTime(expression, zone) !== undefined
        ? undefined
        : `Invalid Schedule Expression ${expression}.`;
    },
  },
  {
    id: "scheduler-past",
    source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
    refuses: "a one-time schedule in the past",
    code: "ValidationException",
    operations: SCHEDULES,
    when: ({ ScheduleExpression, ScheduleExpressionTimezone }, _call, { now }) => {
      const time = oneTime(textOf(ScheduleExpression) ?? "", textOf(ScheduleExpressionTimezone) ?? "UTC");
      return time !== undefined && time < now()
        ? `Invalid Schedule Expression ${ScheduleExpression}. The time must be in the future.`
        : undefined;
    },
  },
  {
    id: "scheduler-end",
    refuses: "an end of a repeated schedule that is past, or not after its start",
    code: "ValidationException",
    operations: ["CreateSchedule"],
    when: ({ ScheduleExpression, StartDate, EndDate }, _call, { now }) => {
      const end = timeOf(EndDate);
      // Of a schedule that comes once, both are ignored.
      if (end === undefined || textOf(ScheduleExpression)?.startsWith("at(")) return undefined;
      return end <= Math.max(now(), timeOf(StartDate) ?? 0)
        ? "The EndDate you specify must come after the StartDate you specify and the current time."
        : undefined;
    },
  },
  {
    id: "scheduler-input",
    source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html",
    refuses: "an input for the target of more than 256 KB",
    code: "ValidationException",
    operations: SCHEDULES,
    when: ({ Target }) =>
      Buffer.byteLength(textOf((Target as Input | undefined)?.Input) ?? "") > LARGEST_INPUT
        ? `The payload size of the target's Input must not exceed ${LARGEST_INPUT} bytes.`
        : undefined,
  },
  {
    id: "scheduler-groups",
    source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html",
    refuses: `a schedule group where there are ${MOST_GROUPS} already`,
    code: "ServiceQuotaExceededException",
    status: 402,
    operations: ["CreateScheduleGroup"],
    when: async (_input, { scope }, { upstream }) => {
      const { ScheduleGroups } = await upstream.get("scheduler", "/schedule-groups?MaxResults=1000", scope);
      return listOf(ScheduleGroups).length >= MOST_GROUPS
        ? `You have reached the quota of ${MOST_GROUPS} schedule groups.`
        : undefined;
    },
  },
  {
    id: "scheduler-start",
    refuses: "a start more than five minutes ago",
    code: "ValidationException",
    operations: ["CreateSchedule"],
    when: ({ StartDate }, _call, { now }) =>
      (timeOf(StartDate) ?? now()) < now() - FIVE_MINUTES
        ? "The StartDate you specify cannot be earlier than 5 minutes ago."
        : undefined,
  },
  {
    id: "scheduler-role",
    source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html",
    refuses: "a role that the scheduler may not assume",
    code: "ValidationException",
    operations: SCHEDULES,
    when: async ({ Target }, { scope }, { upstream }) => {
      const role = textOf((Target as { RoleArn?: unknown } | undefined)?.RoleArn);
      return role === undefined || (await mayAssume(role, "scheduler.amazonaws.com", scope, upstream))
        ? undefined
        : "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.";
    },
  },
];

/** When `at(2026-01-01T00:00:00)` is, in milliseconds of the epoch. */
function oneTime(expression: string, zone: string): number | undefined {
  const time = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression)?.[1];
  const found = DateTime.fromISO(time ?? "", { zone });
  return found.isValid ? found.toMillis() : undefined;
}

/** EventBridge Scheduler. */
export const scheduler = (): Service => ({
  name: "scheduler",
  reference: "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_",
  routes: [
    { operation: "CreateSchedule", method: "POST", path: "/schedules/{Name}" },
    { operation: "UpdateSchedule", method: "PUT", path: "/schedules/{Name}" },
    { operation: "CreateScheduleGroup", method: "POST", path: "/schedule-groups/{Name}" },
  ],
  rules: RULES,
});
