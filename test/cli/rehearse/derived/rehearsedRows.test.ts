import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Proofs } from "../../../../cli/rehearse/derived/proofs";
import {
  flagsAfterAll,
  flagsAfterStop,
  keyOf,
  rowsOf,
  signOffsFor,
} from "../../../../cli/rehearse/derived/rehearsedRows";
import { weakerOf } from "../../../../cli/rehearse/derived/weaker";
import { loadRollout } from "../../../../src/rollout/load";

const ops = loadRollout(".");
const pipeline = loadRollout("rollouts/v2-pipeline");
const stageOf = (rollout: typeof ops, name: string) => {
  const found = rollout.stages.find((one) => one.name === name);
  if (!found) throw new Error(`no stage ${name}`);
  return found;
};

describe("the rows of a rollout", () => {
  for (const [name, rollout] of Object.entries({ ops, pipeline }))
    it(`of ${name} are all that its stages declare, each with a key of its own`, () => {
      const declared = rollout.stages.flatMap(({ name: stage, ...sections }) =>
        (["entry", "exit", "smoke", "abort", "messages"] as const).flatMap((section) =>
          Object.keys(sections[section]).map((id) => keyOf(stage, id)),
        ),
      );
      const keys = rowsOf(rollout).map(({ key }) => key);
      expect(keys.toSorted()).toEqual(declared.toSorted());
      expect(new Set(keys).size).toBe(keys.length);
    });

  it.each([
    ["stageA.A1", "blocked"],
    ["stageA.SA2", "failed"],
    ["stageA.XA1", "aborted"],
    ["stageA.XA3", "paged"],
    ["stageB.C4", "sent"],
  ])("%s has to be %s", (key, proves) => {
    expect(rowsOf(ops).find((row) => row.key === key)?.proves).toBe(proves);
  });

  it("a promotion asks people for its own sign-offs, and for those of what its predecessor is left by", () => {
    expect(signOffsFor(ops, stageOf(ops, "stageB"))).toEqual(["B3", "E4"]);
    expect(signOffsFor(pipeline, stageOf(pipeline, "remove-v1"))).toContain("irreversible");
  });
});

describe("the flags that are left", () => {
  it.each([
    ["stageA", ["stageA.XA1"], false, false],
    ["stageA", ["stageA.XA3"], true, false],
    ["stageB", ["stageB.XB1"], true, false],
    ["stageB", ["stageB.XB4"], true, true],
    ["stageB", ["stageB.XB1", "stageA.XA1"], false, false],
  ])("while %s is live, %j leave READ %s and WRITE %s", (stage, keys, read, write) => {
    expect(flagsAfterAll(ops, stageOf(ops, stage), keys)).toEqual({
      OPS_VIEW_DB_READ: read,
      OPS_VIEW_DB_WRITE: write,
    });
  });

  it("a stop behind an irreversible stage leaves its floor", () => {
    const last = stageOf(pipeline, "remove-v1");
    expect(flagsAfterStop(pipeline, last)).toEqual(last.flags);
    expect(flagsAfterAll(pipeline, last, ["percent10.T2"])).toEqual(last.flags);
    expect(flagsAfterStop(pipeline, stageOf(pipeline, "percent50"))).toEqual(pipeline.stages[0].flags);
  });

  it("are never above those of the stage, whichever rows fire", () => {
    const all = rowsOf(ops).map(({ key }) => key);
    fc.assert(
      fc.property(fc.constantFrom(...ops.stages), fc.subarray(all), (stage, keys) => {
        const left = flagsAfterAll(ops, stage, keys);
        for (const [flag, value] of Object.entries(left)) if (value) expect(stage.flags[flag]).toBe(true);
      }),
    );
  });
});

describe("a row that is weaker than it was", () => {
  it("fires later", () => {
    expect(weakerOf(stageOf(ops, "stageB"))).toEqual({
      path: ["cutover:stage", "abort", "XB1", "threshold", "gt"],
      was: 0,
      to: 1,
      words: "XB1 fires at 1 instead of 0",
    });
  });

  it("is none where a stage has no limit to ease", () => {
    expect(weakerOf({ abort: {} })).toBeUndefined();
  });
});

describe("proofs", () => {
  it("count once, of what a row has to do alone, and name rows of one id by their stages", () => {
    const proofs = new Proofs(pipeline);
    const [twice] = proofs.rows.filter(({ id }, at, all) =>
      all.some((other, index) => index !== at && other.id === id),
    );
    if (!twice) throw new Error("the pipeline has no row twice");
    proofs.add(twice.key, twice.proves, "its metric", 5);
    proofs.add(twice.key, twice.proves, "something else", 7);
    expect(proofs.toJSON()).toEqual({
      [`${twice.id} of ${twice.stage}`]: {
        stage: twice.stage,
        section: twice.section,
        proven: twice.proves,
        by: "its metric",
        ms: 5,
      },
    });
    const other = proofs.rows.find(({ proves }) => proves === "aborted");
    proofs.add(other?.key ?? "", "paged", "its metric", 1);
    expect(proofs.has(other?.key ?? "")).toBe(false);
    expect(proofs.open()).toHaveLength(proofs.rows.length - 1);
  });
});
