import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldAgainstFacts } from "../../../src/flags/facts";
import type { Flags } from "../../../src/flags/flags";
import { type Ledger, type LedgerEntry, liveEntry, liveSince, type Note } from "../../../src/flags/ledger";
import type { HeldVersion } from "../../../src/flags/versions";
import { KEPT_VERSIONS, spareVersions } from "../../../src/promotion/spareVersions";
import { plan } from "../../../src/rollout/plan";
import { attemptsOf } from "../../../src/rollout/stops";
import { entry, note, OFF, opsFlags, READING, rollout, WRITING } from "../../support/build";

const OF = rollout();
const held = (count: number, labelled: readonly number[] = []): HeldVersion[] =>
  Array.from({ length: count }, (_, index) => ({
    version: String(index + 1),
    labelled: labelled.includes(index + 1),
  }));

/** A ledger as it is read; of some versions the document is gone. */
function read(entries: readonly LedgerEntry[], gone: ReadonlySet<string> = new Set()): Ledger {
  const history = heldAgainstFacts(
    opsFlags,
    entries.map(({ flags, ...one }) =>
      gone.has(one.configurationVersion) ? { ...one, unread: "gone" } : { ...one, flags },
    ),
  );
  const live = liveEntry(history);
  return {
    history,
    newest: history[0]?.deployment ?? 0,
    ...(live
      ? {
          live: {
            ...live,
            completedAt: liveSince(history) ?? "",
            flags: live.flags ?? OFF,
            undeclared: [],
            doors: {},
          },
        }
      : {}),
  };
}

const promoted = (number: number, stage: string, flags: Flags, spec: Partial<Note> = {}): LedgerEntry =>
  entry(number, { note: note({ stage, ...spec }), flags });
const at = (day: number) => new Date(Date.UTC(2026, 0, 1) + day * 86_400_000).toISOString();

/** Baseline, stage A, then a drill a day: each brings a version of its own. */
function drilled(drills: number): LedgerEntry[] {
  return [
    promoted(1, "baseline", OFF),
    promoted(2, "stageA", READING),
    ...Array.from({ length: drills }, (_, index): LedgerEntry => {
      const deployment = index + 3;
      return entry(deployment, {
        completedAt: at(deployment),
        note: note({ kind: "drill", stage: "stageA", token: at(deployment) }),
        flags: READING,
      });
    }),
  ];
}

describe("versions of the flag document", () => {
  it("all stay while there is room", () => {
    expect(spareVersions(OF, read(drilled(50)), held(52))).toEqual([]);
  });

  it("of drills before the newest promotion go, the oldest first, until there is room", () => {
    const ledger = read([...drilled(97), promoted(100, "stageB", WRITING)]);
    const spare = spareVersions(OF, ledger, held(100));
    expect(spare).toHaveLength(100 - KEPT_VERSIONS);
    expect(spare[0]).toBe("3");
    expect(spare).toEqual(Array.from({ length: 30 }, (_, index) => String(index + 3)));
  });

  it("with a label stay, as does every flag off, each stage's own, and what is live", () => {
    const ledger = read([...drilled(97), promoted(100, "stageB", WRITING)]);
    const spare = spareVersions(OF, ledger, held(100, [3, 4]), 0);
    for (const kept of ["1", "2", "3", "4", "99", "100"]) expect(spare).not.toContain(kept);
  });

  it("that were never deployed stay while they are among the newest: a stack may hold one", () => {
    const spare = spareVersions(OF, read([promoted(1, "baseline", OFF)]), held(60), 0);
    expect(spare).toEqual(Array.from({ length: 39 }, (_, index) => String(index + 2)));
  });

  it("all stay where the ledger is cut off", () => {
    expect(spareVersions(OF, { ...read(drilled(97)), cutAt: 1 }, held(99), 0)).toEqual([]);
  });
});

it("whatever happened before, the ledger says the same of every stage without what is spare", () => {
  const act = fc.record({
    kind: fc.constantFrom<Note["kind"]>("promote", "abort", "stop", "drill", "lower", "hold"),
    stage: fc.constantFrom("stageA", "stageB", "all"),
    attempt: fc.integer({ min: 1, max: 3 }),
    flags: fc.constantFrom(OFF, READING, WRITING),
    state: fc.constantFrom<LedgerEntry["state"]>("complete", "complete", "complete", "rolled-back"),
    foreign: fc.boolean(),
    same: fc.boolean(),
  });
  let deleted = 0;
  fc.assert(
    fc.property(fc.array(act, { minLength: 40, maxLength: 60 }), fc.nat(20), (acts, keep) => {
      let last = { version: "1", flags: OFF as Flags };
      const entries = [
        promoted(1, "baseline", OFF),
        ...acts.map(({ kind, stage, attempt, flags, state, foreign, same }, index): LedgerEntry => {
          const deployment = index + 2;
          const carries = ["stop", "hold"].includes(kind) || same;
          const version = carries ? last.version : String(deployment);
          const carried = carries || kind === "drill" ? last.flags : flags;
          if (state === "complete") last = { version, flags: carried };
          return {
            ...entry(deployment, { state, completedAt: at(deployment), configurationVersion: version }),
            note: foreign ? undefined : note({ kind, stage, attempt }),
            flags: carried,
          };
        }),
      ];
      const before = read(entries);
      const all = held(entries.length);
      const spare = spareVersions(OF, before, all, keep);
      deleted += spare.length;
      const after = read(entries, new Set(spare));
      expect(spare).not.toContain(before.live?.configurationVersion);
      expect(spare).not.toContain("1");
      for (const stage of OF.stages) {
        expect(attemptsOf(OF, stage, after)).toEqual(attemptsOf(OF, stage, before));
        for (const attempt of [1, 2, 3, 4])
          expect(plan(OF, { ...stage, attempt }, after)).toEqual(plan(OF, { ...stage, attempt }, before));
      }
    }),
    { numRuns: 40 },
  );
  expect(deleted).toBeGreaterThan(20);
});
