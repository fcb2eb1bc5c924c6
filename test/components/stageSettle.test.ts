import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { rollout } from "./rollout";
import { declareStage, flippedAs, HELD, raising, seenAtFlip, settled, takenDown } from "./stageRun";

const RECORD = "Stash stageB-record";

test("a raise is settled once, after the flip, and what became of it is recorded with its evidence", async () => {
  const order: string[] = [];
  const flip = async () => {
    order.push("flip");
    return flippedAs(3, seenAtFlip());
  };
  const settle = vi.fn(async () => {
    order.push("settle");
    return settled();
  });
  const { one, outputs } = await declareStage({ promotion: raising(), flip, settle });
  expect(order).toEqual(["flip", "settle"]);
  const record = { attempt: 1, atFlip: seenAtFlip(), settlement: settled(), heldTo: HELD };
  expect(one(RECORD).inputs).toEqual({ input: record });
  expect(outputs.record).toEqual(record);
});

test("a preview settles nothing: no flag has changed", async () => {
  const settle = vi.fn(async () => settled());
  await declareStage({ promotion: raising(), settle, preview: true });
  expect(settle).not.toHaveBeenCalled();
});

test("a run that leaves the flags as they are settles nothing", async () => {
  const { one } = await declareStage();
  expect(one(RECORD).inputs).toEqual({ input: { attempt: 1, atFlip: null, settlement: null } });
});

test("a promotion that was taken down is recorded as such, and then fails the run in the check's words", async () => {
  const { one, outputs, failure } = await declareStage({
    promotion: raising(),
    settle: async () => takenDown(),
    fails: true,
  });
  const record = { attempt: 1, atFlip: seenAtFlip(), settlement: takenDown(), heldTo: HELD };
  expect(one(RECORD).inputs).toEqual({ input: record });
  expect(outputs.record).toEqual(record);
  expect(pulumi.RunError.isInstance(failure)).toBe(true);
  // Nothing before the words: the engine prints them as they are.
  expect((failure as Error).message).toBe(
    "stageB was promoted and taken down again by SB1 (Patches are written): nothing is stored.",
  );
});

test("a settlement that breaks stops the record, so that the next run does it over, and says why", async () => {
  const settle = () => Promise.reject(new Error("nobody knows what is live"));
  const recover = vi.fn(async () => {});
  const { refusals, failure } = await declareStage({
    promotion: raising(),
    creates: true,
    settle,
    recover,
    fails: true,
  });
  expect(refusals).toEqual({ "stageB-recover": "nobody knows what is live" });
  expect(recover).not.toHaveBeenCalled();
  // Also where the record stands already, so that no hook of it runs.
  expect((failure as Error).message).toBe("nobody knows what is live");
});

describe("what the stack holds of earlier attempts", () => {
  const second = () => rollout({}, { stageB: { attempt: 2 } });
  const first = { attempt: 1, atFlip: seenAtFlip(), settlement: takenDown(), heldTo: HELD };

  test("is carried on in the record of the next one, which alone the stack puts out", async () => {
    const { one, outputs } = await declareStage({
      spec: second(),
      promotion: raising(),
      kept: [first],
      settle: async () => settled(),
    });
    const made = { attempt: 2, atFlip: seenAtFlip(), settlement: settled(), heldTo: HELD };
    expect(one(RECORD).inputs).toEqual({ input: { ...made, others: [first] } });
    expect(one(RECORD).replacementTrigger).toBe(2);
    expect(outputs.record).toEqual({ ...made, others: [first] });
  });

  test("is what the record says, where config goes back to it: nothing is promoted", async () => {
    const other = { attempt: 2, atFlip: null, settlement: settled() };
    const { one } = await declareStage({ kept: [first, other], creates: true });
    expect(one(RECORD).inputs).toEqual({ input: { ...first, others: [other] } });
  });

  test("stays in the state where it cannot be read: no new record is made, after all else is done", async () => {
    const recover = vi.fn(async () => {});
    const { refusals } = await declareStage({ kept: "unreadable", creates: true, recover, fails: true });
    expect(recover).toHaveBeenCalledOnce();
    expect(Object.keys(refusals)).toEqual(["stageB-recover"]);
    expect(refusals["stageB-recover"]).toContain(
      "stack stageB: its state cannot be read: the checkpoint is cut off. Run it again",
    );
  });

  test("that cannot be read is no matter where the record stays as it is", async () => {
    const { refusals, failure } = await declareStage({ kept: "unreadable", creates: false });
    expect(refusals).toEqual({});
    expect(failure).toBeUndefined();
  });
});
