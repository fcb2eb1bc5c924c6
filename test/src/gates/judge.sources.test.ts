import { describe, expect, it, test } from "vitest";
import type { Gate } from "../../../src/gates/gate";
import { type JudgeContext, judge, type Outcome } from "../../../src/gates/judge";
import type { Seen } from "../../../src/gates/observation";
import {
  ago,
  COVERED,
  flags,
  gateOf,
  liveFor,
  NOW,
  observe,
  READ,
  soakGate,
  sqlGate,
  value,
  WRITE,
} from "../../support/build";

/** Each source's own table: what was seen, the verdict, and the words for it. SQL, soak and drill have files of their own. */

const HOUR = 3_600_000;
const DATABASE = { system: "7713876296018420609", database: "ops" };
const context: JudgeContext = { now: NOW, timeScale: 1, attempt: 1 };
type Of<Kind extends Seen["kind"]> = Partial<Extract<Seen, { kind: Kind }>>;
type Row<Kind extends Seen["kind"]> = [
  why: string,
  seen: Of<Kind>,
  outcome: Outcome,
  observed: string | RegExp,
];

function check(gate: Gate, seen: Seen, outcome: Outcome, observed: string | RegExp): void {
  const verdict = judge(gate, observe(gate, seen), context);
  expect(verdict.outcome).toBe(outcome);
  if (typeof observed === "string") expect(verdict.observed).toBe(observed);
  else expect(verdict.observed).toMatch(observed);
  expect(verdict.remedy === "").toBe(outcome === "pass");
}

describe("a metric gate", () => {
  const gate = gateOf("E1", {
    source: "metric",
    namespace: "Ops",
    name: "Queue5xx",
    statistic: "Sum",
    window: "24h",
    minSamples: 100,
    expect: { eq: 0 },
  });
  const window = { from: ago(24 * HOUR), to: ago(0) };
  test.each<Row<"metric">>([
    ["no errors over enough requests", {}, "pass", "0 over 1 d, 100 samples"],
    ["an error", { value: 1 }, "fail", "1 over 1 d, 100 samples"],
    [
      "no errors over no requests",
      { samples: 0 },
      "inconclusive",
      "over 1 d, 0 samples; too few to say anything",
    ],
    ["errors over too few requests", { value: 7, samples: 99 }, "inconclusive", /too few/],
    ["samples that are no number", { samples: Number.NaN }, "inconclusive", /too few/],
    ["no value", { value: null }, "inconclusive", /^there is no value/],
    ["no number", { value: Number.NaN }, "inconclusive", /^the value is NaN/],
    ["text", { value: "0" }, "inconclusive", /^the value is text/],
    [
      "less than nothing",
      { value: -1 },
      "inconclusive",
      /^the value is -1, which no count, rate or length of time can be/,
    ],
    ["data of unknown coverage", { coverage: undefined }, "inconclusive", /it is not known how much/],
    [
      "data in 60 of 1,440 minutes",
      { samples: 600, coverage: { ...COVERED, covered: 60 } },
      "inconclusive",
      "over 1 d, 600 samples; 23 h without data (60 of 1440 periods of 1 m have some)",
    ],
    ["a gap of a minute", { coverage: { ...COVERED, covered: 1_439 } }, "inconclusive", /; 1 m without data/],
    [
      "a gap of a minute and an error",
      { value: 1, coverage: { ...COVERED, covered: 1_439 } },
      "fail",
      /^1 over/,
    ],
    [
      "nothing that is over yet",
      { coverage: { ...COVERED, parts: 0, covered: 0 } },
      "inconclusive",
      /nothing of the window/,
    ],
    [
      "data of which no minute is remembered",
      { coverage: { ...COVERED, period: 300 } },
      "inconclusive",
      /CloudWatch remembers no less than 5 m, and a gap of 1 m would not be seen/,
    ],
  ])("%s", (_, seen, outcome, observed) => {
    check(
      gate,
      { kind: "metric", value: 0, samples: 100, window, coverage: COVERED, ...seen },
      outcome,
      observed,
    );
  });

  it("says what it demands", () => {
    expect(judge(gate, undefined, context).required).toBe("Sum = 0 over 24h, ≥ 100 samples");
  });

  const metricOf = (more: object) => gateOf("E1", { ...gate.definition, ...more } as typeof gate.definition);
  const gaps = (missing: number, alive: number) => ({ ...COVERED, covered: 1_440 - missing, alive });
  const tolerant = { gaps: { atMost: "1%", heartbeat: "Requests" } };
  const slow = { name: "Latency", statistic: "p95", expect: { lt: 500 } };
  test.each<[string, object, Of<"metric">, Outcome]>([
    ["a sum that lets the heartbeat bridge 1 %", tolerant, { coverage: gaps(14, 14) }, "pass"],
    ["the same where the heartbeat was away, too", tolerant, { coverage: gaps(14, 13) }, "inconclusive"],
    ["the same where it was more", tolerant, { coverage: gaps(15, 15) }, "inconclusive"],
    ["an upper bound of a count", { expect: { lt: 5 } }, { coverage: gaps(1, 0) }, "inconclusive"],
    ["a lower bound of a count", { expect: { gt: -1 } }, { coverage: gaps(1, 0) }, "pass"],
    ["a percentile over a tenth of gaps", slow, { value: 120, coverage: gaps(144, 0) }, "pass"],
    ["a percentile over more", slow, { value: 120, coverage: gaps(145, 0) }, "inconclusive"],
    ["a slow one over more", slow, { value: 700, coverage: gaps(145, 0) }, "inconclusive"],
    [
      "a percentile with a stated share",
      { ...slow, gaps: { atMost: "50%" } },
      { value: 120, coverage: gaps(720, 0) },
      "pass",
    ],
    [
      "a share of 95 % below the bound",
      slow,
      { value: null, shares: [{ bound: 500, included: false, percent: 95 }] },
      "pass",
    ],
    [
      "a share of less",
      slow,
      { value: null, shares: [{ bound: 500, included: false, percent: 94.99 }] },
      "fail",
    ],
    [
      "a share at another bound",
      slow,
      { value: null, shares: [{ bound: 400, included: false, percent: 99 }] },
      "inconclusive",
    ],
    [
      "a share that is none",
      slow,
      { value: null, shares: [{ bound: 500, included: false, percent: 101 }] },
      "inconclusive",
    ],
    ["a value between two good ones", slow, { value: null, between: { low: 1, high: 499 } }, "pass"],
    ["a value between two bad ones", slow, { value: null, between: { low: 500, high: 900 } }, "fail"],
    ["a value somewhere", slow, { value: null, between: { low: 1, high: 500 } }, "inconclusive"],
  ])("of %s", (_, more, seen, outcome) => {
    check(
      metricOf(more),
      { kind: "metric", value: 0, samples: 100, window, coverage: COVERED, ...seen },
      outcome,
      /./,
    );
  });
});

describe("an alarms gate", () => {
  const gate = gateOf("B6", { source: "alarms" }, { alarms: { XA1: "a-1", XA2: "a-2" } });
  const ok = [
    { row: "XA1", state: "OK" as const },
    { row: "XA2", state: "OK" as const },
  ];
  const fired = { row: "XA2", state: "OK" as const, firedAt: "2026-11-21T03:00:00.000Z" };
  test.each<Row<"alarms">>([
    ["all quiet", {}, "pass", "all 2 quiet since 2026-11-20 12:00:00Z"],
    [
      "one is firing",
      { alarms: [{ row: "XA1", state: "ALARM" }, ...ok.slice(1)] },
      "fail",
      "in ALARM now: XA1",
    ],
    [
      "one fired during the soak",
      { alarms: [...ok.slice(0, 1), fired] },
      "fail",
      "fired during the soak: XA2 at 2026-11-21 03:00:00Z",
    ],
    [
      "one is missing",
      { alarms: [{ row: "XA1", state: "missing" }, ...ok.slice(1)] },
      "inconclusive",
      "not there: XA1",
    ],
    ["one was not looked at", { alarms: ok.slice(1) }, "inconclusive", "not there: XA1"],
    [
      "one has no data",
      { alarms: [...ok.slice(0, 1), { row: "XA2", state: "INSUFFICIENT_DATA" }] },
      "inconclusive",
      "without data: XA2",
    ],
    ["none was looked at", { alarms: [] }, "inconclusive", "not there: XA1, XA2"],
    [
      "all quiet for longer than the history is kept",
      { since: ago(90 * 24 * HOUR) },
      "inconclusive",
      "quiet since 2026-10-22 12:00:00Z; CloudWatch keeps no longer history, and the soak began 2026-08-23 12:00:00Z",
    ],
    ["one was looked at twice, and fired once", { alarms: [...ok, fired] }, "fail", /XA2/],
    [
      "one was looked at twice, and is firing",
      { alarms: [...ok, { row: "XA1", state: "ALARM" }] },
      "fail",
      /XA1/,
    ],
    [
      "one was looked at twice, and was missing once",
      { alarms: [...ok, { row: "XA1", state: "missing" }] },
      "inconclusive",
      /XA1/,
    ],
    [
      "one that the gate does not know is firing",
      { alarms: [...ok, { row: "XB1", state: "ALARM" }] },
      "pass",
      /^all 2 quiet/,
    ],
  ])("%s", (_, seen, outcome, observed) => {
    check(gate, { kind: "alarms", since: ago(24 * HOUR), alarms: ok, ...seen }, outcome, observed);
  });

  it("without any alarm proves nothing", () => {
    for (const alarms of [undefined, {}]) {
      const none = gateOf("B6", { source: "alarms" }, { alarms });
      check(
        none,
        { kind: "alarms", since: ago(HOUR), alarms: ok },
        "inconclusive",
        "the live stage declares no abort alarm",
      );
    }
  });
});

describe("an http gate", () => {
  const gate = gateOf("B3", {
    source: "http",
    request: { path: "/incidents" },
    value: "data.open",
    expect: { eq: 0 },
    within: "500ms",
  });
  test.each<Row<"answer">>([
    ["the right answer in time", {}, "pass", "0 (200 in 120 ms)"],
    ["the right answer at the very limit", { ms: 500 }, "fail", "200 in 500 ms"],
    ["the right answer too late", { ms: 501 }, "fail", "200 in 501 ms"],
    ["an answer that took no known time", { ms: Number.NaN }, "fail", /unknown time/],
    ["another status", { status: 500 }, "fail", "500 in 120 ms"],
    ["another status of the same class", { status: 204 }, "fail", "204 in 120 ms"],
    ["another value", { value: 2 }, "fail", "2 (200 in 120 ms)"],
    ["no value", { value: undefined }, "inconclusive", "there is no value (200 in 120 ms)"],
    ["a value of another type", { value: "0" }, "inconclusive", /^the value is text/],
  ])("%s", (_, seen, outcome, observed) => {
    check(gate, { kind: "answer", status: 200, ms: 120, value: 0, ...seen }, outcome, observed);
  });

  it("of a status alone passes by it, however long it took", () => {
    const gone = gateOf("B3", { source: "http", request: { path: "/process-full" }, status: 410 });
    check(gone, { kind: "answer", status: 410, ms: 9_000 }, "pass", "410 in 9 s");
    check(gone, { kind: "answer", status: 200, ms: 1 }, "fail", "200 in 1 ms");
  });
});

describe("a check", () => {
  const gate = gateOf("E3", { source: "check", check: "role-scoping" });
  test.each<Row<"check">>([
    ["holds", { holds: true }, "pass", "in its words"],
    ["does not hold", { holds: false }, "fail", "in its words"],
    ["says something else than yes", { holds: "true" as never }, "fail", "in its words"],
  ])("%s", (_, seen, outcome, observed) => {
    check(gate, { kind: "check", holds: true, said: "in its words", ...seen }, outcome, observed);
  });
});

describe("a convergence gate", () => {
  const gate = gateOf("A2", { source: "convergence" }, { flags: flags(true, false) });
  const on = (server: string) => ({ server, flags: { ...flags(true, false) } });
  test.each<Row<"servers">>([
    ["all agree", {}, "pass", "all 2 servers"],
    [
      "they report more flags than the rollout's",
      { servers: [{ server: "a", flags: { ...flags(true, false), other: 1 } }] },
      "pass",
      "all 1 server",
    ],
    [
      "one is behind",
      { servers: [on("a"), { server: "b", flags: { ...flags(false, false) } }] },
      "fail",
      `1 of 2 do not: b: ${READ} false, ${WRITE} false`,
    ],
    [
      "one lacks a flag",
      { servers: [on("a"), { server: "b", flags: { [READ]: true } }] },
      "fail",
      `1 of 2 do not: b: ${READ} true`,
    ],
    ["one reports no flags", { servers: [on("a"), { server: "b" }] }, "fail", "1 of 2 do not: b: no answer"],
    [
      "one cannot be reached",
      { servers: [on("a"), { server: "b", error: "refused" }] },
      "fail",
      "1 of 2 do not: b: refused",
    ],
    [
      "one reports another type",
      { servers: [{ server: "a", flags: { [READ]: 1, [WRITE]: 0 } }] },
      "fail",
      /1 of 1/,
    ],
    ["no server is there", { servers: [] }, "inconclusive", "no server is listed"],
  ])("%s", (_, seen, outcome, observed) => {
    check(gate, { kind: "servers", servers: [on("a"), on("b")], ...seen }, outcome, observed);
  });

  const listed = { urls: ["a", "b"], ecs: [], path: "/flags", at: "" };
  test.each([
    ["every listed server", listed, [on("a"), on("b")], "pass", "all 2 servers"],
    ["all but one", listed, [on("a")], "inconclusive", "not asked: b"],
    ["one of them twice", listed, [on("a"), on("a")], "inconclusive", "not asked: b"],
    ["others", listed, [on("c"), on("d")], "inconclusive", "not asked: a, b"],
    [
      "a task of every service",
      { ...listed, ecs: ["main/app:80"] },
      [on("a"), on("b"), on("10.0.0.1:80"), on("10.0.0.2:80")],
      "pass",
      "all 4 servers",
    ],
    [
      "no task",
      { ...listed, ecs: ["main/app:80"] },
      [on("a"), on("b")],
      "inconclusive",
      "not asked: main/app:80",
    ],
  ] as const)("asked of the list: %s", (_, servers, seen, outcome, observed) => {
    const bound = { ...gate, servers: { ...servers, urls: [...servers.urls], ecs: [...servers.ecs] } };
    check(bound, { kind: "servers", servers: [...seen] }, outcome, observed);
  });

  it("that does not know the flags proves nothing", () => {
    for (const expected of [undefined, {}])
      check(
        gateOf("A2", { source: "convergence" }, { flags: expected }),
        { kind: "servers", servers: [on("a")] },
        "inconclusive",
        /not known which flags/,
      );
  });
});

describe("a sign-off", () => {
  const gate = gateOf("E4", { source: "signOff" });
  const said: Seen = {
    kind: "signOff",
    by: "ada@example.com",
    at: ago(HOUR),
    statement: "No reports in the channel",
    attempt: 1,
    liveSince: ago(30 * HOUR),
  };
  const words = "ada@example.com, 2026-11-21 11:00:00Z: No reports in the channel";
  test.each<Row<"signOff">>([
    ["made for this attempt, since the stage is live", {}, "pass", words],
    ["made the moment the stage went live", { at: ago(30 * HOUR) }, "pass", /^ada/],
    ["made this very moment", { at: ago(0) }, "pass", /^ada/],
    ["that has not expired yet", { expires: ago(-1) }, "pass", words],
    ["that expires now", { expires: ago(0) }, "fail", `expired at 2026-11-21 12:00:00Z (${words})`],
    ["that expires at no time", { expires: "soon" }, "fail", /^expired at an unknown time/],
    ["made for an earlier attempt", { attempt: 0 }, "fail", `made for attempt 0 (${words})`],
    ["made for a later attempt", { attempt: 2 }, "fail", /^made for attempt 2/],
    ["dated in the future", { at: ago(-1) }, "fail", /^dated in the future/],
    ["dated at no time", { at: "today" }, "fail", /^dated in the future/],
    [
      "made before the stage went live",
      { at: ago(30 * HOUR + 1) },
      "fail",
      /^made before the stage went live at 2026-11-20 06:00:00Z/,
    ],
    [
      "of a stage that went live at no time",
      { liveSince: "?" },
      "fail",
      /^made before the stage went live at an unknown time/,
    ],
    ["by nobody", { by: "  " }, "inconclusive", "it does not say who states what"],
    ["that says nothing", { statement: "\n" }, "inconclusive", "it does not say who states what"],
  ])("%s", (_, seen, outcome, observed) => {
    check(gate, { ...said, ...seen } as Seen, outcome, observed);
  });

  it("never passes on a clock that shows no time", () => {
    expect(judge(gate, observe(gate, said), { ...context, now: Number.NaN }).outcome).not.toBe("pass");
  });
});

describe("a date", () => {
  const gate = gateOf("D3", { source: "date", after: "2026-11-21T12:00:00Z" });
  test.each<[string, string, number, string, string | RegExp]>([
    ["that has passed", ago(0), NOW, "pass", "passed 0 ms ago"],
    ["that passed long ago", ago(-HOUR), NOW + HOUR, "pass", "passed 1 h ago"],
    ["that is ahead by a millisecond", ago(1), NOW - 1, "fail", "still 1 ms ahead"],
    ["that has passed for the judge alone", ago(HOUR), NOW, "fail", "still 1 h ahead"],
    ["that has passed for the measurer alone", ago(0), NOW - HOUR, "fail", "still 1 h ahead"],
    ["on a clock that shows no time", "noon", NOW, "inconclusive", "it is not known what time it is"],
    ["for a judge without a clock", ago(0), Number.NaN, "inconclusive", "it is not known what time it is"],
  ])("%s", (_, now, judged, outcome, observed) => {
    const verdict = judge(gate, observe(gate, { kind: "clock", now }), { ...context, now: judged });
    expect(verdict).toMatchObject({ outcome, observed, required: "after 2026-11-21 12:00:00Z" });
    expect(verdict.earliest).toBe(outcome === "fail" ? "2026-11-21T12:00:00.000Z" : undefined);
  });

  it("that is none never passes", () => {
    const none = gateOf("D3", { source: "date", after: "{sunset}" });
    check(none, { kind: "clock", now: ago(0) }, "inconclusive", "{sunset} is no time");
  });
});

describe("a query about a window", () => {
  const gate = sqlGate("G1", { window: "soak", values: ["{from}"] });
  it("is told with it", () => {
    const window = { from: ago(25 * HOUR), to: ago(0) };
    const verdict = judge(gate, observe(gate, { kind: "value", value: 3, window }), context);
    expect(verdict).toMatchObject({
      outcome: "pass",
      observed: "3 over 1 d 1 h",
      required: "> 0 over the whole soak",
    });
  });
});

describe("a snapshot gate", () => {
  const wanted = { id: "ops-view-stageb-1", kind: "instance" as const, of: "ops-db" };
  const gate = gateOf("B4", { source: "snapshot", maxAge: "24h" }, { snapshot: wanted });
  test.each<Row<"snapshot">>([
    ["available and young", {}, "pass", "ops-view-stageb-1, taken 1 h ago"],
    ["as old as is allowed", { createdAt: ago(24 * HOUR) }, "pass", /taken 1 d ago/],
    ["too old", { createdAt: ago(24 * HOUR + 1) }, "fail", "ops-view-stageb-1 was taken 1 d ago"],
    ["taken by a clock that is a little ahead", { createdAt: ago(-5_000) }, "pass", /taken 0 ms ago/],
    ["taken in the future", { createdAt: ago(-5_001) }, "inconclusive", /not known when it was taken/],
    ["taken at no time", { createdAt: undefined }, "inconclusive", /not known when it was taken/],
    ["still being taken", { status: "creating" }, "fail", "ops-view-stageb-1 is creating"],
    ["failed", { status: "failed" }, "fail", "ops-view-stageb-1 is failed"],
    ["of an earlier attempt", { id: "ops-view-stageb-0" }, "fail", /another snapshot/],
    ["of another database", { of: "shop-db" }, "fail", "ops-view-stageb-1 of shop-db is another snapshot"],
  ])("%s", (_, seen, outcome, observed) => {
    const seenWhole = {
      kind: "snapshot" as const,
      id: wanted.id,
      of: "ops-db",
      status: "available",
      createdAt: ago(HOUR),
    };
    check(gate, { ...seenWhole, ...seen } as Seen, outcome, observed);
  });

  it("of a stage that declares none proves nothing", () => {
    const none = gateOf("B4", { source: "snapshot" });
    check(
      none,
      { kind: "snapshot", id: "x", of: "y", status: "available" },
      "inconclusive",
      "the stage declares no snapshot",
    );
  });
});

describe("an observation of another source", () => {
  const gates: Gate[] = [
    soakGate("B2"),
    sqlGate("A3", { expect: { ne: -1 } }),
    gateOf("E1", {
      source: "metric",
      namespace: "N",
      name: "M",
      statistic: "Sum",
      window: "1h",
      minSamples: 1,
      expect: { ne: -1 },
    }),
    gateOf("B6", { source: "alarms" }, { alarms: { XA1: "a" } }),
    gateOf("B3", { source: "http", request: { path: "/" } }),
    gateOf("SB1", { source: "requests", steps: [{ path: "/" }] }),
    gateOf("E5", { source: "elsewhere", from: "prom", promql: "up", expect: { eq: 0 } }),
    gateOf("E3", { source: "check", check: "c" }),
    gateOf("A2", { source: "convergence" }, { flags: { F: true } }),
    gateOf("V1", { source: "everyServer", path: "/version", value: "build", expect: { eq: "2.5.0" } }),
    gateOf("E4", { source: "signOff" }),
    gateOf("B4", { source: "snapshot" }, { snapshot: { id: "s", kind: "instance", of: "d" } }),
    gateOf("B7", { source: "backup" }, { dump: { at: "/d", rollout: "r", stage: "s", attempt: 1 } }),
    gateOf("B8", { source: "restored" }, { proven: { at: "/d", rollout: "r", stage: "s" } }),
    gateOf(
      "B9",
      { source: "providerBackup", provider: "supabase", project: "abcdefghijklmnopqrst", as: "p" },
      { reached: { host: "db.abcdefghijklmnopqrst.supabase.co" } },
    ),
    gateOf("B5", { source: "drill" }, { drill: { rollout: "r", stage: "s" } }),
    gateOf("D3", { source: "date", after: "2026-11-21T11:00:00Z" }),
    gateOf("W1", { source: "calendar", freezes: [{ from: ago(9), until: ago(8), reason: "a launch" }] }),
    gateOf("B1", { source: "exit" }),
  ];
  /** One observation of each kind, which passes the gate of its own source. */
  const passing: Record<Seen["kind"], Seen> = {
    occupancy: liveFor(25 * HOUR),
    value: value(0),
    metric: {
      kind: "metric",
      value: 0,
      samples: 5,
      window: { from: ago(HOUR), to: ago(0) },
      coverage: COVERED,
    },
    alarms: { kind: "alarms", since: ago(HOUR), alarms: [{ row: "XA1", state: "OK" }] },
    answer: { kind: "answer", status: 200, ms: 1, value: 0 },
    answers: { kind: "answers", answers: [{ status: 200, ms: 1, value: 0 }] },
    elsewhere: { kind: "elsewhere", value: 0 },
    check: { kind: "check", holds: true, said: "fine" },
    servers: { kind: "servers", servers: [{ server: "a", flags: { F: true } }] },
    signOff: { kind: "signOff", by: "ada", at: ago(1), statement: "fine", attempt: 1, liveSince: ago(HOUR) },
    snapshot: { kind: "snapshot", id: "s", of: "d", status: "available", createdAt: ago(1) },
    backup: {
      kind: "backup",
      file: "r/s-1.dump",
      ...{ rollout: "r", stage: "s", attempt: 1 },
      ...{ of: DATABASE, read: DATABASE },
      takenAt: ago(1),
      bytes: 9,
      sealed: true,
      tables: 1,
      missing: [],
      faults: [],
    },
    restored: {
      kind: "restored",
      file: "r/s-1.dump",
      bytes: 9,
      at: ago(1),
      ...{ of: DATABASE, read: DATABASE },
      tookMs: 9,
      tables: 1,
      rows: "3",
      failures: [],
    },
    providerBackup: { kind: "providerBackup", status: 200, backups: [{ at: ago(1), state: "completed" }] },
    clock: { kind: "clock", now: ago(0) },
    hour: { kind: "hour", now: ago(0) },
    everyServer: { kind: "everyServer", servers: [{ server: "a", value: "2.5.0" }] },
    drill: {
      kind: "drill",
      rollout: "r",
      stage: "s",
      deployment: 3,
      breachAt: ago(9_000),
      completedAt: ago(8_000),
    },
    failure: { kind: "failure", failure: "timeout", message: "late" },
  };

  it("passes no gate: each gate takes its own kind, and no other", () => {
    const passes = gates.map(
      (gate) =>
        `${gate.definition.source}: ${Object.values(passing)
          .filter((seen) => judge(gate, observe(gate, seen), context).outcome === "pass")
          .map((seen) => seen.kind)
          .join()}`,
    );
    expect(passes).toEqual([
      "soak: occupancy",
      "sql: value",
      "metric: metric",
      "alarms: alarms",
      "http: answer",
      "requests: answers",
      "elsewhere: elsewhere",
      "check: check",
      "convergence: servers",
      "everyServer: everyServer",
      "signOff: signOff",
      "snapshot: snapshot",
      "backup: backup",
      "restored: restored",
      "providerBackup: providerBackup",
      "drill: drill",
      "date: clock",
      "calendar: hour",
      "exit: ",
    ]);
  });

  it("is inconclusive, and so is a failure, for every gate", () => {
    for (const gate of gates) {
      expect(judge(gate, observe(gate, passing.failure), context).outcome).toBe("inconclusive");
      const foreign = gate.definition.source === "sql" ? passing.occupancy : passing.value;
      expect(judge(gate, observe(gate, foreign), context).outcome).toBe("inconclusive");
    }
  });
});
