import { expect, test } from "vitest";
import type { LedgerEntry } from "../../../src/flags/ledger";
import { standing } from "../../../src/messages/standing";
import { entry, flags, ledger, note, opsFlags } from "../../support/build";

const HOUR = 3_600_000;
const OF = {
  rollout: "ops-view",
  name: "stageA",
  specs: opsFlags,
  flags: flags(true, false),
  before: [{ name: "baseline" }],
};
const FLIP = { of: OF, attempt: 1, deployment: 2 };
const SINCE = "2026-11-02T12:00:00.000Z";

const baseline = entry(1, { note: note({ stage: "baseline" }) });
const own = entry(2);
const abort = entry(3, { note: note({ kind: "abort", row: "XA1" }) });
/** A day after the flip, as `entry` dates them. */
const stageB = entry(3, { note: note({ stage: "stageB" }) });
const { completedAt: _, ...undated } = stageB;
const found = (history: readonly LedgerEntry[], needed = 24 * HOUR) =>
  standing(ledger(flags(true, false), history), FLIP, needed);

test.each<[string, readonly LedgerEntry[], object]>([
  ["live", [baseline, own], { kind: "live", since: SINCE }],
  ["live, in AWS's order too", [own, baseline], { kind: "live", since: SINCE }],
  [
    "live, while the next stage is on its way",
    [baseline, own, { ...undated, state: "under-way" }],
    { kind: "live", since: SINCE },
  ],
  [
    "live, and its abort path drilled",
    [
      { ...own, flags: flags(true, false) },
      entry(3, { note: note({ kind: "drill" }), flags: flags(true, false) }),
    ],
    { kind: "live", since: SINCE },
  ],
  ["a drill's own", [entry(2, { note: note({ kind: "drill" }) })], { kind: "unknown" }],
  [
    "followed by the next stage once its time was over",
    [own, stageB],
    { kind: "followed", since: SINCE, by: { stage: "stageB", at: "2026-11-03T12:00:00.000Z" } },
  ],
  [
    "aborted",
    [own, abort],
    {
      kind: "aborted",
      sentence:
        "stageA, attempt 1, was brought down by the abort of stageA, attempt 1, by XA1 (2026-11-03 12:00:00Z)",
    },
  ],
  ["aborted, the abort still under way", [own, { ...abort, state: "under-way" }], { kind: "aborted" }],
  ["aborted after the next stage", [own, stageB, { ...abort, deployment: 4 }], { kind: "aborted" }],
  [
    "aborted, then promoted anew",
    [own, abort, entry(4, { note: note({ attempt: 2 }) })],
    { kind: "aborted" },
  ],
  [
    "live, and the next stage's attempt stopped before its flip",
    [
      own,
      entry(3, {
        note: note({ kind: "stop", stage: "stageB" }),
        configurationVersion: own.configurationVersion,
      }),
    ],
    { kind: "live", since: SINCE },
  ],
  [
    "live, and a hold laid on",
    [own, entry(3, { note: note({ kind: "hold" }), configurationVersion: own.configurationVersion })],
    { kind: "live", since: SINCE },
  ],
  [
    "followed, and only the next stage aborted",
    [
      own,
      stageB,
      entry(4, { note: note({ kind: "abort", stage: "stageB", row: "XB1" }), flags: flags(true, false) }),
    ],
    { kind: "followed" },
  ],
  [
    "aborted by the stage before",
    [own, entry(3, { note: note({ kind: "abort", stage: "baseline", row: "X0" }) })],
    { kind: "aborted", sentence: expect.stringContaining("by X0") },
  ],
  ["taken back by AppConfig itself", [baseline, { ...own, state: "rolled-back" }], { kind: "aborted" }],
  ["another attempt's by now", [own, entry(3, { note: note({ attempt: 2 }) })], { kind: "repeated" }],
  [
    "another attempt's, which is on its way",
    [own, { ...undated, state: "under-way", note: note({ attempt: 2 }) }],
    { kind: "repeated" },
  ],
  [
    "lowered on purpose",
    [own, entry(3, { note: note({ kind: "lower", stage: "baseline" }) })],
    { kind: "superseded" },
  ],
  ["replaced by somebody", [own, entry(3, { note: undefined })], { kind: "superseded" }],
  [
    "replaced for another rollout",
    [own, entry(3, { note: note({ rollout: "other", stage: "stageB" }) })],
    { kind: "superseded" },
  ],
  [
    "followed too early",
    [own, { ...stageB, completedAt: "2026-11-03T11:59:59.000Z" }],
    { kind: "superseded" },
  ],
  ["interrupted by what was taken back", [own, { ...stageB, state: "rolled-back" }], { kind: "broken" }],
  [
    "interrupted, then followed",
    [
      own,
      { ...stageB, state: "rolled-back" },
      { ...stageB, deployment: 4, completedAt: "2026-11-04T12:00:00.000Z" },
    ],
    { kind: "broken" },
  ],
  [
    "followed by a stage, and that by what was taken back",
    [own, stageB, { ...stageB, deployment: 4, state: "rolled-back", note: note({ stage: "stageC" }) }],
    { kind: "followed" },
  ],
  [
    "not complete yet",
    [baseline, { ...own, state: "under-way", completedAt: undefined }],
    { kind: "unknown" },
  ],
  ["not in the ledger", [baseline], { kind: "unknown" }],
  ["nobody's", [], { kind: "unknown" }],
  ["somebody else's", [entry(2, { note: undefined })], { kind: "unknown" }],
  ["another rollout's", [entry(2, { note: note({ rollout: "other" }) })], { kind: "unknown" }],
  ["another stage's", [entry(2, { note: note({ stage: "stageB" }) })], { kind: "unknown" }],
  ["an abort's own", [entry(2, { note: note({ kind: "abort" }) })], { kind: "unknown" }],
])("a flip that is %s", (_, history, expected) => {
  expect(found(history)).toMatchObject(expected);
});

test("only what is true is sent: of any other it is said in a sentence why not", () => {
  const other = found([own, abort]);
  expect(Object.keys(other).sort()).toEqual(["kind", "sentence"]);
});
