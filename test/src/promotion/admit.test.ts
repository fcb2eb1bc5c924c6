import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FAILURE_KINDS } from "../../../src/aws/failure";
import type { Calendar } from "../../../src/gates/calendar";
import type { Gate } from "../../../src/gates/gate";
import { gateHash } from "../../../src/gates/hash";
import type { Observation, Seen } from "../../../src/gates/observation";
import { type AdmitContext, admit, MAX_EVIDENCE_AGE_MS, type Request } from "../../../src/promotion/admit";
import { anything } from "../../support/arbitrary";
import {
  ago,
  evidence,
  flags,
  gateOf,
  liveFor,
  NOW,
  observe,
  soakGate,
  sqlGate,
  subject,
  value,
} from "../../support/build";

const HOUR = 3_600_000;
const context: AdmitContext = { now: NOW, timeScale: 1, moment: "flip" };
const b1 = sqlGate("B1", { expect: { gt: 0 } });
const b2 = soakGate("B2");
const e1 = sqlGate("E1", { expect: { eq: 0 } }, { phase: "exit" });
const gates = [b1, b2, e1];
const observations = [observe(b1, value(3)), observe(b2, liveFor(25 * HOUR)), observe(e1, value(0))];

/** A request that passes; a test spoils one thing. */
function passing(spec: Partial<Request> = {}): Request {
  return { subject: subject(), gates, evidence: evidence(observations), ...spec };
}

function withObservations(...list: Observation[]): Request {
  return passing({ evidence: evidence(list) });
}

const [o1, o2, o3] = observations as [Observation, Observation, Observation];

it("lets a promotion go whose every gate passes on fresh evidence", () => {
  const judgement = admit(passing(), context);
  expect(judgement).toMatchObject({ go: true, problems: [] });
  expect(judgement.verdicts.map((verdict) => [verdict.gate, verdict.outcome])).toEqual([
    ["B1", "pass"],
    ["B2", "pass"],
    ["E1", "pass"],
  ]);
  expect(judgement).not.toHaveProperty("earliest");
});

it("holds a gate that writes, which nobody ran, against a promotion at the flip", () => {
  const steps = [{ path: "/batches", method: "POST" }];
  const act = gateOf("F5", { source: "requests", writes: true, steps }, { phase: "exit" });
  const request = passing({ gates: [...gates, act] });
  expect(admit(request, { ...context, moment: "admission" }).go).toBe(true);
  const { go, verdicts } = admit(request, context);
  expect(go).toBe(false);
  expect(verdicts.find(({ gate }) => gate === "F5")).toMatchObject({
    outcome: "not-run",
    observed: expect.stringContaining("changes something in the app"),
    remedy: expect.stringContaining("cutover finish runs it"),
  });
});

/** What blocks, and the words that tell a person so: of the verdict on B1, or of the evidence as a whole. */
const blocking: [why: string, request: Request, told: RegExp][] = [
  ["a gate without observation", withObservations(o2, o3), /not measured/],
  [
    "a guard that could not act",
    passing({
      unarmed: [{ where: "stageB XB1", what: "not armed: it has never had data", remedy: "Mend it" }],
    }),
    /stageB XB1: not armed: it has never had data\. Mend it/,
  ],
  [
    "an observation without gate",
    withObservations(o1, o2, o3, { ...o1, gate: "Z9" }),
    /observation for Z9, which is no gate/,
  ],
  [
    "a second observation of a gate",
    withObservations(o1, o1, o2, o3),
    /measured 2 times, with nothing to say which one counts/,
  ],
  [
    "an observation of another definition",
    withObservations({ ...o1, definition: gateHash(sqlGate("B1", { expect: { gt: -1 } })) }, o2, o3),
    /measured for another definition/,
  ],
  [
    "an observation from the future",
    withObservations({ ...o1, at: ago(-5_001) }, o2, o3),
    /measured in the future/,
  ],
  [
    "an observation at no time",
    withObservations({ ...o1, at: "soon" }, o2, o3),
    /not known when it was measured/,
  ],
  [
    "an observation that is too old",
    withObservations({ ...o1, at: ago(MAX_EVIDENCE_AGE_MS + 1) }, o2, o3),
    /measured 10 m ago/,
  ],
  [
    "a failed source",
    withObservations(observe(b1, { kind: "failure", failure: "timeout", message: "5 s" }), o2, o3),
    /timeout: 5 s/,
  ],
  ["a value that fails", withObservations(observe(b1, value(0)), o2, o3), /^0$/],
  [
    "a value that cannot be compared",
    withObservations(observe(b1, value("3")), o2, o3),
    /text, not a number/,
  ],
  [
    "a soak of other flags than those that are live",
    withObservations(
      o1,
      observe(b2, { kind: "occupancy", stage: "stageA", since: ago(99 * HOUR), deployment: 1 }),
      o3,
    ),
    /soak of deployment 1, but deployment 2 is live/,
  ],
  ["no gates at all", { ...withObservations(), gates: [] }, /no gates at all/],
  ["a gate that is declared twice", passing({ gates: [...gates, b1] }), /gate B1 is declared twice/],
];

const otherSubjects: [what: string, change: Partial<Request["subject"]>][] = [
  ["rollout", { rollout: "v2-pipeline" }],
  ["stage", { stage: "stageA" }],
  ["attempt", { attempt: 2 }],
  ["from-flags", { from: flags(false, false) }],
  ["to-flags", { to: flags(true, false) }],
  ["a flag more", { to: { ...flags(true, true), X: true } }],
  ["live deployment", { liveDeployment: 3 }],
  ["time since when its flags are live", { liveSince: ago(26 * HOUR) }],
  ["commit", { commit: "0123456789ab-dirty" }],
];

describe("admit blocks", () => {
  const words = ({ verdicts, problems }: ReturnType<typeof admit>) => [
    ...problems,
    ...verdicts.filter((verdict) => verdict.outcome !== "pass").map((verdict) => verdict.observed),
  ];

  test.each(blocking)("%s", (_, request, told) => {
    const judgement = admit(request, context);
    expect(judgement.go).toBe(false);
    expect(words(judgement)).toHaveLength(1);
    expect(words(judgement)[0]).toMatch(told);
  });

  test.each(otherSubjects)("evidence for another %s", (_, change) => {
    const judgement = admit(passing({ evidence: evidence(observations, subject(change)) }), context);
    expect(judgement.go).toBe(false);
    expect(words(judgement)).toHaveLength(1);
    expect(words(judgement)[0]).toMatch(
      /^The evidence was measured for something else \(.+\) than this promotion \(.+\)$/,
    );
  });

  it("each with a message of its own", () => {
    const messages = blocking.map(([, request]) => words(admit(request, context)).join());
    expect(new Set(messages).size).toBe(blocking.length);
  });

  it("a second, weaker gate under the name of another", () => {
    for (const twice of [
      [...gates, sqlGate("E1", { expect: { gte: 0 } })],
      [sqlGate("E1", { expect: { gte: 0 } }), ...gates],
    ]) {
      const judgement = admit(passing({ gates: twice }), context);
      expect(judgement.go).toBe(false);
      expect(judgement.problems).toEqual(["The gate E1 is declared twice"]);
    }
  });

  it("and gives a remedy with every verdict that is not a pass", () => {
    for (const [why, request] of blocking)
      for (const verdict of admit(request, context).verdicts)
        if (verdict.outcome !== "pass") expect(verdict.remedy, why).toMatch(/\w{4}/);
  });

  it("and says all that speaks against it at once", () => {
    const judgement = admit(
      passing({
        evidence: evidence([observe(b1, value(0)), { ...o3, gate: "Z9" }], subject({ attempt: 7 })),
      }),
      context,
    );
    expect(judgement.verdicts.map((verdict) => verdict.outcome)).toEqual(["fail", "not-run", "not-run"]);
    expect(judgement.problems).toHaveLength(2);
  });

  it("but not for the order of a subject's flags", () => {
    const from = Object.fromEntries(Object.entries(subject().from).reverse());
    expect(admit(passing({ evidence: evidence(observations, subject({ from })) }), context).go).toBe(true);
  });
});

describe("the age of evidence", () => {
  const aged = (ms: number) =>
    passing({ evidence: evidence(observations.map((one) => ({ ...one, at: ago(ms) }))) });
  test.each<[string, number, Partial<AdmitContext>, boolean]>([
    ["as old as is allowed", 600_000, {}, true],
    ["a millisecond too old", 600_001, {}, false],
    ["measured this very moment", 0, {}, true],
    ["ahead by what clocks may differ", -5_000, {}, true],
    ["further ahead than clocks may differ", -5_001, {}, false],
    ["within a limit of one minute", 60_000, { maxAgeMs: 60_000 }, true],
    ["over a limit of one minute", 60_001, { maxAgeMs: 60_000 }, false],
    ["over a limit of nothing", 1, { maxAgeMs: 0 }, false],
    ["under a limit that is no number", 1_000, { maxAgeMs: Number.NaN }, false],
    ["not scaled with time", 600_001, { timeScale: 1_440 }, false],
    ["under a clock that shows no time", 1_000, { now: Number.NaN }, false],
  ])("%s", (_, age, changed, go) => {
    expect(admit(aged(age), { ...context, ...changed }).go).toBe(go);
  });
});

const BERLIN: Calendar = {
  zone: "Europe/Berlin",
  days: ["mon", "tue", "wed", "thu", "fri"],
  open: "09:00",
  close: "17:30",
};

describe("the earliest time", () => {
  const about = subject({ liveSince: ago(20 * HOUR) });
  const waiting = ({ evidence: { observations: list }, ...request }: Request): Request => ({
    ...request,
    subject: about,
    evidence: evidence(list, about),
  });
  const short = observe(b2, liveFor(20 * HOUR));
  const slower = soakGate("B5", {}, { soaks: ["24h", "48h"] });
  const within = gateOf(
    "W1",
    {
      source: "calendar",
      windows: [
        { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "16:00" },
        { days: ["sat"], from: "12:00", to: "14:00" },
      ],
      freezes: [{ from: "2026-11-23T00:00:00Z", until: "2026-11-24T10:30:00+01:00", reason: "a launch" }],
    },
    { hours: { ...BERLIN, holidays: ["2026-11-23"] } },
  );
  const frozen = gateOf(
    "W1",
    {
      source: "calendar",
      windows: [{ days: ["sat"], from: "12:00", to: "14:00" }],
      freezes: [{ from: "2026-11-21T14:00:00Z", until: "2028-01-01T00:00:00Z", reason: "for good" }],
    },
    { hours: BERLIN },
  );
  test.each<[string, Request, string | undefined]>([
    [
      "is when the soak is over, where all else passes",
      waiting(withObservations(o1, short, o3)),
      "2026-11-21T16:00:00.000Z",
    ],
    [
      "is the last of several",
      waiting({
        ...withObservations(o1, short, o3, observe(slower, liveFor(20 * HOUR))),
        gates: [...gates, slower],
      }),
      "2026-11-22T16:00:00.000Z",
    ],
    [
      "is not known where something does not only wait",
      waiting(withObservations(observe(b1, value(0)), short, o3)),
      undefined,
    ],
    [
      "is within a window, outside of freezes and holidays, once all else has come, though it is one now",
      waiting({
        ...withObservations(o1, short, o3, observe(within, { kind: "hour", now: ago(0) })),
        gates: [...gates, within],
      }),
      // The soak is over on Saturday; Monday is a holiday, and Tuesday's window begins in a freeze.
      "2026-11-24T09:30:00.000Z",
    ],
    [
      "is not known where a window that has come ends before the rest, and none follows",
      waiting({
        ...withObservations(o1, short, o3, observe(frozen, { kind: "hour", now: ago(0) })),
        gates: [...gates, frozen],
      }),
      undefined,
    ],
    ["is not known where something was not measured", waiting(withObservations(o1, short)), undefined],
    [
      "is not known where the evidence itself does not count",
      waiting(withObservations(o1, short, o3, { ...o1, gate: "Z9" })),
      undefined,
    ],
    ["is not there for what may go", passing(), undefined],
  ])("%s", (_, request, expected) => {
    expect(admit(request, context).earliest).toBe(expected);
  });
});

describe("the gate that stands for all of the predecessor's exit gates", () => {
  const all = gateOf("B9", { source: "exit" });
  const e2 = sqlGate("E2", { expect: { gt: 0 } }, { phase: "exit" });
  const held = (seen: Observation[], list: Gate[] = [all, b1, e1, e2]) => {
    const judgement = admit({ subject: subject(), gates: list, evidence: evidence(seen) }, context);
    const { outcome, observed } = judgement.verdicts[list.indexOf(all)] ?? {};
    return { go: judgement.go, outcome, observed };
  };
  const fine = observe(e2, value(1));

  it("passes, without an observation of its own, when each of them passes", () => {
    expect(held([o1, o3, fine])).toEqual({ go: true, outcome: "pass", observed: "all 2 pass" });
  });

  test.each<[string, Observation[], string, string]>([
    ["fails when one of them fails", [o1, o3, observe(e2, value(0))], "fail", "open: E2"],
    ["is inconclusive when one of them was not measured", [o1, o3], "inconclusive", "open: E2"],
    [
      "is inconclusive when one of them is too old",
      [o1, o3, { ...fine, at: ago(700_000) }],
      "inconclusive",
      "open: E2",
    ],
    ["names all that are open", [o1, observe(e1, value(2))], "fail", "open: E1, E2"],
    [
      "is inconclusive with an observation of its own",
      [o1, o3, fine, observe(all, value(true))],
      "inconclusive",
      "the observation is not one of this gate's source",
    ],
    ["does not look at entry gates", [observe(b1, value(0)), o3, fine], "pass", "all 2 pass"],
  ])("%s", (_, seen, outcome, observed) => {
    expect(held(seen)).toEqual({ go: false, outcome, observed });
  });

  it("proves nothing where the predecessor has none", () => {
    expect(held([o1], [all, b1])).toEqual({
      go: false,
      outcome: "inconclusive",
      observed: "the predecessor has no exit gates",
    });
  });
});

describe("a snapshot, which is taken only after the promotion was admitted", () => {
  const b4 = gateOf("B4", { source: "snapshot" }, { snapshot: { id: "s", kind: "instance", of: "d" } });
  const taken: Seen = { kind: "snapshot", id: "s", of: "d", status: "available", createdAt: ago(1_000) };
  const at = (moment: AdmitContext["moment"], seen: Observation[], list = [...gates, b4]) =>
    admit({ subject: subject(), gates: list, evidence: evidence(seen) }, { ...context, moment });

  it("is not asked for at admission", () => {
    const judgement = at("admission", observations);
    expect(judgement.go).toBe(true);
    expect(judgement.verdicts.map((verdict) => verdict.gate)).toEqual(["B1", "B2", "E1"]);
  });

  it("is demanded at the flip", () => {
    expect(at("flip", observations).go).toBe(false);
    expect(at("flip", [...observations, observe(b4, { ...taken, status: "creating" })]).go).toBe(false);
    expect(at("flip", [...observations, observe(b4, taken)]).go).toBe(true);
  });

  it("excuses no other gate at admission", () => {
    for (const left of observations)
      expect(
        at(
          "admission",
          observations.filter((one) => one !== left),
        ).go,
      ).toBe(false);
  });

  it("may be the only one: then the flip decides", () => {
    expect(at("admission", [], [b4])).toMatchObject({ go: true, verdicts: [], problems: [] });
    expect(at("flip", [], [b4]).go).toBe(false);
    expect(at("flip", [observe(b4, { ...taken, status: "creating" })], [b4]).go).toBe(false);
    expect(at("flip", [observe(b4, taken)], [b4]).go).toBe(true);
  });
});

describe("a sign-off", () => {
  const b3 = gateOf("B3", { source: "signOff" });
  const said = (attempt: number): Seen => ({
    kind: "signOff",
    by: "ada",
    at: ago(HOUR),
    statement: "None open",
    attempt,
    liveSince: ago(25 * HOUR),
  });

  it.each([
    [1, 1, true],
    [2, 2, true],
    [1, 2, false],
    [2, 1, false],
  ])("made for attempt %d lets attempt %d go: %s", (made, promoted, expected) => {
    const about = subject({ attempt: promoted });
    const request = { subject: about, gates: [b3], evidence: evidence([observe(b3, said(made))], about) };
    expect(admit(request, context).go).toBe(expected);
  });
});

describe("laws of admit", () => {
  const good = (gate: Gate): Seen =>
    gate.definition.source === "soak" ? liveFor(25 * HOUR) : value(gate.id === "E1" ? 0 : 3);
  const seen = (gate: Gate): fc.Arbitrary<Seen> =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(good(gate)) },
      { weight: 1, arbitrary: anything.map(value) },
      { weight: 1, arbitrary: fc.constantFrom(liveFor(HOUR), liveFor(-HOUR), value(-1)) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(...FAILURE_KINDS)
          .map((failure): Seen => ({ kind: "failure", failure, message: "x" })),
      },
    );
  const observation = (gate: Gate): fc.Arbitrary<Observation> =>
    fc
      .record({
        seen: seen(gate),
        at: fc.oneof(
          { weight: 8, arbitrary: fc.constant(ago(1_000)) },
          fc.constantFrom(ago(700_000), ago(-60_000), "never"),
        ),
        definition: fc.oneof(
          { weight: 8, arbitrary: fc.constant(gateHash(gate)) },
          fc.constant("0123456789abcdef"),
        ),
      })
      .map(({ seen, ...spec }) => observe(gate, seen, spec));
  /** Requests of which some pass and most do not: observations missing, spoilt, doubled, stray or of something else. */
  const requests: fc.Arbitrary<Request> = fc.subarray([b1, b2, e1], { minLength: 0 }).chain((some) =>
    fc.record({
      gates: fc.constant(some),
      subject: fc.constant(subject()),
      evidence: fc
        .record({
          own: fc.tuple(...some.map((gate) => fc.option(observation(gate), { freq: 9, nil: undefined }))),
          extra: fc.oneof(
            { weight: 6, arbitrary: fc.constant([]) },
            fc.tuple(fc.oneof(observation(b1), observation(b2), observation(e1))),
          ),
          about: fc.oneof(
            { weight: 9, arbitrary: fc.constant({}) },
            fc.constantFrom({ attempt: 2 }, { commit: "x" }),
          ),
        })
        .map(({ own, extra, about }) =>
          evidence([...own.filter((one) => one !== undefined), ...extra], subject(about)),
        ),
    }),
  );
  const go = (request: Request) => admit(request, context).go;

  it("goes exactly where every gate has one observation, that is fresh, its own and meets the rule", () => {
    const counted = { go: 0, blocked: 0 };
    fc.assert(
      fc.property(requests, (request) => {
        const list = request.evidence.observations;
        const sound = request.gates.every((gate) => {
          const own = list.filter((one) => one.gate === gate.id);
          const [only] = own;
          if (own.length !== 1 || !only || only.definition !== gateHash(gate) || only.at !== ago(1_000))
            return false;
          if (gate === b2) return only.seen.kind === "occupancy" && only.seen.since <= ago(24 * HOUR);
          if (only.seen.kind !== "value" || !Number.isFinite(only.seen.value)) return false;
          return gate === b1 ? (only.seen.value as number) > 0 : only.seen.value === 0;
        });
        const stray = list.some((one) => !request.gates.some((gate) => gate.id === one.gate));
        const same =
          request.evidence.subject.attempt === 1 && request.evidence.subject.commit === subject().commit;
        const expected = sound && !stray && same && request.gates.length > 0;
        counted[expected ? "go" : "blocked"]++;
        expect(go(request)).toBe(expected);
      }),
      { numRuns: 1_200 },
    );
    expect(Math.min(counted.go, counted.blocked)).toBeGreaterThan(100);
  });

  const without = (request: Request, at: number): Request => ({
    ...request,
    evidence: {
      ...request.evidence,
      observations: request.evidence.observations.filter((_, index) => index !== at),
    },
  });
  const replaced = (request: Request, at: number, by: Partial<Observation>): Request => ({
    ...request,
    evidence: {
      ...request.evidence,
      observations: request.evidence.observations.map((one, index) =>
        index === at ? { ...one, ...by } : one,
      ),
    },
  });
  const added = (request: Request, one: Observation): Request => ({
    ...request,
    evidence: { ...request.evidence, observations: [...request.evidence.observations, one] },
  });

  it("never goes after evidence was taken away, except for what was one too many", () => {
    fc.assert(
      fc.property(requests, fc.nat(4), (request, at) => {
        const gone = request.evidence.observations[at];
        const surplus =
          gone &&
          (!request.gates.some((gate) => gate.id === gone.gate) ||
            request.evidence.observations.filter((one) => one.gate === gone.gate).length > 1);
        if (gone && !surplus) expect(go(without(request, at))).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never turns from block to go by evidence that fails, is missing, or is added twice", () => {
    fc.assert(
      fc.property(
        requests,
        fc.nat(4),
        fc.constantFrom<Partial<Observation>>(
          { seen: { kind: "failure", failure: "no-data", message: "" } },
          { seen: value(Number.NaN) },
          { seen: value(null) },
          { definition: "0000000000000000" },
          { at: ago(-60_000) },
          { at: ago(700_000) },
          { gate: "Z9" },
        ),
        (request, at, spoilt) => {
          const before = go(request);
          const list = request.evidence.observations;
          const variants = [replaced(request, at, spoilt), ...list.map((one) => added(request, one))];
          if (list[0]) variants.push(added(request, { ...list[0], ...spoilt }));
          for (const after of variants) expect(go(after) && !before).toBe(false);
          // What went on that evidence goes no more.
          if (before && list[at]) expect(go(replaced(request, at, spoilt))).toBe(false);
          for (const after of variants.slice(1)) expect(go(after)).toBe(false);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("never goes for one more gate that does not pass", () => {
    const more = sqlGate("F9", { expect: { gt: 0 } });
    fc.assert(
      fc.property(
        requests,
        fc.oneof(anything.filter((one) => !(typeof one === "number" && one > 0 && one < Infinity))),
        (request, unfit) => {
          const harder = { ...request, gates: [...request.gates, more] };
          expect(go(harder)).toBe(false);
          expect(go(added(harder, observe(more, value(unfit))))).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("does not depend on the order of gates or observations", () => {
    const shuffled = requests.chain((request) =>
      fc.tuple(
        fc.constant(request),
        fc.shuffledSubarray([...request.gates], { minLength: request.gates.length }),
        fc.shuffledSubarray([...request.evidence.observations], {
          minLength: request.evidence.observations.length,
        }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([request, order, list]) => {
        const first = admit(request, context);
        const second = admit(
          { ...request, gates: order, evidence: { ...request.evidence, observations: list } },
          context,
        );
        const byGate = (of: typeof first) => [...of.verdicts].sort((a, b) => a.gate.localeCompare(b.gate));
        expect(second.go).toBe(first.go);
        expect(second.earliest).toBe(first.earliest);
        expect(byGate(second)).toEqual(byGate(first));
        expect([...second.problems].sort()).toEqual([...first.problems].sort());
        expect(second.verdicts.map((verdict) => verdict.gate)).toEqual(order.map((gate) => gate.id));
      }),
    );
  });

  it("looks at no verdict that somebody stored with the evidence", () => {
    const failing = observe(b1, value(0));
    const forged = { ...failing, outcome: "pass", verdict: "pass", go: true } as Observation;
    expect(go(withObservations(forged, o2, o3))).toBe(false);
    expect(go({ ...withObservations(failing, o2, o3), go: true } as Request)).toBe(false);
  });
});
