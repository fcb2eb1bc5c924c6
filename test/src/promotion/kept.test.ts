import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attemptsIn, keptIn, recordOf } from "../../../src/promotion/kept";
import type { AttemptRecord } from "../../../src/promotion/record";
import { UserError } from "../../../src/text/problem";

const record = (attempt: number, by = "XA1"): AttemptRecord => ({
  attempt,
  atFlip: null,
  settlement: { outcome: "aborted", by, sentence: `${by} fired`, verdicts: [] },
});
const URN = "urn:pulumi:stageA::ops-view::cutover:index:Stage$pulumi:index:Stash::stageA-record";
const stash = (output: unknown) => ({ type: "pulumi:index:Stash", outputs: { input: {}, output } });
const root = { type: "pulumi:pulumi:Stack", outputs: { attempt: 3 } };

describe("what a stack's state keeps of a stage's attempts", () => {
  test.each([
    ["an empty stack", {}, []],
    ["a stack in which nothing was recorded", { root }, []],
    ["another stage's record", { [URN.replace("stageA-record", "stageB-record")]: stash(record(1)) }, []],
    ["another resource of that name", { [URN]: { type: "aws:sns/topic:Topic", outputs: {} } }, []],
    ["a record that holds nothing", { [URN]: stash(null) }, []],
    ["one attempt", { [URN]: stash(record(1)) }, [record(1)]],
    [
      "several, whichever is the newest",
      { [URN]: stash({ ...record(2), others: [record(1), record(3)] }) },
      [record(1), record(2), record(3)],
    ],
  ])("%s", (_, resources, kept) => {
    expect(keptIn("stageA", resources)).toEqual(kept);
  });

  const { attempt: _, ...older } = record(1);
  const evidence = { subject: { attempt: 2, stage: "stageA" }, measuredAt: "then", observations: [] };
  test.each([
    ["by its evidence", { ...older, atFlip: { evidence, verdicts: [] } }, { root }, 2],
    ["by the stack's outputs, where no gate was asked", older, { root }, 3],
    ["as the first, where nothing says which", older, {}, 1],
  ])("a record of an older version is told apart %s", (_, output, more, attempt) => {
    expect(keptIn("stageA", { ...more, [URN]: stash(output) })).toEqual([{ ...output, attempt }]);
  });

  test("what a later version wrote beside it is carried on as it stands", () => {
    const later = { ...record(1), heldTo: { definitions: { version: 9 } }, of: ["later"] };
    expect(attemptsIn({ ...record(2), others: [later] })).toEqual([later, record(2)]);
  });

  test.each([
    ["a text", "aborted"],
    ["an attempt that is none", { ...record(1), attempt: 0 }],
    ["another that nobody can tell", { ...record(2), others: [older] }],
    ["others that are no list", { ...record(2), others: { 1: record(1) } }],
  ])("%s is not taken for nothing", (_, output) => {
    expect(() => attemptsIn(output)).toThrow(UserError);
  });
});

describe("the record of an attempt", () => {
  const attempts = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 6 });

  test("loses no attempt, however they follow, and reads back as what was kept", () => {
    fc.assert(
      fc.property(
        attempts,
        fc.array(fc.record({ attempt: fc.integer({ min: 1, max: 9 }), promotes: fc.boolean() })),
        (first, runs) => {
          const model = new Map(first.map((attempt) => [attempt, record(attempt)]));
          let kept = [...model.values()];
          for (const { attempt, promotes } of runs) {
            const made = record(attempt, "new");
            if (promotes || !model.has(attempt)) model.set(attempt, made);
            kept = attemptsIn(JSON.parse(JSON.stringify(recordOf(made, kept, { promotes }))));
            expect(kept).toEqual([...model.values()].sort((a, b) => a.attempt - b.attempt));
          }
        },
      ),
    );
  });

  test("says nothing of others where there are none", () => {
    expect(recordOf(record(1), [], { promotes: true })).toEqual(record(1));
  });
});
