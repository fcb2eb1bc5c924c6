import { describe, expect, it, test } from "vitest";
import { type JudgeContext, judge, type Outcome } from "../../../../src/gates/judge";
import { backup } from "../../../../src/gates/kinds/backup";
import { restored } from "../../../../src/gates/kinds/restored";
import type { Seen } from "../../../../src/gates/observation";
import { compareFields } from "../../../../src/gates/strength";
import { ago, gateOf, NOW, observe } from "../../../support/build";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const context: JudgeContext = { now: NOW, timeScale: 1, attempt: 1 };
const OPS = { system: "7713876296018420609", database: "ops" };
const SHOP = { system: "7713876296018420610", database: "ops" };
type Of<Kind extends Seen["kind"]> = Extract<Seen, { kind: Kind }>;
type Row<Kind extends Seen["kind"]> = [
  why: string,
  seen: Partial<Of<Kind>>,
  outcome: Outcome,
  observed: string | RegExp,
];

function check(gate: ReturnType<typeof gateOf>, seen: Seen, outcome: Outcome, observed: string | RegExp) {
  const verdict = judge(gate, observe(gate, seen), context);
  expect(verdict.observed).toMatch(observed);
  expect(verdict.outcome).toBe(outcome);
  expect(verdict.remedy === "").toBe(outcome === "pass");
}

describe("a backup", () => {
  const dump = { at: "/dumps", rollout: "ops-view", stage: "stageB", attempt: 2 };
  const gate = gateOf("B7", { source: "backup", maxAge: "24h", minPercent: 80 }, { dump });
  const whole: Of<"backup"> = {
    kind: "backup",
    file: "ops-view/stageB-2.dump",
    rollout: "ops-view",
    stage: "stageB",
    attempt: 2,
    takenAt: ago(HOUR),
    liveSince: ago(2 * HOUR),
    of: OPS,
    read: OPS,
    bytes: 1_000_000,
    sealed: true,
    last: 1_000_000,
    tables: 12,
    missing: [],
    faults: [],
  };
  test.each<Row<"backup">>([
    ["that is whole", {}, "pass", "ops-view/stageB-2.dump, 1.00 MB of 12 tables, taken 1 h ago"],
    ["that is the first", { last: undefined }, "pass", /taken 1 h ago/],
    ["of a database that grew", { last: 10 }, "pass", /taken 1 h ago/],
    ["as old as is allowed", { takenAt: ago(DAY), liveSince: ago(DAY) }, "pass", /taken 1 d ago/],
    ["too old", { takenAt: ago(DAY + 1), liveSince: undefined }, "fail", /stageB-2.dump was taken 1 d ago/],
    ["of the future", { takenAt: ago(-5_001) }, "inconclusive", /not known when it was taken/],
    [
      "from before what is live went live",
      { liveSince: ago(HOUR - 1) },
      "fail",
      /before what is live went live, at 2026-/,
    ],
    ["from before a time that is none", { liveSince: "?" }, "fail", /before what is live went live/],
    ["of another rollout", { rollout: "shop" }, "fail", /was taken for shop stageB, attempt 2/],
    ["of another stage", { stage: "stageA" }, "fail", /was taken for ops-view stageA, attempt 2/],
    ["of an earlier attempt", { attempt: 1 }, "fail", /was taken for ops-view stageB, attempt 1/],
    ["of another server", { of: SHOP }, "fail", /is of ops on the server 7713876296018420610, and the gates/],
    ["of another database", { of: { ...OPS, database: "shop" } }, "fail", /is of shop on the server 77/],
    ["of other bytes than were written down", { sealed: false }, "fail", /not the file that its manifest/],
    ["that is broken", { faults: ["it ends after 7 bytes"] }, "fail", /stageB-2.dump: it ends after 7 bytes/],
    ["without a table", { missing: ["public.a", "public.b"] }, "fail", /holds nothing of public.a, public.b/],
    ["as small as is allowed", { bytes: 800_000 }, "pass", /800 kB/],
    ["that shrank", { bytes: 799_999 }, "fail", /has 800 kB, and the last one had 1.00 MB/],
    ["of no size", { bytes: Number.NaN }, "fail", /has NaN bytes/],
  ])("%s", (_, seen, outcome, observed) => {
    check(gate, { ...whole, ...seen } as Seen, outcome, observed);
  });

  it("of any size passes where config says so", () => {
    const any = gateOf("B7", { source: "backup", minPercent: 0 }, { dump });
    check(any, { ...whole, bytes: 1 }, "pass", /1 bytes/);
  });

  it("of a rollout that takes none proves nothing", () => {
    check(
      gateOf("B7", { source: "backup" }),
      whole,
      "inconclusive",
      "the rollout does not say where dumps lie",
    );
  });

  test.each([
    ["a longer age", { maxAge: "48h" }, "weaker"],
    ["a shorter age", { maxAge: "1h" }, "stronger"],
    ["a smaller size", { minPercent: 50 }, "weaker"],
    ["a larger size", { minPercent: 90 }, "stronger"],
  ])("with %s is %s", (_, change, strength) => {
    const was = { maxAge: "24h", minPercent: 80 };
    expect(compareFields(was, { ...was, ...change }, backup.strength as never)).toMatchObject([{ strength }]);
  });
});

describe("a restored backup", () => {
  const proven = { at: "/dumps", rollout: "ops-view", stage: "stageB" };
  const gate = gateOf("B8", { source: "restored", maxAge: "30d", within: "30m" }, { proven });
  const agreed: Of<"restored"> = {
    kind: "restored",
    file: "ops-view/stageB-2.dump",
    bytes: 1_000_000,
    at: ago(DAY),
    of: OPS,
    read: OPS,
    tookMs: 250_000,
    tables: 12,
    rows: "340000",
    failures: [],
  };
  test.each<Row<"restored">>([
    [
      "that agreed",
      {},
      "pass",
      "ops-view/stageB-2.dump, 1.00 MB, back in 4 m 10 s: 12 tables and 340000 rows agree, 1 d ago",
    ],
    ["as old as is allowed", { at: ago(30 * DAY) }, "pass", /30 d ago/],
    ["too old", { at: ago(30 * DAY + 1) }, "fail", /30 d ago/],
    ["in the future", { at: ago(-5_001) }, "inconclusive", /not known when it was restored/],
    ["as slowly as is allowed", { tookMs: 30 * 60_000 }, "pass", /back in 30 m/],
    ["too slowly", { tookMs: 30 * 60_000 + 1 }, "fail", /back in 30 m/],
    [
      "of another database",
      { of: SHOP },
      "fail",
      /which was restored, is of ops on the server 77138762960184206/,
    ],
    [
      "that did not come back",
      { failures: ["pg_restore: could not read"], tookMs: undefined, tables: undefined },
      "fail",
      /did not come back, 1 d ago: pg_restore: could not read/,
    ],
    ["that differs", { failures: ["a", "b", "c", "d"] }, "fail", /ago: a; b; c, and 1 more/],
    ["of which nothing was compared", { tables: undefined }, "inconclusive", /nothing of it was compared/],
    ["that holds no table", { tables: 0 }, "inconclusive", /nothing of it was compared/],
    ["that took no time", { tookMs: undefined }, "inconclusive", /nothing of it was compared/],
    ["that took NaN", { tookMs: Number.NaN }, "fail", /an unknown time/],
  ])("%s", (_, seen, outcome, observed) => {
    check(gate, { ...agreed, ...seen } as Seen, outcome, observed);
  });

  it("that failed, and is too old besides, has failed", () => {
    const old = { ...agreed, failures: ["x"], at: ago(90 * DAY) };
    check(gate, old, "fail", /did not come back/);
  });

  it("of a rollout that takes none proves nothing", () => {
    check(gateOf("B8", { source: "restored" }), agreed, "inconclusive", /does not say where dumps lie/);
  });

  test.each([
    ["a longer age", { maxAge: "60d" }, "weaker"],
    ["a longer time", { within: "1h" }, "weaker"],
    ["no time at all", { within: undefined }, "weaker"],
    ["a shorter time", { within: "10m" }, "stronger"],
  ])("with %s is %s", (_, change, strength) => {
    const was = { maxAge: "30d", within: "30m" };
    expect(compareFields(was, { ...was, ...change }, restored.strength as never)).toMatchObject([
      { strength },
    ]);
  });
});
