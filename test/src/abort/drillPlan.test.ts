import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { drillDocument, drillTokenOf, flagDocument, parseDocument } from "../../../src/flags/document";
import type { Flags } from "../../../src/flags/flags";
import {
  type Ledger,
  type LedgerEntry,
  type Note,
  originOf,
  parseNote,
  showEntry,
  writeNote,
} from "../../../src/flags/ledger";
import { look } from "../../../src/gates/kinds/soak.look";
import { type Plan, plan } from "../../../src/rollout/plan";
import type { Stage } from "../../../src/rollout/rollout";
import {
  again,
  baseline,
  entry,
  flags,
  ledger,
  note,
  OFF,
  opsFlags,
  READING,
  rollout,
  stageA,
  stageB,
  WRITING,
} from "../../support/build";

/** What a drill is to everything that reads the ledger: a deployment, and nothing else. */

const ofBaseline = entry(1, { note: note({ stage: "baseline" }) });
const ofA = entry(2, { note: note({ stage: "stageA" }) });
const ofB = entry(3, { note: note({ stage: "stageB" }) });
const by = (kind: Note["kind"], deployment: number, stage: string, spec: Partial<LedgerEntry> = {}) =>
  entry(deployment, { note: note({ kind, stage }), ...spec });
/** A drill that carries on what was deployed before it: its document is another version with the same flags. */
const drillAt = (deployment: number, stage: string, of: Flags, spec: Partial<LedgerEntry> = {}) =>
  by("drill", deployment, stage, { flags: of, ...spec });
/** With the flags of each document, as they are read beside a drill. */
const read = (live: Flags, entries: readonly LedgerEntry[]) =>
  ledger(
    live,
    entries.map((one) => ({ flags: live, ...one })),
  );

function gist(made: Plan): string {
  if (made.kind === "none") return `none: ${made.why}: ${made.sentence}`;
  if (made.kind === "refused") return `refused: ${made.problems.map((one) => one.what).join("; ")}`;
  return made.kind;
}

test.each<[string, Stage, Ledger, string | RegExp]>([
  [
    "what was live before it still is, and so does its soak",
    stageA,
    ledger(READING, [ofBaseline, { ...ofA, flags: READING }, drillAt(3, "stageA", READING)]),
    "none: live: stageA, attempt 1, is live since 2026-11-02T12:00:00.000Z",
  ],
  [
    "so it is after several",
    stageA,
    ledger(READING, [
      ofBaseline,
      { ...ofA, flags: READING },
      drillAt(3, "stageA", READING),
      drillAt(4, "stageA", READING),
    ]),
    /^none: live: .* since 2026-11-02T12:00:00.000Z$/,
  ],
  [
    "the next stage can be promoted",
    stageB,
    ledger(READING, [ofBaseline, ofA, by("drill", 3, "stageA")]),
    "raise",
  ],
  [
    "a stage is not promoted by a drill of its own",
    stageB,
    ledger(READING, [ofBaseline, ofA, by("drill", 3, "stageB")]),
    "raise",
  ],
  [
    "a new attempt of what is live starts its soak over",
    again(stageA, 2),
    ledger(READING, [ofBaseline, ofA, by("drill", 3, "stageA")]),
    "restart",
  ],
  [
    "a drill of a higher attempt does not use it up",
    again(stageA, 2),
    ledger(READING, [ofBaseline, ofA, entry(3, { note: note({ kind: "drill", attempt: 7 }) })]),
    "restart",
  ],
  [
    "the stage before is superseded, by the stage and not by the drill",
    stageA,
    ledger(WRITING, [ofBaseline, ofA, { ...ofB, flags: WRITING }, drillAt(4, "stageB", WRITING)]),
    "none: superseded: stageA, attempt 1, was promoted before; live now is stageB, attempt 1",
  ],
  [
    "the latch holds after an abort",
    stageB,
    ledger(READING, [ofBaseline, ofA, ofB, by("abort", 4, "stageB"), by("drill", 5, "stageB")]),
    "none: aborted: stageB, attempt 1, was aborted at 2026-11-04T12:00:00.000Z; it stays down until attempt rises above 1 in its config, with new sign-offs",
  ],
  [
    "an abort that came after a drill is one of the stage",
    stageB,
    ledger(READING, [ofBaseline, ofA, ofB, by("drill", 4, "stageB"), by("abort", 5, "stageB")]),
    /^none: aborted: stageB, attempt 1, was aborted at 2026-11-05/,
  ],
  [
    "a new attempt goes up again",
    again(stageB, 2),
    ledger(READING, [ofBaseline, ofA, ofB, by("abort", 4, "stageB"), by("drill", 5, "stageB")]),
    "raise",
  ],
  [
    "flags lower as before",
    { ...again(stageA, 2), lower: { reason: "the queue is slow" } },
    ledger(WRITING, [ofBaseline, ofA, ofB, by("drill", 4, "stageB")]),
    "lower",
  ],
  [
    "an edit of the live stage is found",
    { ...stageA, flags: WRITING },
    ledger(READING, [ofBaseline, { ...ofA, flags: READING }, drillAt(3, "stageA", READING)]),
    /^refused: its flags were edited after attempt 1 was promoted/,
  ],
  [
    "foreign flags stay foreign",
    stageB,
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: undefined, flags: READING }),
      drillAt(4, "stageA", READING),
    ]),
    "refused: the live flags were put there by deployment 3, which cutover did not make",
  ],
  [
    "so do those of another rollout",
    again(stageA, 2),
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ rollout: "other" }), flags: READING }),
      drillAt(4, "stageA", READING),
    ]),
    /put there by deployment 3, for the rollout other$/,
  ],
  [
    "where nobody knows what was live before, nothing is raised",
    stageB,
    ledger(READING, [by("drill", 4, "stageA")]),
    /^refused: was never promoted, whatever the live flags look like; the live flags were put there by deployment 4, which cutover did not make: its note is not true, it says that no flag changes$/,
  ],
  [
    "a drill under way is waited for",
    stageB,
    ledger(READING, [ofBaseline, ofA, by("drill", 3, "stageA", { state: "under-way" })]),
    "refused: deployment 3 (a drill of stageA, attempt 1) is under way",
  ],
  [
    "a drill that was taken back leaves all as it was",
    stageA,
    ledger(READING, [ofBaseline, ofA, by("drill", 3, "stageA", { state: "rolled-back" })]),
    /^none: live: stageA, attempt 1, is live since/,
  ],
])("after a drill %s", (_, of, known, expected) => {
  const said = gist(plan(rollout(), of, known));
  if (typeof expected === "string") expect(said).toBe(expected);
  else expect(said).toMatch(expected);
});

const anyNote = fc.option(
  fc.record({
    stage: fc.constantFrom("baseline", "stageA", "stageB"),
    kind: fc.constantFrom<Note["kind"]>("promote", "promote", "lower", "abort"),
    attempt: fc.integer({ min: 1, max: 3 }),
    rollout: fc.constantFrom("ops-view", "ops-view", "ops-view", "other"),
  }),
  { nil: undefined, freq: 8 },
);
const history = fc
  .array(fc.record({ by: anyNote, state: fc.constantFrom("complete", "complete", "rolled-back") }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((list) =>
    list.map(({ by: of, state }, index) =>
      entry(index + 1, { state: state as LedgerEntry["state"], note: of && note(of) }),
    ),
  );
const drills = fc.array(
  fc.record({
    stage: fc.constantFrom("stageA", "stageB"),
    attempt: fc.integer({ min: 1, max: 9 }),
    state: fc.constantFrom<LedgerEntry["state"]>("complete", "complete", "rolled-back"),
  }),
  { minLength: 1, maxLength: 3 },
);
const anyFlags: fc.Arbitrary<Flags> = fc.constantFrom(OFF, READING, WRITING, flags(false, true));

describe("whatever the ledger holds,", () => {
  it("drills change nothing of what up of a stage does", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        history,
        anyFlags,
        drills,
        fc.constantFrom(baseline, stageA, stageB),
        fc.integer({ min: 1, max: 4 }),
        (entries, live, more, of, attempt) => {
          if (!entries.some(({ state }) => state === "complete")) return;
          const last = entries.length;
          const after = more.map(({ state, ...spec }, index) =>
            entry(last + index + 1, { state, note: note({ kind: "drill", ...spec }) }),
          );
          const without = plan(rollout(), again(of, attempt), read(live, entries));
          const made = plan(rollout(), again(of, attempt), read(live, [...entries, ...after]));
          seen.set(made.kind, (seen.get(made.kind) ?? 0) + 1);
          expect(plain(made)).toEqual(plain(without));
        },
      ),
      { numRuns: 3_000 },
    );
    for (const kind of ["raise", "lower", "restart", "none", "refused"])
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(10);
  });

  it("a drill is never what put the live flags there", () => {
    fc.assert(
      fc.property(history, drills, (entries, more) => {
        const after = more.map(({ state, ...spec }, index) =>
          entry(entries.length + index + 1, { state, note: note({ kind: "drill", ...spec }) }),
        );
        const known = read(READING, [...entries, ...after]);
        const before = originOf(read(READING, entries));
        if (!before) return;
        expect(originOf(known)?.note?.kind).not.toBe("drill");
        expect(originOf(known)?.deployment).toBe(before.deployment);
      }),
    );
  });
});

/** A plan without what a drill may change: the number of the live deployment, and since when it is live. */
function plain(made: Plan): object {
  const { liveDeployment: _, ...rest } = made as Plan & { liveDeployment?: number };
  return {
    ...rest,
    ...("sentence" in rest ? { sentence: rest.sentence.replace(/ is live since .*/, " is live") } : {}),
  };
}

test("the soak goes on through a drill, but not through what only says that it is one", () => {
  const before = [ofBaseline, { ...ofA, flags: READING }];
  const soak = (drill: LedgerEntry) =>
    look(undefined, { ledger: ledger(READING, [...before, drill]), live: "stageA" });
  expect(soak(drillAt(5, "stageA", READING))).toMatchObject({
    since: "2026-11-02T12:00:00.000Z",
    deployment: 5,
  });
  expect(soak(drillAt(5, "stageA", WRITING))).toMatchObject({
    since: "2026-11-05T12:00:00.000Z",
    deployment: 5,
  });
});

describe("in the ledger", () => {
  const drill: Note = {
    cutover: 1,
    rollout: "ops-view",
    kind: "drill",
    stage: "stageB",
    attempt: 2,
    token: "2026-11-21T10:00:02.000Z",
    breachAt: "2026-11-21T09:59:58.250Z",
  };

  test("its note says when it began, and fits", () => {
    expect(parseNote(writeNote(drill))).toEqual(drill);
    expect(parseNote(writeNote({ ...drill, breachAt: undefined }))).toEqual({
      ...drill,
      breachAt: undefined,
    });
    const long = writeNote({ ...drill, reason: "ü".repeat(2_000) });
    expect(long.length).toBeLessThanOrEqual(1_024);
    expect(parseNote(long)).toMatchObject({ token: drill.token, breachAt: drill.breachAt });
  });

  test("it is told as a drill", () => {
    expect(showEntry(entry(4, { note: drill }))).toBe("a drill of stageB, attempt 2");
  });

  test.each([{ token: "x".repeat(65) }, { breachAt: "soon" }, { token: 7 }])(
    "a note with %o is foreign",
    (odd) => {
      expect(parseNote(JSON.stringify({ ...drill, ...odd }))).toBeUndefined();
    },
  );
});

describe("the document of a drill", () => {
  test("is spelt one way, whatever it was made of", () => {
    const expected = '{"READ":true,"_cutover":{"drill":"t"},"a":1}';
    for (const text of ['{"a":1,"READ":true}', '{ "READ": true, "_cutover": {"drill": "old"}, "a": 1 }'])
      expect(drillDocument(text, "t")).toBe(expected);
    expect(drillDocument(expected, "t")).toBe(expected);
  });

  test("holds the same flags, and is read back", () => {
    for (const live of [OFF, READING, WRITING]) {
      const text = drillDocument(flagDocument(live), "t");
      expect(parseDocument(opsFlags, text)).toEqual({ ok: true, flags: live, undeclared: [], doors: {} });
      expect(drillTokenOf(text)).toBe("t");
      expect(drillTokenOf(flagDocument(live))).toBeUndefined();
    }
  });

  test.each(["", "[]", "null", "1", '"x"', "{"])("is made of no document that is none: %s", (text) => {
    expect(() => drillDocument(text, "t")).toThrow();
    expect(drillTokenOf(text)).toBeUndefined();
  });

  test.each(['{"_cutover":1}', '{"_cutover":null}', '{"_cutover":{"drill":7}}'])(
    "%s carries no token",
    (text) => {
      expect(drillTokenOf(text)).toBeUndefined();
    },
  );
});
