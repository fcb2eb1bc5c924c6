import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../src/gates/judge";
import { announcement, report } from "../../../src/messages/texts";
import { about } from "./topicMessages";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const FROM = { READ: false, WRITE: false };
const TO = { READ: true, WRITE: false };
const LIVED = { since: "2026-11-20T12:00:00.000Z", forMs: 86_400_000, flags: TO };

function verdict(gate: string, spec: Partial<Verdict> = {}): Verdict {
  return {
    gate,
    title: "No server error on the queue",
    outcome: "pass",
    observed: "0 over 1 d, 1200 samples",
    required: "Sum = 0 over 24h, ≥ 100 samples",
    remedy: "",
    ...spec,
  };
}

test("an announcement says what will change, when, and how to take it back", () => {
  const { subject, text, attributes } = announcement(
    about({ text: "No user-facing change is expected.\nNobody has to do anything." }),
    { from: FROM, to: TO },
    NOW,
  );
  expect(subject).toBe("ops-view stageA C1: Reads are about to come from the database");
  expect(text).toBe(`ops-view stageA C1: Reads are about to come from the database

No user-facing change is expected.
Nobody has to do anything.

Rollout:      ops-view
Stage:        stageA, attempt 1
Row:          C1
Flags now:    READ false, WRITE false
Flags next:   READ true, WRITE false
When:         right after this message, 2026-11-21 12:00:00Z
Until then:   nothing has changed; this is said once per attempt, also where the run is repeated
Way back:     npm run cutover -- abort --rollout ops-view -s stageA --reason "…"`);
  expect(attributes).toEqual({
    rollout: "ops-view",
    stage: "stageA",
    attempt: 1,
    row: "C1",
    kind: "before",
  });
});

describe("a report", () => {
  const timed = (title: string) => about({ title, when: { after: "24h" }, soakSummary: true }, { row: "C2" });

  test("says how long the flags are live, and what the soak shows, row by row", () => {
    const soak = {
      verdicts: [verdict("E1"), verdict("E5", { title: "p95 < 500 ms" })],
      others: ["E2", "E4"],
    };
    const { subject, text, attributes } = report(timed("Reads have soaked"), LIVED, { soak });
    expect(subject).toBe("ops-view stageA C2: Reads have soaked");
    expect(text).toBe(`ops-view stageA C2: Reads have soaked

Rollout:      ops-view
Stage:        stageA, attempt 1
Row:          C2
Live:         for 1 d without a break, since 2026-11-20 12:00:00Z
Flags now:    READ true, WRITE false
Soak:         2 of 2 exit gates pass

  E1 PASS: No server error on the queue
     observed  0 over 1 d, 1200 samples
     required  Sum = 0 over 24h, ≥ 100 samples

  E5 PASS: p95 < 500 ms
     observed  0 over 1 d, 1200 samples
     required  Sum = 0 over 24h, ≥ 100 samples

Not in here:  E2, E4, measured by the rollout's own TypeScript: look with npm run cutover -- check --rollout ops-view -s stageA`);
    expect(attributes).toMatchObject({ row: "C2", kind: "after" });
  });

  test("says first, also in a subject of any length, that something does not pass", () => {
    const open = verdict("E1", { outcome: "fail", observed: "7", remedy: "Mend it" });
    const soak = { verdicts: [open, verdict("E5"), verdict("E6", { outcome: "inconclusive" })], others: [] };
    const { subject, text } = report(timed("Reads have soaked ".repeat(6).trim()), LIVED, { soak });
    expect(subject).toMatch(/^ops-view stageA C2: Reads have soaked .*\.\.\. \(2 of 3 gates NOT passing\)$/);
    expect(text.split("\n")[1]).toBe("! 2 of 3 gates NOT passing");
    expect(text).toContain("E1 FAIL: ");
    expect(text).toContain("to do     Mend it");
  });

  test("says which stage has followed", () => {
    const followedBy = { stage: "stageB", at: "2026-11-21T12:00:03.000Z" };
    expect(report(timed("Reads have soaked"), { ...LIVED, followedBy }, {}).text).toContain(
      "Followed by:  stageB, 2026-11-21 12:00:03Z",
    );
  });

  test("without a summary has no figures", () => {
    expect(report(timed("Fully enabled"), LIVED, {}).text).not.toMatch(/Soak|gates/);
  });
});

test("a subject is what SNS takes, whatever people write", () => {
  const spelt = announcement(
    about({ title: "Übergang → „lesen“ – ≥ 1 Größe…" }),
    { from: FROM, to: TO },
    NOW,
  );
  expect(spelt.subject).toBe('ops-view stageA C1: Ubergang -> "lesen" - >= 1 Grosse...');
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 3, maxLength: 120 }).filter((text) => text.length <= 120),
      fc.nat(3),
      (title, open) => {
        const verdicts = Array.from({ length: open }, () => verdict("E1", { outcome: "fail" }));
        const one = about({ when: { after: "1h" }, soakSummary: true });
        const row = { ...one, message: { ...one.message, title } };
        const { subject } = report(row, LIVED, { soak: { verdicts, others: [] } });
        expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
        expect(subject).toMatch(/^ops-view stageA C1:/);
      },
    ),
  );
});

test("figures of imports stand below, a question after the other, with what they are read against", () => {
  const over = "imports started from 11:00 to 12:00 UTC; beside the baseline of yesterday";
  const figures = [
    {
      id: "Q1",
      title: "How many imports succeed",
      lines: ["imports 120 (baseline 900)", "success_rate 99.1"],
    },
    { id: "Q5", title: "How v1 and v2 compare", lines: ["No column is mapped: cutover query Q5"] },
  ];
  const { text } = report(about({ when: { every: "1h" } }), LIVED, { answered: { over, figures } });
  expect(text.split("Flags now:")[1]).toBe(`    READ true, WRITE false

Figures:      ${over}

  Q1 How many imports succeed
     imports 120 (baseline 900)
     success_rate 99.1

  Q5 How v1 and v2 compare
     No column is mapped: npm run cutover -- query --rollout ops-view Q5`);
});
