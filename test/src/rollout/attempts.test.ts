import { describe, expect, test } from "vitest";
import type { LedgerEntry } from "../../../src/flags/ledger";
import { attemptedOf, showEnding } from "../../../src/rollout/attempts";
import {
  entry,
  flags,
  ledger,
  note,
  OFF,
  READING,
  rollout,
  stageA,
  stageB,
  WRITING,
} from "../../support/build";

const up = (deployment: number, stage: string, attempt = 1, spec: Partial<LedgerEntry> = {}) =>
  entry(deployment, {
    note: note({ stage, attempt }),
    flags: { baseline: OFF, stageA: READING, stageB: WRITING }[stage],
    ...spec,
  });
const down = (deployment: number, to: object, about: Parameters<typeof note>[0]) =>
  entry(deployment, { note: note({ kind: "abort", ...about }), flags: { ...OFF, ...to } });

/** `1 deployment 2: live`, of every attempt of a stage. */
function told(stage: typeof stageA, live: typeof OFF, history: readonly LedgerEntry[]): string[] {
  return attemptedOf(rollout(), stage, ledger(live, history)).map(
    ({ attempt, flip, ending }) => `${attempt} ${flip ? flip.deployment : "never"}: ${showEnding(ending)}`,
  );
}

const BASE = up(1, "baseline");
const A = up(2, "stageA");
const B = up(3, "stageB");
const XA1 = { stage: "stageA", row: "XA1", reason: "a server error" };

describe("the attempts of stageA", () => {
  test.each<[string, typeof OFF, LedgerEntry[], string[]]>([
    ["none", OFF, [BASE], []],
    ["live", READING, [BASE, A], ["1 2: live"]],
    ["under way", OFF, [BASE, { ...A, state: "under-way", completedAt: undefined }], ["1 2: under way"]],
    ["passed on from", WRITING, [BASE, A, B], ["1 2: passed, on to stageB"]],
    [
      "aborted, then live in the next",
      READING,
      [BASE, A, down(3, {}, XA1), up(4, "stageA", 2)],
      ["1 2: aborted by XA1 at 2026-11-03 12:00:00Z (a server error)", "2 4: live"],
    ],
    [
      "begun anew while live, and then aborted: that was the newer one's end",
      OFF,
      [BASE, A, up(3, "stageA", 2), down(4, {}, { ...XA1, attempt: 2, reason: undefined })],
      ["1 2: superseded by attempt 2", "2 3: aborted by XA1 at 2026-11-04 12:00:00Z"],
    ],
    [
      "taken back by AppConfig",
      OFF,
      [BASE, { ...A, state: "rolled-back" }],
      ["1 2: taken back by AppConfig at 2026-11-02 12:00:00Z"],
    ],
    [
      "stopped before it went up",
      OFF,
      [
        BASE,
        entry(2, {
          note: note({ kind: "stop", reason: "not today" }),
          configurationVersion: "1",
          flags: OFF,
        }),
      ],
      ["1 never: stopped by hand at 2026-11-02 12:00:00Z (not today)"].map(
        (line) => `${line} before it went up`,
      ),
    ],
    [
      "lowered to the stage before",
      OFF,
      [
        BASE,
        A,
        entry(3, { note: note({ kind: "lower", stage: "baseline", reason: "a freeze" }), flags: OFF }),
      ],
      ["1 2: lowered to baseline at 2026-11-03 12:00:00Z (a freeze)"],
    ],
    [
      "lowered to itself: it was flipped when it was promoted, and is live again",
      READING,
      [BASE, A, B, entry(4, { note: note({ kind: "lower" }), flags: READING })],
      ["1 2: live"],
    ],
    [
      "brought down by nobody that is known",
      OFF,
      [BASE, A, entry(3, { note: undefined, flags: OFF })],
      ["1 2: brought down by deployment 3, which is nobody's at 2026-11-03 12:00:00Z"],
    ],
    [
      "an abort of stageB alone is none of stageA's",
      READING,
      [BASE, A, B, down(4, READING, { stage: "stageB", row: "XB1" })],
      ["1 2: live"],
    ],
  ])("%s", (_, live, history, lines) => {
    expect(told(stageA, live, history)).toEqual(lines);
  });
});

test("an abort of a later stage to its floor ends that stage's attempt", () => {
  const history = [BASE, A, B, down(4, READING, { stage: "stageB", row: "XB1" }), up(5, "stageB", 2)];
  expect(told(stageB, flags(true, true), history)).toEqual([
    "1 3: aborted by XB1 at 2026-11-04 12:00:00Z",
    "2 5: live",
  ]);
});
