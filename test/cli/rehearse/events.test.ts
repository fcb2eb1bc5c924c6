import { expect, test } from "vitest";
import { eventsOf } from "../../../cli/rehearse/report";
import type { Step } from "../../../cli/rehearse/timeline";
import { reportEvent } from "../../../cli/report/data";

const AT = "2026-11-21T12:00:00.000Z";
const step = (spec: Partial<Step>): Step => ({
  name: "stageA, before the migrations",
  stack: "stageA",
  expected: "blocked",
  outcome: "blocked",
  flagsBefore: {},
  flagsAfter: {},
  verdicts: {},
  ms: 10,
  at: AT,
  why: ["A1 fail"],
  ...spec,
});

test("a step that the ledger does not tell is an event; what went wrong says so", () => {
  const steps = [
    step({}),
    step({ name: "stageA", expected: "promoted", outcome: "promoted" }),
    step({ name: "XB1 fires", expected: "aborted", outcome: "aborted" }),
    step({ name: "migrations", stack: null, expected: "done", outcome: "done", why: [] }),
    step({ name: "stageB", expected: "blocked", outcome: "promoted", why: [] }),
  ];
  expect(eventsOf(steps, [])).toEqual([
    { at: AT, kind: "blocked", title: "stageA, before the migrations", stage: "stageA", lines: ["A1 fail"] },
    { at: AT, kind: "step", title: "migrations", lines: [] },
    { at: AT, kind: "failed", title: "stageB", stage: "stageA", lines: ["promoted, not blocked"] },
  ]);
});

test("what was heard is an event, but for what the report reads elsewhere", () => {
  const heard = (subject: string | undefined, message = "words") => ({
    at: AT,
    topic: "ops-view-ops",
    subject,
    message,
  });
  const events = eventsOf(
    [],
    [
      heard("Incident: ops-view stageB"),
      heard(undefined),
      heard('OK: "ops-view-stageA-XA1" in us-east-1'),
      heard("ops-view stageA C1: Reads are about to be enabled"),
    ],
  );
  expect(events.map(({ title }) => title)).toEqual([
    "to ops-view-ops: Incident: ops-view stageB",
    "to ops-view-ops: words",
  ]);
  for (const event of events) expect(reportEvent.safeParse(event).success).toBe(true);
});
