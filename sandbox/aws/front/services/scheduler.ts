import { DateTime } from "luxon";
import { timeOf } from "../metrics/read";
import { type Rule, type Service, textOf } from "../rule";
import { mayAssume } from "./roles";

const SCHEDULES = ["CreateSchedule", "UpdateSchedule"];
const FIVE_MINUTES = 300_000;

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
      return /^(rate|cron)\(.+\)$/.test(expression) || oneTime(expression, zone) !== undefined
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
