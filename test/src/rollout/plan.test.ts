import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { changes, type Flags, lowerTo, sameFlags } from "../../../src/flags/flags";
import type { Ledger, LedgerEntry } from "../../../src/flags/ledger";
import { type Plan, plan } from "../../../src/rollout/plan";
import type { Predecessor } from "../../../src/rollout/planRaise";
import { predecessorOf, type Stage } from "../../../src/rollout/rollout";
import {
  again,
  baseline,
  entry,
  flags,
  ledger,
  note,
  OFF,
  opsFlags,
  percentageFlag,
  READ,
  READING,
  rollout,
  stage,
  stageA,
  stageB,
  WRITE,
  WRITING,
} from "../../support/build";

const ofBaseline = entry(1, { note: note({ stage: "baseline" }) });
const ofA = entry(2, { note: note({ stage: "stageA" }) });
const ofB = entry(3, { note: note({ stage: "stageB" }) });
const abortOfA = entry(3, { note: note({ kind: "abort", stage: "stageA", row: "XA1" }) });
const abortOfB = entry(4, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }) });
const because: Pick<Stage, "lower"> = { lower: { reason: "the queue is slow" } };

/** What a plan says, without its numbers: `raise`, `lower`, `none: live` or `refused: …` with the problem's words. */
function gist(made: Plan): string {
  if (made.kind === "none") return `none: ${made.why}: ${made.sentence}`;
  if (made.kind === "refused") return `refused: ${made.problems.map((one) => one.what).join("; ")}`;
  return made.kind;
}

type Case = [situation: string, stage: Stage, ledger: Ledger, expected: string];

const promotions: Case[] = [
  ["the predecessor is live", stageA, ledger(OFF, [ofBaseline]), "raise"],
  [
    "the predecessor is live, with an older stage below it",
    stageB,
    ledger(READING, [ofBaseline, ofA]),
    "raise",
  ],
  [
    "an abort went down to the predecessor, and this is a new attempt",
    again(stageB, 2),
    ledger(READING, [ofBaseline, ofA, ofB, abortOfB]),
    "raise",
  ],
  [
    "its flags are live already, since an abort came down to them from what a stranger raised",
    stageA,
    ledger(READING, [ofBaseline, entry(2, { note: undefined }), abortOfB]),
    "raise",
  ],
  [
    "a hold was released",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "hold", stage: "all" }), configurationVersion: "2" }),
      entry(4, { note: note({ kind: "release", stage: "all" }), configurationVersion: "2" }),
    ]),
    "raise",
  ],
  [
    "another stage is held",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "hold", stage: "stageA" }), configurationVersion: "2" }),
    ]),
    "raise",
  ],
  [
    "the attempt before was stopped",
    again(stageB, 2),
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "stop", stage: "stageB" }), configurationVersion: "2" }),
    ]),
    "raise",
  ],
  [
    "the last attempt was rolled back by AppConfig, and this is a new one",
    again(stageA, 2),
    ledger(OFF, [ofBaseline, { ...ofA, state: "rolled-back" }]),
    "raise",
  ],
];

const settled: Case[] = [
  [
    "it is live",
    stageA,
    ledger(READING, [ofBaseline, ofA]),
    "none: live: stageA, attempt 1, is live since 2026-11-02T12:00:00.000Z",
  ],
  [
    "it is being deployed",
    stageA,
    ledger(OFF, [ofBaseline, { ...ofA, state: "under-way", completedAt: undefined }]),
    "none: live: stageA, attempt 1, is being deployed (deployment 2)",
  ],
  [
    "the next stage is live",
    stageA,
    ledger(WRITING, [ofBaseline, ofA, ofB]),
    "none: superseded: stageA, attempt 1, was promoted before; live now is stageB, attempt 1",
  ],
  [
    "the next stage was aborted down to this one",
    stageA,
    ledger(READING, [ofBaseline, ofA, ofB, abortOfB]),
    "none: superseded: stageA, attempt 1, was promoted before; live now is the abort of stageB, attempt 1, by XB1",
  ],
  [
    "it was aborted",
    stageA,
    ledger(OFF, [ofBaseline, ofA, abortOfA]),
    "none: aborted: stageA, attempt 1, was aborted by XA1 at 2026-11-03T12:00:00.000Z; it stays down until attempt rises above 1 in its config, with new sign-offs",
  ],
  [
    "it was aborted by hand",
    stageA,
    ledger(OFF, [ofBaseline, ofA, { ...abortOfA, note: note({ kind: "abort" }) }]),
    "none: aborted: stageA, attempt 1, was aborted at 2026-11-03T12:00:00.000Z; it stays down until attempt rises above 1 in its config, with new sign-offs",
  ],
  [
    "its abort is under way",
    stageA,
    ledger(READING, [ofBaseline, ofA, { ...abortOfA, state: "under-way", completedAt: undefined }]),
    "none: live: stageA, attempt 1, is live since 2026-11-02T12:00:00.000Z, and was stopped by XA1, in deployment 3",
  ],
  [
    "two aborts followed: the first one is told",
    stageB,
    ledger(OFF, [ofBaseline, ofA, ofB, abortOfB, entry(5, { note: note({ kind: "abort", row: "XA1" }) })]),
    "none: aborted: stageB, attempt 1, was aborted by XB1 at 2026-11-04T12:00:00.000Z; it stays down until attempt rises above 1 in its config, with new sign-offs",
  ],
  [
    "AppConfig rolled it back",
    stageA,
    ledger(OFF, [ofBaseline, { ...ofA, state: "rolled-back" }]),
    "none: aborted: stageA, attempt 1, was rolled back by AppConfig (deployment 2); it stays down until attempt rises above 1 in its config, with new sign-offs",
  ],
  [
    "somebody lowered the flags by hand since",
    stageA,
    ledger(OFF, [ofBaseline, ofA, entry(3, { note: undefined })]),
    "none: superseded: stageA, attempt 1, was promoted before; live now is deployment 3, which was not made by cutover",
  ],
  [
    "a later attempt is live",
    stageA,
    ledger(READING, [ofBaseline, ofA, abortOfA, entry(4, { note: note({ attempt: 2 }) })]),
    "none: superseded: stageA, attempt 1, was promoted before; live now is stageA, attempt 2",
  ],
  [
    "it was lowered on purpose, after an abort of an earlier attempt",
    again(stageA, 2),
    ledger(OFF, [
      ofBaseline,
      ofA,
      abortOfA,
      entry(4, { note: note({ attempt: 2 }) }),
      entry(5, { note: note({ stage: "baseline", attempt: 2 }) }),
    ]),
    "none: superseded: stageA, attempt 2, was promoted before; live now is baseline, attempt 2",
  ],
  [
    "the first stage is live",
    baseline,
    ledger(OFF, [ofBaseline]),
    "none: live: baseline, attempt 1, is live since 2026-11-01T12:00:00.000Z",
  ],
];

const lowerings: Case[] = [
  [
    "to the stage before, with a reason",
    { ...again(stageA, 2), ...because },
    ledger(WRITING, [ofBaseline, ofA, ofB]),
    "lower",
  ],
  [
    "to the stage before, without one: the plan says so, and others refuse",
    again(stageA, 2),
    ledger(WRITING, [ofBaseline, ofA, ofB]),
    "lower",
  ],
  [
    "to the first stage",
    { ...again(baseline, 2), ...because },
    ledger(WRITING, [ofBaseline, ofA, ofB]),
    "lower",
  ],
  [
    "though the live flags are foreign",
    { ...again(baseline, 2), ...because },
    ledger(WRITING, [ofBaseline, entry(9, { note: undefined })]),
    "lower",
  ],
  [
    "though the live document holds undeclared keys",
    { ...again(baseline, 2), ...because },
    ledger(READING, [ofBaseline, ofA], ["extra"]),
    "lower",
  ],
  [
    "from flags that nobody declared together",
    { ...again(baseline, 2), ...because },
    ledger(flags(false, true), [ofBaseline, ofA]),
    "lower",
  ],
];

const refusals: Case[] = [
  ["nothing is live", stageA, ledger(OFF, []), "refused: no flags are live yet"],
  [
    "a stage is left out",
    stageB,
    ledger(OFF, [ofBaseline]),
    `refused: follows stageA, but live is baseline (${READ} false, ${WRITE} false)`,
  ],
  [
    "the predecessor was aborted",
    stageB,
    ledger(OFF, [ofBaseline, ofA, abortOfA]),
    `refused: follows stageA, but live is baseline (${READ} false, ${WRITE} false)`,
  ],
  [
    "live is no stage's flags",
    again(stageB, 2),
    ledger(flags(false, true), [ofBaseline, ofA, ofB]),
    `refused: follows stageA, but live is no stage's flags (${READ} false, ${WRITE} true)`,
  ],
  [
    "another deployment is under way",
    stageA,
    ledger(OFF, [ofBaseline, entry(2, { state: "under-way", note: undefined })]),
    "refused: deployment 2 (deployment 2, which was not made by cutover) is under way",
  ],
  [
    "an abort is under way",
    again(stageB, 2),
    ledger(WRITING, [ofBaseline, ofA, ofB, { ...abortOfB, state: "under-way" }]),
    "refused: deployment 4 (the abort of stageB, attempt 1, by XB1) is under way",
  ],
  [
    "a foreign deployment put the predecessor's flags there",
    stageB,
    ledger(READING, [ofBaseline, ofA, entry(3, { note: undefined })]),
    "refused: the live flags were put there by deployment 3, which cutover did not make",
  ],
  [
    "another rollout put the predecessor's flags there",
    stageB,
    ledger(READING, [entry(2, { note: note({ rollout: "v2-pipeline" }) })]),
    "refused: was never promoted, whatever the live flags look like; the live flags were put there by deployment 2, for the rollout v2-pipeline",
  ],
  [
    "the live document holds keys that nobody declared",
    stageB,
    ledger(READING, [ofBaseline, ofA], ["extra", "_x"]),
    "refused: the live document holds what the rollout does not declare: extra, _x",
  ],
  [
    "the attempt is older than one that was promoted",
    again(stageA, 2),
    ledger(OFF, [ofBaseline, entry(2, { note: note({ attempt: 3 }) }), abortOfA]),
    "refused: attempt 2 is older than attempt 3, which was promoted or stopped already",
  ],
  [
    "the stage's flags were edited after the promotion",
    { ...stageA, flags: WRITING },
    ledger(READING, [ofBaseline, ofA]),
    `refused: its flags were edited after attempt 1 was promoted (live: ${READ} true, ${WRITE} false; config: ${READ} true, ${WRITE} true)`,
  ],
  [
    "the flags are live already, put there by hand, and the stage was never promoted",
    stageA,
    ledger(READING, [ofBaseline, entry(3, { note: undefined })]),
    "refused: attempt 1 asks for the flags that are live already, by deployment 3, which was not made by cutover; the live flags were put there by deployment 3, which cutover did not make",
  ],
  [
    "a stranger raised both flags, an abort took one down, and the predecessor merely looks promoted",
    again(stageB, 2),
    ledger(READING, [ofBaseline, entry(2, { note: undefined }), abortOfB]),
    `refused: follows stageA, but live is no stage (${READ} true, ${WRITE} false)`,
  ],
  [
    "this attempt was stopped before it was ever promoted",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "stop", stage: "stageB" }), configurationVersion: "2" }),
    ]),
    "refused: attempt 1 was stopped by hand at 2026-11-03T12:00:00.000Z, in deployment 3",
  ],
  [
    "its stop is still under way",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, {
        note: note({ kind: "stop", stage: "stageB", row: "XB1" }),
        configurationVersion: "2",
        state: "under-way",
        completedAt: undefined,
      }),
    ]),
    "refused: attempt 1 was stopped by XB1, in deployment 3; deployment 3 (the stop of stageB, attempt 1, by XB1) is under way",
  ],
  [
    "its stop was rolled back",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, {
        note: note({ kind: "abort", stage: "stageB" }),
        state: "rolled-back",
        completedAt: undefined,
      }),
    ]),
    "refused: attempt 1 was stopped by hand, in deployment 3",
  ],
  [
    "every stage was stopped at once",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "stop", stage: "all" }), configurationVersion: "2" }),
    ]),
    "refused: attempt 1 was stopped by hand at 2026-11-03T12:00:00.000Z, in deployment 3",
  ],
  [
    "an abort of the attempt before named this one, from a working tree that was ahead",
    again(stageA, 2),
    ledger(OFF, [ofBaseline, ofA, entry(3, { note: note({ kind: "abort", attempt: 2 }) })]),
    "refused: attempt 2 was stopped by hand at 2026-11-03T12:00:00.000Z, in deployment 3",
  ],
  [
    "the attempt skips one, so that a stop of the next would not meet it",
    again(stageB, 4),
    ledger(READING, [ofBaseline, ofA]),
    "refused: attempt 4 skips attempts 1 to 3",
  ],
  [
    "it is held",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, {
        note: note({ kind: "hold", stage: "all", reason: "a freeze", by: "arn:aws:iam::1:user/ada" }),
        configurationVersion: "2",
      }),
    ]),
    "refused: is held since 2026-11-03T12:00:00.000Z by arn:aws:iam::1:user/ada (deployment 3): a freeze",
  ],
  [
    "the ledger does not reach back to its beginning",
    stageB,
    { ...ledger(READING, [ofBaseline, ofA]), cutAt: 7 },
    "refused: was read back to deployment 7 and no further: what was stopped before is not known",
  ],
  [
    "the ledger knows a stage that config does not",
    stageB,
    ledger(READING, [ofBaseline, entry(2, { note: note({ stage: "stage-a" }) }), { ...ofA, deployment: 3 }]),
    "refused: knows a stage stage-a, which no stack file declares",
  ],
  [
    "a new attempt asks for the flags that are live, put there by another rollout",
    again(stageA, 2),
    ledger(READING, [ofBaseline, ofA, entry(3, { note: note({ rollout: "other", attempt: 9 }) })]),
    "refused: attempt 2 asks for the flags that are live already, by stageA, attempt 9; the live flags were put there by deployment 3, for the rollout other",
  ],
  [
    "a new attempt asks for the flags that are live, put there by hand",
    again(stageA, 2),
    ledger(READING, [ofBaseline, ofA, entry(3, { note: undefined })]),
    "refused: attempt 2 asks for the flags that are live already, by deployment 3, which was not made by cutover; the live flags were put there by deployment 3, which cutover did not make",
  ],
];

/** The same flags anew: the soak starts over. */
const restarts: Case[] = [
  ["the stage is live", again(stageA, 2), ledger(READING, [ofBaseline, ofA]), "restart"],
  [
    "the next stage was aborted down to it",
    again(stageA, 2),
    ledger(READING, [ofBaseline, ofA, ofB, abortOfB]),
    "restart",
  ],
  ["it is the first stage, and live", again(baseline, 2), ledger(OFF, [ofBaseline]), "restart"],
];

describe("plan", () => {
  test.each(promotions)("raises when %s", (_, of, known, expected) => {
    expect(gist(plan(rollout(), of, known))).toBe(expected);
  });
  test.each(settled)("leaves the flags as they are when %s", (_, of, known, expected) => {
    expect(gist(plan(rollout(), of, known))).toBe(expected);
  });
  test.each(lowerings)("lowers %s", (_, of, known, expected) => {
    expect(gist(plan(rollout(), of, known))).toBe(expected);
  });
  test.each(restarts)("deploys the same flags for a new attempt when %s", (_, of, known, expected) => {
    expect(gist(plan(rollout(), of, known))).toBe(expected);
  });
  test.each(refusals)("refuses when %s", (_, of, known, expected) => {
    expect(gist(plan(rollout(), of, known))).toBe(expected);
  });

  it("refuses to raise one flag while it lowers another", () => {
    const mixed = rollout({
      flags: { ...opsFlags, V2: percentageFlag() },
      stages: [
        { ...baseline, flags: { ...OFF, V2: 0 } },
        { ...stageA, flags: { ...READING, V2: 0 } },
      ],
    });
    const live = ledger({ ...OFF, V2: 10 }, [ofBaseline, entry(2, { note: undefined })]);
    expect(gist(plan(mixed, mixed.stages[1] as Stage, live))).toBe(
      `refused: would raise some flags and lower others (${READ}: false → true; V2: 10 → 0)`,
    );
  });

  it("names every reason at once", () => {
    const made = plan(rollout(), stageB, ledger(OFF, [ofBaseline, entry(2, { note: undefined })], ["extra"]));
    expect(made.kind === "refused" && made.problems.map((one) => one.what)).toEqual([
      `follows stageA, but live is baseline (${READ} false, ${WRITE} false)`,
      "the live flags were put there by deployment 2, which cutover did not make",
      "the live document holds what the rollout does not declare: extra",
    ]);
  });

  it("gives a remedy with every refusal", () => {
    for (const [, of, known] of refusals) {
      const made = plan(rollout(), of, known);
      expect(made.kind === "refused" && made.problems.every((one) => one.remedy.length > 10)).toBe(true);
    }
  });

  it("says what a raise changes, from what, and on which deployment that rests", () => {
    expect(plan(rollout(), stageB, ledger(READING, [ofBaseline, ofA]))).toEqual({
      kind: "raise",
      from: READING,
      to: WRITING,
      changes: [{ flag: WRITE, from: false, to: true, direction: "raise" }],
      liveDeployment: 2,
    });
  });

  test.each<[string, Predecessor, string]>([
    ["its record is settled", { kind: "recorded", attempt: 1, outcome: "settled" }, "raise"],
    [
      "its record is of an earlier attempt",
      { kind: "recorded", attempt: 0, outcome: "settled" },
      "refused: attempt 1 is live, but its stack's record is of attempt 0: nobody knows how its smoke checks came out",
    ],
    [
      "its record says that it was taken down",
      { kind: "recorded", attempt: 1, outcome: "aborted" },
      "refused: attempt 1 was taken down by its own smoke checks",
    ],
    [
      "its record cannot be read",
      { kind: "unreadable", why: "the stack is not there" },
      "refused: its record cannot be read (the stack is not there)",
    ],
  ])("holds a raise against the predecessor's record: %s", (_, before, expected) => {
    expect(gist(plan(rollout(), stageB, ledger(READING, [ofBaseline, ofA]), before))).toBe(expected);
  });

  it("takes the foundation for settled", () => {
    const unreadable = { kind: "unreadable", why: "it is not there" } as const;
    expect(gist(plan(rollout(), stageA, ledger(OFF, [ofBaseline]), unreadable))).toBe("raise");
  });

  it("counts what the ledger says of a stage's earlier names", () => {
    const renamed = { ...stageA, formerly: ["stage-a"] };
    const of = rollout({ stages: [baseline, renamed, stageB] });
    const before = [ofBaseline, entry(2, { note: note({ stage: "stage-a" }) })];
    expect(gist(plan(of, stageB, ledger(READING, before)))).toBe("raise");
    expect(gist(plan(of, renamed, ledger(READING, before)))).toMatch(/^none: live/);
    const stopped = [...before, entry(3, { note: note({ stage: "stage-a", kind: "abort" }) })];
    expect(gist(plan(of, renamed, ledger(OFF, stopped)))).toMatch(/^none: aborted/);
  });

  it("ignores the rolled-back one of two deployments of one attempt", () => {
    const twice = [ofBaseline, ofA, { ...ofA, deployment: 3, state: "rolled-back" as const }];
    expect(gist(plan(rollout(), stageA, ledger(READING, twice)))).toMatch(/^none: live/);
  });

  it("lowers to a stage that was promoted before, whatever its attempt, where it says why", () => {
    const known = ledger(WRITING, [ofBaseline, ofA, ofB]);
    expect(gist(plan(rollout(), { ...stageA, ...because }, known))).toBe("lower");
    expect(gist(plan(rollout(), stageA, known))).toMatch(/^none: superseded/);
    expect(gist(plan(rollout(), { ...stageA, ...because }, ledger(READING, [ofBaseline, ofA])))).toMatch(
      /^none/,
    );
  });

  it("hands the written reason of a lowering on", () => {
    expect(
      plan(rollout(), { ...again(baseline, 2), ...because }, ledger(READING, [ofBaseline, ofA])),
    ).toEqual({
      kind: "lower",
      from: READING,
      to: OFF,
      changes: [{ flag: READ, from: true, to: false, direction: "lower" }],
      liveDeployment: 2,
      reason: "the queue is slow",
    });
  });

  it("counts attempts per stage and per rollout", () => {
    const others = [
      ofBaseline,
      entry(2, { note: note({ stage: "stageB", attempt: 7 }) }),
      entry(3, { note: note({ rollout: "other", attempt: 7 }) }),
      entry(4, { note: note({ kind: "abort", stage: "stageB", attempt: 7 }) }),
      entry(5, { note: note({ stage: "baseline", attempt: 7 }) }),
    ];
    expect(gist(plan(rollout(), stageA, ledger(OFF, others)))).toBe("raise");
  });
});

describe("laws of plan", () => {
  const states = fc.oneof(
    { weight: 8, arbitrary: fc.constant<LedgerEntry["state"]>("complete") },
    fc.constantFrom<LedgerEntry["state"]>("under-way", "rolled-back"),
  );
  const someNote = fc.option(
    fc
      .record({
        kind: fc.constantFrom("promote" as const, "promote" as const, "lower" as const, "abort" as const),
        stage: fc.constantFrom("baseline", "stageA", "stageB"),
        attempt: fc.integer({ min: 1, max: 3 }),
        rollout: fc.constantFrom("ops-view", "ops-view", "ops-view", "other"),
      })
      .map(note),
    { nil: undefined, freq: 6 },
  );
  const anyFlags: fc.Arbitrary<Flags> = fc
    .tuple(fc.boolean(), fc.boolean())
    .map(([read, write]) => flags(read, write));
  const anyLedger: fc.Arbitrary<Ledger> = fc
    .record({
      live: anyFlags,
      undeclared: fc.constantFrom([], [], [], ["extra"]),
      history: fc.array(fc.record({ state: states, note: someNote }), { maxLength: 6 }),
    })
    .map(({ live, undeclared, history }) =>
      ledger(
        live,
        history.map((one, index) =>
          entry(index + 1, { ...one, ...(one.state === "under-way" ? { completedAt: undefined } : {}) }),
        ),
        undeclared,
      ),
    );
  const anyStage = fc
    .record({
      of: fc.constantFrom(baseline, stageA, stageB),
      attempt: fc.integer({ min: 1, max: 4 }),
      edited: fc.option(anyFlags, { freq: 4, nil: undefined }),
      lower: fc.constantFrom(undefined, because.lower),
    })
    .map(({ of, attempt, edited, lower }) =>
      stage(of.name, { ...of, attempt, lower, flags: edited ?? of.flags }),
    );
  const law = (check: (of: Stage, known: Ledger, made: Plan) => void) =>
    fc.assert(
      fc.property(anyStage, anyLedger, (of, known) => check(of, known, plan(rollout(), of, known))),
      { numRuns: 2_000 },
    );
  const promotedBefore = (of: Stage, known: Ledger) =>
    known.history.some(
      ({ note: made }) =>
        made?.rollout === "ops-view" &&
        made.kind !== "abort" &&
        made.stage === of.name &&
        made.attempt === of.attempt,
    );

  it("raises only from the predecessor's flags, put there by this rollout, with nothing under way", () => {
    let raised = 0;
    law((of, known, made) => {
      if (made.kind !== "raise") return;
      raised++;
      const before = predecessorOf(rollout(), of);
      const from = known.live?.flags ?? {};
      const adopted =
        ["abort", "lower"].includes(known.live?.note?.kind ?? "") && sameFlags(opsFlags, of.flags, from);
      expect(adopted || sameFlags(opsFlags, before?.flags ?? {}, from)).toBe(true);
      expect(known.live?.note?.rollout).toBe("ops-view");
      expect(known.live?.undeclared).toEqual([]);
      expect(known.history.every((one) => one.state !== "under-way")).toBe(true);
      expect(made).toMatchObject({
        from: known.live?.flags,
        to: of.flags,
        liveDeployment: known.live?.deployment,
      });
      expect(made.changes.length > 0).toBe(!adopted);
      expect(made.changes.every((change) => change.direction === "raise")).toBe(true);
    });
    expect(raised).toBeGreaterThan(5);
  });

  it("changes no flag for an attempt that the ledger holds, whatever has happened since", () => {
    let seen = 0;
    law((of, known, made) => {
      if (of.lower || !promotedBefore(of, known)) return;
      seen++;
      expect(["none", "refused"]).toContain(made.kind);
    });
    expect(seen).toBeGreaterThan(50);
  });

  it("never raises what an abort brought down, until the attempt rises", () => {
    fc.assert(
      fc.property(
        anyLedger,
        anyFlags,
        fc.constantFrom(baseline, stageA, stageB),
        fc.integer({ min: 1, max: 3 }),
        (known, live, of, attempt) => {
          const last = known.history[0]?.deployment ?? 0;
          const promoted = entry(last + 1, { note: note({ stage: of.name, attempt }) });
          const aborted = entry(last + 2, { note: note({ kind: "abort", stage: of.name, attempt }) });
          const history = [...known.history.filter((one) => one.state !== "under-way"), promoted, aborted];
          const made = plan(rollout(), again(of, attempt), ledger(live, history));
          // Where it was stopped before, that promotion is somebody else's: then it is refused, or what is above comes down.
          expect(["none", "refused", "lower"]).toContain(made.kind);
        },
      ),
    );
  });

  it("lowers without raising anything, and says all that it changes", () => {
    let lowered = 0;
    law((of, known, made) => {
      if (made.kind !== "lower") return;
      lowered++;
      const from = known.live?.flags ?? {};
      expect(made.changes).toEqual(changes(opsFlags, from, lowerTo(opsFlags, from, of.flags)));
      // Of what is under way no document is known here: it may have to go, though nothing live does.
      const coming = known.history.some(({ state }) => state === "under-way");
      expect(made.changes.length).toBeGreaterThan(of.lower && coming ? -1 : 0);
      expect(made.changes.every((change) => change.direction === "lower")).toBe(true);
      expect(made.reason).toBe(of.lower?.reason);
    });
    expect(lowered).toBeGreaterThan(5);
  });

  it("restarts only with the very flags that are live, put there by this rollout, of a stage promoted before", () => {
    let restarted = 0;
    law((of, known, made) => {
      if (made.kind !== "restart") return;
      restarted++;
      expect(sameFlags(opsFlags, made.from, made.to)).toBe(true);
      expect(made).toMatchObject({
        from: known.live?.flags,
        to: of.flags,
        liveDeployment: known.live?.deployment,
      });
      expect(known.live?.note?.rollout).toBe("ops-view");
      const promoted = known.history.filter(({ note: by }) => by?.stage === of.name && by.kind !== "abort");
      expect(promoted.some(({ note: by }) => (by?.attempt ?? 0) < of.attempt)).toBe(true);
      expect(promoted.every(({ note: by }) => by?.rollout !== "ops-view" || by.attempt < of.attempt)).toBe(
        true,
      );
    });
    expect(restarted).toBeGreaterThan(0);
  });

  it("changes nothing that it is given", () => {
    law((of, known, made) => {
      const [stageBefore, ledgerBefore] = [structuredClone(of), structuredClone(known)];
      expect(plan(rollout(), of, known)).toEqual(made);
      expect(of).toEqual(stageBefore);
      expect(known).toEqual(ledgerBefore);
    });
  });
});
