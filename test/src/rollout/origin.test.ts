import { describe, expect, it } from "vitest";
import { originOf } from "../../../src/flags/ledger";
import { doubtAbout } from "../../../src/rollout/origin";
import { plan } from "../../../src/rollout/plan";
import { entry, flags, ledger, note, rollout, stageA, stageB } from "../../support/build";

const OFF = flags(false, false);
const READ = flags(true, false);
const BOTH = flags(true, true);
const first = entry(1, { note: note({ stage: "baseline" }), flags: OFF });
const ofA = (deployment: number) => entry(deployment, { note: note({ stage: "stageA" }), flags: READ });
const ofB = (deployment: number, put = BOTH, attempt = 1) =>
  entry(deployment, { note: note({ stage: "stageB", attempt }), flags: put });
const taken = (deployment: number) =>
  entry(deployment, { note: note({ stage: "stageA" }), flags: READ, state: "rolled-back" });

const CASES: [
  what: string,
  live: typeof OFF,
  history: ReturnType<typeof entry>[],
  doubt: string | undefined,
][] = [
  ["the foundation", OFF, [first], undefined],
  ["the first stage that raises", READ, [first, ofA(2)], undefined],
  ["a stage after its predecessor", BOTH, [first, ofA(2), ofB(3)], undefined],
  ["a stage right after the foundation", BOTH, [first, ofB(2)], "though stageA was never promoted before it"],
  [
    "one whose predecessor was taken back",
    BOTH,
    [first, taken(2), ofB(3)],
    "though stageA was never promoted",
  ],
  [
    "one whose predecessor came after it",
    BOTH,
    [
      first,
      ofB(2),
      entry(3, { note: note({ kind: "abort", stage: "stageB" }), flags: OFF }),
      ofA(4),
      ofB(5, BOTH, 2),
    ],
    undefined,
  ],
  ["another stage's flags", READ, [first, ofA(2), ofB(3, READ)], "but its flags are those of stageA"],
  ["nobody's note", READ, [first, entry(2, { note: undefined, flags: READ })], "which cutover did not make"],
  ["another rollout", READ, [first, entry(2, { note: note({ rollout: "other" }) })], "for the rollout other"],
];

describe("the deployment that put the live flags there", () => {
  it.each(CASES)("%s", (_, live, history, doubt) => {
    const known = ledger(live, history);
    const origin = originOf(known);
    expect(origin && doubtAbout(rollout(), origin, known)).toEqual(doubt && expect.stringContaining(doubt));
  });

  it("is answered for by a stop that came after it", () => {
    const stop = entry(3, {
      note: note({ kind: "stop", stage: "stageB" }),
      configurationVersion: "2",
      flags: BOTH,
    });
    const known = ledger(BOTH, [first, ofB(2), stop]);
    expect(originOf(known)?.deployment).toBe(2);
    expect(doubtAbout(rollout(), ofB(2), known)).toBeUndefined();
  });

  it("is not doubted where the ledger does not reach back so far", () => {
    const known = { ...ledger(BOTH, [ofB(120)]), cutAt: 120 };
    expect(doubtAbout(rollout(), ofB(120), known)).toBeUndefined();
  });

  it("is no ground to raise on where it skipped a stage", () => {
    const last = { ...stageB, name: "stageC", predecessor: "stageB", flags: BOTH };
    const of = rollout({ stages: [rollout().stages[0], stageA, stageB, last] as never });
    const made = plan(of, last, ledger(BOTH, [first, ofB(2)]), {
      kind: "recorded",
      attempt: 1,
      outcome: "settled",
    });
    expect(made).toMatchObject({ kind: "refused" });
    expect(JSON.stringify(made)).toContain("stageA was never promoted before it");
  });
});
