import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  type LedgerEntry,
  liveEntry,
  liveSince,
  type Note,
  newestFirst,
  parseNote,
  showEntry,
  writeNote,
} from "../../../src/flags/ledger";
import { entry, note } from "../../support/build";

/** What AppConfig takes as a deployment's description. A longer one is refused, and with it the deployment. */
const LIMIT = 1_024;

const name = fc.stringMatching(/^[a-z][a-zA-Z0-9-]{0,31}$/);
const reasons = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 2_000 }),
  fc.string({ unit: "binary", maxLength: 2_000 }),
  fc.constantFrom(
    '"'.repeat(600),
    "\\".repeat(600),
    "\n".repeat(600),
    "\u0001".repeat(600),
    "😀".repeat(400),
  ),
);
const notes: fc.Arbitrary<Note> = fc.record(
  {
    cutover: fc.constant(1 as const),
    rollout: name,
    kind: fc.constantFrom("promote" as const, "lower" as const, "abort" as const),
    stage: name,
    attempt: fc.integer({ min: 1, max: 1_000_000 }),
    row: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,23}$/),
    reason: reasons,
  },
  { requiredKeys: ["cutover", "rollout", "kind", "stage", "attempt"] },
);

describe("a note", () => {
  test.each<[string, Note]>([
    ["a promotion", note()],
    ["a lowering with its reason", note({ kind: "lower", reason: "Incident 42: queue is slow" })],
    ["an abort with its row", note({ kind: "abort", stage: "stageB", attempt: 3, row: "XB1" })],
    ["a reason with quotes and lines", note({ reason: 'he said "stop"\nand we did' })],
  ])("of %s is read back as it was written", (_, written) => {
    expect(parseNote(writeNote(written))).toEqual(written);
  });

  it("fits into a description, whatever the reason holds, and says the rest exactly", () => {
    fc.assert(
      fc.property(notes, (written) => {
        const text = writeNote(written);
        expect(text.length).toBeLessThanOrEqual(LIMIT);
        const { reason, ...rest } = parseNote(text) as Note;
        const { reason: whole, ...exact } = written;
        expect(rest).toEqual(exact);
        if (reason !== whole) {
          expect(reason?.endsWith("…")).toBe(true);
          expect(whole?.startsWith(reason?.slice(0, -1) ?? "?")).toBe(true);
          // Cut only because it had to be, and no shorter than that.
          expect(JSON.stringify(written).length).toBeGreaterThan(LIMIT);
          expect(text.length).toBeGreaterThan(LIMIT - 12);
        }
      }),
    );
  });

  it("keeps a reason of ordinary length whole, and cuts no character in half", () => {
    const whole = "r".repeat(500);
    expect(parseNote(writeNote(note({ reason: whole })))?.reason).toBe(whole);
    for (const pad of ["", "x"]) {
      const cut = parseNote(writeNote(note({ reason: pad + "😀".repeat(600) })))?.reason ?? "";
      expect(cut.endsWith("😀…")).toBe(true);
      expect(cut).not.toMatch(/\p{Surrogate}/u);
    }
  });
});

describe("a description that is not this tool's own note", () => {
  test.each<[string, string | undefined]>([
    ["none", undefined],
    ["an empty one", ""],
    ["a sentence", "Deployed by hand"],
    ["a number", "1"],
    ["an array", "[1]"],
    ["other JSON", '{"app":"shop"}'],
    ["half a note", writeNote(note()).slice(0, -2)],
    ["a note with a tail", `${writeNote(note())} and more`],
    ["a note of a version to come", writeNote(note()).replace('"cutover":1', '"cutover":2')],
    ["an unknown kind", writeNote(note()).replace("promote", "raise")],
    ["an attempt of 0", writeNote(note()).replace('"attempt":1', '"attempt":0')],
    ["an attempt as text", writeNote(note()).replace('"attempt":1', '"attempt":"1"')],
    ["half an attempt", writeNote(note()).replace('"attempt":1', '"attempt":1.5')],
    ["no stage", writeNote(note()).replace('"stage":"stageA",', "")],
    ["a row that is a number", writeNote(note({ row: "XB1" })).replace('"XB1"', "1")],
  ])("%s: foreign", (_, description) => {
    expect(parseNote(description)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `{${text}`),
        ),
        (text) => {
          const read = parseNote(text);
          if (read !== undefined) expect(read.cutover).toBe(1);
        },
      ),
    );
  });
});

describe("the live entry", () => {
  const done = (deployment: number) => entry(deployment);
  const underWay = (deployment: number) => entry(deployment, { state: "under-way", completedAt: undefined });
  const rolledBack = (deployment: number) => entry(deployment, { state: "rolled-back" });
  test.each([
    ["nothing was deployed", [], undefined],
    ["one was", [done(1)], 1],
    ["the newest completed", [done(1), done(2), done(3)], 3],
    ["the newest is under way", [done(1), done(2), underWay(3)], 2],
    ["the newest was rolled back", [done(1), done(2), rolledBack(3)], 2],
    ["numbers of more digits", [done(9), done(10)], 10],
    ["nothing completed yet", [underWay(1)], undefined],
    ["only a rolled-back one", [rolledBack(1)], undefined],
  ])("when %s", (_, entries, expected) => {
    expect(liveEntry(entries)?.deployment).toBe(expected);
  });

  it("does not depend on the order in which AppConfig lists", () => {
    const entries = [done(1), rolledBack(2), done(3), done(10), underWay(11), rolledBack(12)];
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (listed) => {
        expect(liveEntry(listed)?.deployment).toBe(10);
        expect(newestFirst(listed).map((one) => one.deployment)).toEqual([12, 11, 10, 3, 2, 1]);
      }),
    );
  });

  it("leaves the list as it was", () => {
    const entries = [done(1), done(2)];
    newestFirst(entries);
    expect(entries.map((one) => one.deployment)).toEqual([1, 2]);
  });
});

describe("since when the flags are live, without a break", () => {
  const back = (deployment: number, completedAt?: string) =>
    entry(deployment, { state: "rolled-back", completedAt });
  test.each<[string, LedgerEntry[], string | undefined]>([
    ["nothing came after", [entry(1), entry(2)], "2026-11-02T12:00:00.000Z"],
    [
      "an earlier deployment was rolled back",
      [back(1, "2026-11-09T00:00:00.000Z"), entry(2)],
      "2026-11-02T12:00:00.000Z",
    ],
    [
      "a later one was rolled back",
      [entry(2), back(3, "2026-11-09T00:00:00.000Z")],
      "2026-11-09T00:00:00.000Z",
    ],
    [
      "several were",
      [back(5, "2026-11-08T00:00:00.000Z"), back(4, "2026-11-09T00:00:00.000Z"), entry(2)],
      "2026-11-09T00:00:00.000Z",
    ],
    ["a later one was rolled back at no known time", [entry(2), back(3)], "2026-11-02T12:00:00.000Z"],
    ["a later one is under way", [entry(2), entry(3, { state: "under-way" })], "2026-11-02T12:00:00.000Z"],
    ["nothing is live", [back(1, "2026-11-09T00:00:00.000Z")], undefined],
    ["it is not known when it completed", [entry(2, { completedAt: undefined })], undefined],
  ])("when %s", (_, entries, expected) => {
    expect(liveSince(entries)).toBe(expected);
  });
});

test.each([
  [entry(4), "stageA, attempt 1"],
  [entry(4, { note: note({ kind: "lower", stage: "baseline", attempt: 2 }) }), "baseline, attempt 2"],
  [
    entry(4, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }) }),
    "the abort of stageB, attempt 1, by XB1",
  ],
  [entry(4, { note: note({ kind: "abort", stage: "stageB" }) }), "the abort of stageB, attempt 1"],
  [entry(4, { note: undefined }), "deployment 4, which was not made by cutover"],
])("an entry reads as a person says it: %#", (one, expected) => {
  expect(showEntry(one)).toBe(expected);
});
