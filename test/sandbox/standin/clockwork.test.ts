import { describe, expect, it } from "vitest";
import { isDue } from "../../../sandbox/standin/clockwork";

const now = Date.parse("2026-11-29T12:00:00Z");
const at = (minutes: number) => new Date(now + minutes * 60_000);

describe("a schedule calls", () => {
  it.each([
    ["once its one time has come", { ScheduleExpression: "at(2026-11-29T12:00:00)" }, true],
    ["not before", { ScheduleExpression: "at(2026-11-29T12:00:01)" }, false],
    ["again and again", { ScheduleExpression: "rate(1 hour)" }, true],
    ["not before its start", { ScheduleExpression: "rate(1 hour)", StartDate: at(1) }, false],
    [
      "from its start to its end",
      { ScheduleExpression: "rate(1 hour)", StartDate: at(-1), EndDate: at(1) },
      true,
    ],
    ["not after its end", { ScheduleExpression: "rate(1 hour)", EndDate: at(-1) }, false],
    ["not while it is off", { ScheduleExpression: "rate(1 hour)", State: "DISABLED" as const }, false],
  ])("%s", (_, schedule, due) => {
    expect(isDue({ GroupName: "default", Name: "one", ...schedule } as never, now)).toBe(due);
  });
});
