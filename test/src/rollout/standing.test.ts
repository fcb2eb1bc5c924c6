import { describe, expect, it } from "vitest";
import { plan } from "../../../src/rollout/plan";
import { liveStage } from "../../../src/rollout/position";
import {
  again,
  booleanFlag,
  entry,
  gist,
  ledger,
  note,
  OFF,
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

const SETTLED = (attempt: number) => ({ kind: "recorded", attempt, outcome: "settled" }) as const;

describe("a stranger's change that raises nothing", () => {
  // The stop merely carries the stranger's document on: it answers for it all the same.
  it("all off from the console, then the abort that the refusal advises: stageA can be promoted", () => {
    const known = ledger(OFF, [
      ofBaseline,
      entry(2, { note: undefined, flags: OFF }),
      entry(3, { note: note({ kind: "stop", stage: "all" }), configurationVersion: "2", flags: OFF }),
    ]);
    expect(gist(plan(rollout(), again(stageA, 2), known))).toBe("raise");
  });

  it("stageA's own flags from the console, then the abort of stageB that the refusal advises: stageB can be promoted", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: undefined, flags: READING }),
      entry(4, { note: note({ kind: "stop", stage: "stageB" }), configurationVersion: "3", flags: READING }),
    ]);
    expect(gist(plan(rollout(), again(stageB, 2), known, SETTLED(1)))).toBe("raise");
  });
});

it("of a ledger that is not read to its beginning, the stage whose flags an abort left is live", () => {
  const aborted = entry(9, { note: note({ kind: "abort", stage: "stageB" }), flags: READING });
  const known = ledger(READING, [aborted]);
  expect(liveStage(rollout(), known)).toBeUndefined();
  expect(liveStage(rollout(), { ...known, cutAt: 9 })?.name).toBe("stageA");
});

describe("lower: { reason } never ends well having done nothing", () => {
  const because = { ...stageA, lower: { reason: "writes have to wait" } };
  it("a raise is under way (or bakes, with every server at WRITE): it is lowered", () => {
    const known = ledger(READING, [ofBaseline, ofA, { ...ofB, state: "under-way", completedAt: undefined }]);
    expect(plan(rollout(), because, known)).toMatchObject({ kind: "lower" });
  });

  it("the same of a stranger's", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: undefined, state: "under-way", completedAt: undefined, flags: WRITING }),
    ]);
    expect(plan(rollout(), because, known)).toMatchObject({ kind: "lower" });
  });
});

describe("a lowering is no promotion", () => {
  const lowered = [
    ofBaseline,
    entry(2, { note: undefined, flags: WRITING }),
    entry(3, { note: note({ kind: "lower", stage: "stageA", reason: "what is this?" }), flags: READING }),
  ];

  it("a stranger raised both flags, `lower` went down to stageA, which was never promoted: stageB is refused", () => {
    const made = plan(rollout(), stageB, ledger(READING, lowered), SETTLED(1));
    expect(made).toMatchObject({ kind: "refused" });
    expect(JSON.stringify(made)).toContain("was never promoted");
  });

  it("... and a new attempt of stageA is measured", () => {
    expect(plan(rollout(), again(stageA, 2), ledger(READING, lowered)).kind).not.toBe("restart");
  });
});

describe("flags that nobody judged are not adopted as a restart", () => {
  const NEW = "NEW";
  const specs = { [READ]: booleanFlag(), [WRITE]: booleanFlag(), [NEW]: booleanFlag() };
  const of = (read: boolean, write: boolean, fresh: boolean) => ({
    [READ]: read,
    [WRITE]: write,
    [NEW]: fresh,
  });
  it("stageA's flags were edited for attempt 2; a stranger raised them and more; an abort came down to them", () => {
    const stages = [
      stage("baseline", { flags: of(false, false, false) }),
      stage("stageA", { predecessor: "baseline", flags: of(true, true, false), attempt: 2 }),
      stage("stageB", { predecessor: "stageA", flags: of(true, true, true) }),
    ] as const;
    const known = ledger(of(true, true, false), [
      ofBaseline,
      ofA, // with READ only: WRITE was never judged
      entry(3, { note: undefined }),
      entry(4, { note: note({ kind: "abort", stage: "stageB" }) }),
    ]);
    expect(plan(rollout({ flags: specs, stages: [...stages] }), stages[1], { ...known }).kind).not.toBe(
      "restart",
    );
  });
});

describe("a stop latches of a stage that is not live the highest attempt plus one", () => {
  // The note names attempt 1, which was down already.
  it("stageB came down with stageA; a stop of stageB that names attempt 1 stops attempt 2", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      ofB,
      entry(4, { note: note({ kind: "abort", stage: "stageA", row: "XA1" }), flags: OFF }),
      entry(5, { note: note({ stage: "stageA", attempt: 2 }), flags: READING }),
      entry(6, { note: note({ kind: "stop", stage: "stageB", attempt: 1 }), configurationVersion: "5" }),
    ]);
    expect(plan(rollout(), again(stageB, 2), known, SETTLED(2))).toMatchObject({ kind: "refused" });
  });
});

describe("a note that says that a stopped attempt was promoted is held against the stop", () => {
  // Nothing but a new attempt raises after a stop.
  it("is foreign", () => {
    const known = ledger(WRITING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "stop", stage: "stageB" }), configurationVersion: "2", flags: READING }),
      entry(4, { note: note({ stage: "stageB", after: 3, version: "4" }), flags: WRITING }),
    ]);
    expect(known.history[0]?.foreign).toBeDefined();
  });

  it("also where AppConfig had taken the attempt back (an older note, without its number) and it was stopped", () => {
    const known = ledger(WRITING, [
      ofBaseline,
      ofA,
      { ...ofB, state: "rolled-back" },
      entry(4, { note: note({ kind: "abort", stage: "stageB" }), flags: READING }),
      entry(5, { note: note({ stage: "stageB" }), flags: WRITING }),
    ]);
    expect(known.history[0]?.foreign).toBeDefined();
  });
});

it("an alarm that is answered after its attempt came down stops that attempt, and not the next one", () => {
  const known = (row?: string) =>
    ledger(READING, [
      ofBaseline,
      ofA,
      ofB,
      entry(4, { note: note({ kind: "abort", stage: "stageB", row: "alarms" }), flags: READING }),
      entry(5, {
        note: note({ kind: "stop", stage: "stageB", attempt: 1, ...(row === undefined ? {} : { row }) }),
        configurationVersion: "4",
        flags: READING,
      }),
    ]);
  expect(gist(plan(rollout(), again(stageB, 2), known("XB1"), SETTLED(1)))).toBe("raise");
  // By hand, it is the next one that must not go up.
  expect(gist(plan(rollout(), again(stageB, 2), known(), SETTLED(1)))).toContain("attempt 2 was stopped");
});

it("a hold is released as it was laid on: of every stage, or of this one", () => {
  const held = (by: string) =>
    ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "hold", stage: by }), configurationVersion: "2", flags: READING }),
    ]);
  expect(gist(plan(rollout(), stageB, held("all"), SETTLED(1)))).toMatch(
    /released: cutover release --reason "…"$/,
  );
  expect(gist(plan(rollout(), stageB, held("stageB"), SETTLED(1)))).toMatch(
    /released: cutover release -s stageB /,
  );
});
