import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Gate } from "../../../src/gates/gate";
import { type JudgeContext, judge } from "../../../src/gates/judge";
import type { Observation, Seen } from "../../../src/gates/observation";
import { type AdmitContext, admit, type Moment, type Request } from "../../../src/promotion/admit";
import { anything } from "../../support/arbitrary";
import {
  ago,
  COVERED,
  evidence,
  gateOf,
  NOW,
  observe,
  soakGate,
  sqlGate,
  subject,
} from "../../support/build";

/**
 * Laws over gates of every source and whatever may have been observed for them. What passes is held against an
 * oracle, written here a second time and in another way: by what each source's evidence must be, field by field.
 */

const HOUR = 3_600_000;
const context: JudgeContext = { now: NOW, timeScale: 1, attempt: 1 };

/** One gate of each source, under ids of their own. */
const gates = {
  soak: soakGate("B2"),
  sql: sqlGate("A3", { expect: { gte: 1, lt: 5 } }),
  metric: gateOf("E1", {
    source: "metric",
    namespace: "N",
    name: "M",
    statistic: "Sum",
    window: "24h",
    minSamples: 10,
    expect: { eq: 0 },
  }),
  alarms: gateOf("XA", { source: "alarms" }, { alarms: { XA1: "a", XA2: "b" } }),
  http: gateOf("H1", {
    source: "http",
    request: { path: "/" },
    value: "total",
    expect: { gt: 0 },
    within: "500ms",
  }),
  check: gateOf("E3", { source: "check", check: "c" }),
  convergence: gateOf("A2", { source: "convergence" }, { flags: { READ: true, percent: 10 } }),
  signOff: gateOf("E4", { source: "signOff" }, { phase: "exit" }),
  snapshot: gateOf("B4", { source: "snapshot" }, { snapshot: { id: "s", kind: "instance", of: "db" } }),
  drill: gateOf(
    "B5",
    { source: "drill", maxAge: "1d", within: "2h" },
    { drill: { rollout: "ops-view", stage: "s" } },
  ),
} satisfies Record<string, Gate>;
type Source = keyof typeof gates;
const sources = Object.keys(gates) as Source[];
const exit = gateOf("B1", { source: "exit" });

/** For each source, evidence that passes. */
const good: Record<Source, Seen> = {
  soak: { kind: "occupancy", stage: "stageA", since: ago(25 * HOUR), deployment: 2 },
  sql: { kind: "value", value: 3 },
  metric: {
    kind: "metric",
    value: 0,
    samples: 50,
    window: { from: ago(24 * HOUR), to: ago(0) },
    coverage: COVERED,
  },
  alarms: {
    kind: "alarms",
    since: ago(25 * HOUR),
    alarms: [
      { row: "XA1", state: "OK" },
      { row: "XA2", state: "OK" },
    ],
  },
  http: { kind: "answer", status: 200, ms: 20, value: 4 },
  check: { kind: "check", holds: true, said: "fine" },
  convergence: { kind: "servers", servers: [{ server: "a", flags: { READ: true, percent: 10 } }] },
  signOff: {
    kind: "signOff",
    by: "ada",
    at: ago(HOUR),
    statement: "none",
    attempt: 1,
    liveSince: ago(25 * HOUR),
  },
  snapshot: { kind: "snapshot", id: "s", of: "db", status: "available", createdAt: ago(HOUR) },
  drill: {
    kind: "drill",
    rollout: "ops-view",
    stage: "s",
    deployment: 9,
    breachAt: ago(HOUR + 60_000),
    completedAt: ago(HOUR),
  },
};

// biome-ignore lint/suspicious/noExplicitAny: observations here are whatever anybody may have made of them
type Any = any;
const time = (text: Any) => (typeof text === "string" ? Date.parse(text) : Number.NaN);
const finite = (value: Any): value is number => typeof value === "number" && Number.isFinite(value);

/** The oracle: necessary and sufficient for a pass. */
const holds: Record<Source, (seen: Any) => boolean> = {
  soak: (seen) => seen.kind === "occupancy" && time(seen.since) <= NOW - 24 * HOUR,
  sql: (seen) => seen.kind === "value" && finite(seen.value) && seen.value >= 1 && seen.value < 5,
  metric: (seen) =>
    seen.kind === "metric" &&
    seen.value === 0 &&
    seen.samples >= 10 &&
    seen.coverage?.parts > 0 &&
    seen.coverage.parts === seen.coverage.covered &&
    !(seen.coverage.period > 60),
  alarms: (seen) =>
    seen.kind === "alarms" &&
    ["XA1", "XA2"].every((row) => seen.alarms.some((alarm: Any) => alarm.row === row)) &&
    seen.alarms.every(
      (alarm: Any) =>
        !["XA1", "XA2"].includes(alarm.row) || (alarm.state === "OK" && alarm.firedAt === undefined),
    ),
  http: (seen) =>
    seen.kind === "answer" && seen.status === 200 && seen.ms < 500 && finite(seen.value) && seen.value > 0,
  check: (seen) => seen.kind === "check" && seen.holds === true,
  convergence: (seen) =>
    seen.kind === "servers" &&
    seen.servers.length > 0 &&
    seen.servers.every((server: Any) => server.flags?.READ === true && server.flags?.percent === 10),
  signOff: (seen) =>
    seen.kind === "signOff" &&
    seen.attempt === 1 &&
    time(seen.at) <= NOW &&
    time(seen.at) >= time(seen.liveSince) &&
    (seen.expires === undefined || time(seen.expires) > NOW) &&
    seen.by.trim() !== "" &&
    seen.statement.trim() !== "",
  snapshot: (seen) =>
    seen.kind === "snapshot" &&
    seen.id === "s" &&
    seen.of === "db" &&
    seen.status === "available" &&
    time(seen.createdAt) <= NOW + 5_000 &&
    time(seen.createdAt) >= NOW - 24 * HOUR,
  drill: (seen) => {
    const [began, ended] = [time(seen.breachAt), time(seen.completedAt)];
    return (
      seen.kind === "drill" &&
      seen.rollout === "ops-view" &&
      seen.stage === "s" &&
      ended <= NOW + 5_000 &&
      ended >= NOW - 24 * HOUR &&
      began <= ended + 5_000 &&
      began > ended - 2 * HOUR
    );
  },
};

/** What else binds evidence to one promotion: it speaks of all of the time since its flags are live. */
const LIVE_SINCE = Date.parse(ago(25 * HOUR));
const speaksOf: Partial<Record<Source, (seen: Any) => boolean>> = {
  soak: (seen) => seen.deployment === 2 && time(seen.since) === LIVE_SINCE,
  signOff: (seen) => time(seen.liveSince) === LIVE_SINCE,
  alarms: (seen) => time(seen.since) <= LIVE_SINCE,
  metric: ({ window: { from, to } }) =>
    time(to) === NOW && NOW - time(from) >= 24 * HOUR && time(from) >= LIVE_SINCE,
};

const moments = fc.constantFrom(
  ago(-HOUR),
  ago(25 * HOUR),
  ago(-1),
  ago(0),
  ago(HOUR),
  ago(24 * HOUR),
  ago(26 * HOUR),
  "",
  "soon",
);
const words = fc.constantFrom("", " ", "s", "db", "OK", "ada", "available", "creating", "true");

/** What a field of an observation may hold, by its name; of the right kind more often than not. */
const fields: Record<string, fc.Arbitrary<unknown>> = {
  since: moments,
  at: moments,
  liveSince: moments,
  createdAt: fc.option(moments, { nil: undefined }),
  breachAt: fc.option(moments, { nil: undefined }),
  completedAt: fc.option(moments, { nil: undefined }),
  expires: fc.option(moments, { nil: undefined }),
  value: anything,
  samples: fc.oneof(fc.integer({ min: -1, max: 20 }), fc.constantFrom(Number.NaN, 9.9, Infinity)),
  window: fc.constantFrom(
    ...[24, 24, 25, 26, 1, -1].map((hours) => ({ from: ago(hours * HOUR), to: ago(0) })),
    { from: ago(30 * HOUR), to: ago(2 * HOUR) },
    { from: "", to: ago(0) },
  ),
  deployment: fc.constantFrom(1, 2, 2, 3),
  status: fc.oneof(words, fc.constantFrom(200, 201, 500, Number.NaN)),
  ms: fc.oneof(fc.integer({ min: -1, max: 1_000 }), fc.constantFrom(Number.NaN, Infinity)),
  holds: fc.constantFrom(true, false, "true", 1, null, undefined),
  attempt: fc.constantFrom(0, 1, 2, 1.5, "1", Number.NaN),
  by: words,
  statement: words,
  id: words,
  of: words,
  alarms: fc.array(
    fc.record(
      {
        row: fc.constantFrom("XA1", "XA2", "XB1"),
        state: fc.constantFrom("OK", "OK", "OK", "ALARM", "INSUFFICIENT_DATA", "missing", "ok"),
        firedAt: fc.option(moments, { nil: undefined, freq: 1 }),
      },
      { requiredKeys: ["row", "state"] },
    ),
    { maxLength: 4 },
  ),
  servers: fc.array(
    fc.record(
      {
        server: fc.constant("a"),
        flags: fc.constantFrom(
          { READ: true, percent: 10 },
          { READ: true, percent: 10, other: 1 },
          { READ: true },
          { READ: 1, percent: "10" },
          {},
          undefined,
        ),
        error: fc.constantFrom(undefined, "refused"),
      },
      { requiredKeys: ["server"] },
    ),
    { maxLength: 3 },
  ),
};

/** Evidence of one kind with one or two fields changed at random. */
function spoilt(source: Source): fc.Arbitrary<Seen> {
  const known = Object.keys(fields).filter((key) => key in good[source] || key === "expires");
  return fc
    .record(Object.fromEntries(known.map((key) => [key, fields[key] as fc.Arbitrary<unknown>])), {
      requiredKeys: [],
    })
    .map((changes) => ({ ...good[source], ...changes }) as Seen);
}

const failure = fc.constantFrom<Seen>(
  { kind: "failure", failure: "timeout", message: "late" },
  { kind: "failure", failure: "no-data", message: "none" },
);
/** Anything for a gate of this source: sound, spoilt, a failure, or of another source. */
const seenFor = (source: Source): fc.Arbitrary<Seen> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(good[source]) },
    { weight: 4, arbitrary: spoilt(source) },
    { weight: 1, arbitrary: failure },
    { weight: 1, arbitrary: fc.constantFrom(...sources).chain(spoilt) },
  );

describe("whatever was observed", () => {
  it.each(sources)("a gate of source %s passes exactly where its evidence says so", (source) => {
    const counted = { pass: 0, block: 0 };
    fc.assert(
      fc.property(fc.oneof(spoilt(source), seenFor(source)), (seen) => {
        const gate = gates[source];
        const verdict = judge(gate, observe(gate, seen), context);
        expect(verdict.outcome === "pass").toBe(holds[source](seen));
        expect(verdict.remedy === "").toBe(verdict.outcome === "pass");
        counted[verdict.outcome === "pass" ? "pass" : "block"]++;
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(counted.pass, counted.block)).toBeGreaterThan(50);
  });
});

interface Case extends Request {
  readonly moment: Moment;
}

/** Promotions of gates of some sources, with an observation for each, mostly. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    some: fc.subarray(sources),
    withExit: fc.boolean(),
    moment: fc.constantFrom<Moment>("admission", "flip"),
  })
  .chain(({ some, withExit, moment }) =>
    fc
      .tuple(
        ...some.map((source) =>
          fc.option(
            seenFor(source).map((seen): Observation => observe(gates[source], seen)),
            { nil: undefined, freq: 12 },
          ),
        ),
      )
      .map((found) => {
        const due = (one: Observation | undefined): one is Observation =>
          one !== undefined && !(moment === "admission" && one.gate === "B4");
        return {
          subject: subject(),
          gates: [...(withExit ? [exit] : []), ...some.map((source): Gate => gates[source])],
          evidence: evidence(found.filter(due)),
          moment,
        };
      }),
  );

const contextOf = ({ moment }: Pick<Case, "moment">): AdmitContext => ({ now: NOW, timeScale: 1, moment });
const go = (one: Case) => admit(one, contextOf(one)).go;
const sourceOf = (gate: Gate) => gate.definition.source as Source;
const without = (one: Case, index: number): Case => ({
  ...one,
  evidence: {
    ...one.evidence,
    observations: one.evidence.observations.filter((_, other) => other !== index),
  },
});

/** The oracle over a whole promotion: every gate that is due holds, on its one observation. */
function mayGo({ gates: all, evidence: { observations }, moment }: Case): boolean {
  const due = all.filter((gate) => moment === "flip" || gate.definition.source !== "snapshot");
  const held = due.every((gate) => {
    if (gate === exit) return due.some((other) => other.phase === "exit");
    const [only] = observations.filter((other) => other.gate === gate.id);
    const source = sourceOf(gate);
    return only !== undefined && holds[source](only.seen) && (speaksOf[source]?.(only.seen) ?? true);
  });
  return all.length > 0 && held;
}

describe("a promotion", () => {
  it("goes exactly where every gate that is due holds", () => {
    const counted = { go: 0, blocked: 0 };
    fc.assert(
      fc.property(cases, (one) => {
        const expected = mayGo(one);
        expect(go(one)).toBe(expected);
        counted[expected ? "go" : "blocked"]++;
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(counted.go, counted.blocked)).toBeGreaterThan(100);
  });

  it("never goes for less evidence, nor for evidence that failed", () => {
    fc.assert(
      fc.property(cases, fc.nat(10), failure, (one, at, failed) => {
        const { observations } = one.evidence;
        if (observations[at] === undefined) return;
        expect(go(without(one, at))).toBe(false);
        const worse = observations.map((other, index) => (index === at ? { ...other, seen: failed } : other));
        expect(go({ ...one, evidence: { ...one.evidence, observations: worse } })).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never goes for one more gate, unless that holds, too", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...sources), (one, source) => {
        if (one.gates.includes(gates[source])) return;
        const harder = { ...one, gates: [...one.gates, gates[source]] };
        const due = one.moment === "flip" || source !== "snapshot";
        // A snapshot that is not due changes nothing, but where it is the only gate: the flip then decides by it.
        expect(go(harder)).toBe(due ? false : go(one) || one.gates.length === 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("goes the same way whatever the order of its gates and observations", () => {
    const shuffled = cases.chain((one) =>
      fc.record({
        one: fc.constant(one),
        gates: fc.shuffledSubarray([...one.gates], { minLength: one.gates.length }),
        list: fc.shuffledSubarray([...one.evidence.observations], {
          minLength: one.evidence.observations.length,
        }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ one, gates: order, list }) => {
        const other = { ...one, gates: order, evidence: { ...one.evidence, observations: list } };
        expect(go(other)).toBe(go(one));
        expect(admit(other, contextOf(other)).earliest).toBe(admit(one, contextOf(one)).earliest);
      }),
      { numRuns: 500 },
    );
  });

  it("is asked at admission for all but snapshots, at the flip for every gate", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const asked = admit(one, contextOf(one)).verdicts.map((verdict) => verdict.gate);
        const expected = one.gates.filter(
          (gate) => one.moment === "flip" || gate.definition.source !== "snapshot",
        );
        expect(asked).toEqual(expected.map((gate) => gate.id));
      }),
      { numRuns: 300 },
    );
  });

  it("that goes at the flip would have gone at admission, too", () => {
    fc.assert(
      fc.property(cases, (one) => {
        if (one.moment !== "flip" || !go(one)) return;
        const earlier = one.evidence.observations.filter(({ gate }) => gate !== "B4");
        const before = { ...one, moment: "admission" as const };
        expect(go({ ...before, evidence: { ...one.evidence, observations: earlier } })).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
