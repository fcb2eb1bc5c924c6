import { describe, expect, it } from "vitest";
import { causeOf } from "../../../src/rollout/cause";
import { plan } from "../../../src/rollout/plan";
import { holdOn } from "../../../src/rollout/stops";
import {
  again,
  entry,
  flags,
  gist,
  ledger,
  note,
  OFF,
  READING,
  rollout,
  stageA,
  stageB,
  WRITING,
} from "../../support/build";

const ofBaseline = entry(1, { note: note({ stage: "baseline" }) });
const ofA = entry(2, { note: note({ stage: "stageA" }) });
const ofB = entry(3, { note: note({ stage: "stageB" }) });

describe("a hold", () => {
  it("of one stage outlives the release of another, and of a rename", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "hold", stage: "old" }), configurationVersion: "2" }),
      entry(4, { note: note({ kind: "release", stage: "stageA" }), configurationVersion: "2" }),
    ]);
    expect(holdOn(rollout(), { ...stageB, formerly: ["old"] }, known)?.deployment).toBe(3);
  });

  it("taken back by AppConfig still holds; a release under way does not let go before it is complete", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, {
        note: note({ kind: "hold", stage: "all" }),
        configurationVersion: "2",
        state: "rolled-back",
      }),
      entry(4, {
        note: note({ kind: "release", stage: "all" }),
        configurationVersion: "2",
        state: "under-way",
      }),
    ]);
    expect(plan(rollout(), stageB, known).kind).toBe("refused");
  });

  it("whose note is not true is said, and not silently dropped", () => {
    // A hold that somebody put under another document: foreign, so it holds nothing, but the stranger's refuses.
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: note({ kind: "hold", stage: "all" }), flags: READING }),
    ]);
    expect(plan(rollout(), stageB, known).kind).toBe("refused");
  });
});

describe("the record that a stack makes of a stage that is not live any more", () => {
  // A1 flipped and its `up` was killed; a stranger turned all off; `up` of stageA settled nothing, since it was not live;
  // the stranger raised both; an abort of stageB came down to READ.
  it("is no ground for the next stage where its flip never settled", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      entry(3, { note: undefined, flags: OFF }),
      entry(4, { note: undefined, flags: WRITING }),
      entry(5, { note: note({ kind: "abort", stage: "stageB" }), flags: READING }),
    ]);
    const said = gist(
      plan(rollout(), again(stageB, 2), known, { kind: "recorded", attempt: 1, outcome: "settled" }),
    );
    expect(said).toMatch(/^refused/);
  });

  it("stageA came down by a stranger since its promotion: what an abort restores is not its promotion", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      ofB,
      entry(4, { note: note({ kind: "lower", stage: "baseline", reason: "stop it all" }), flags: OFF }),
      entry(5, { note: undefined, flags: WRITING }),
      entry(6, { note: note({ kind: "abort", stage: "stageB" }), flags: READING }),
    ]);
    const said = gist(
      plan(rollout(), again(stageB, 2), known, { kind: "recorded", attempt: 1, outcome: "settled" }),
    );
    expect(said).toMatch(/^refused/);
  });
});

describe("cause", () => {
  it("a drill of the stage before whose document is gone brought nothing down", () => {
    const known = ledger(WRITING, [
      ofBaseline,
      ofA,
      ofB,
      entry(4, { note: note({ kind: "drill", stage: "stageA" }) }),
    ]);
    expect(causeOf(rollout(), stageB, known)).toBeUndefined();
  });

  it("a lower of the stage after it, to it, is not its cause", () => {
    const known = ledger(READING, [
      ofBaseline,
      ofA,
      ofB,
      entry(4, { note: note({ kind: "lower", stage: "stageA", attempt: 2 }), flags: READING }),
    ]);
    expect(causeOf(rollout(), stageA, known)).toBeUndefined();
  });
});

describe("of duplicates of one attempt, a rolled-back one is ignored", () => {
  it("also by the soak: it carried the same version, so servers never saw other flags", () => {
    const duplicate = entry(4, {
      note: note({ stage: "stageB" }),
      state: "rolled-back",
      configurationVersion: "3",
    });
    const known = ledger(WRITING, [ofBaseline, ofA, ofB, duplicate]);
    expect(plan(rollout(), stageB, known).kind).toBe("none");
    expect(known.live?.completedAt).toBe(ofB.completedAt);
  });
});

describe("lower: { reason } from flags that no stage has", () => {
  it("ends well once they are down, and speaks of no edit that nobody made", () => {
    const known = ledger(OFF, [
      ofBaseline,
      entry(2, { note: undefined, flags: flags(false, true) }),
      entry(3, { note: note({ kind: "lower", stage: "stageA", reason: "no" }), flags: OFF }),
    ]);
    expect(gist(plan(rollout(), { ...stageA, lower: { reason: "no" } }, known))).not.toContain("edited");
  });
});
