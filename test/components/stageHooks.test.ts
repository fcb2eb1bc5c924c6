import { expect, test, vi } from "vitest";
import { UserError } from "../../src/text/problem";
import { declareStage, lowering, raising, seenAtFlip } from "./stageRun";

const ADMIT = "stageB-admit";
const LAST_LOOK = "stageB-last-look";
const RECOVER = "stageB-recover";

test.each([
  ["raises", raising()],
  ["lowers", lowering("it misbehaves")],
  ["leaves the flags as they are", undefined],
])("both looks and the recovery stand, and no other hook, where the stage %s", async (_, promotion) => {
  const { all } = await declareStage({ promotion });
  const hooks = Object.fromEntries(
    all.flatMap(({ label, hooks }) => (Object.keys(hooks).length > 0 ? [[label, hooks]] : [])),
  );
  expect(hooks).toEqual({
    "Stage stageB": { BeforeCreate: [ADMIT], BeforeUpdate: [ADMIT] },
    "Deployment stageB-flags": { BeforeCreate: [LAST_LOOK], OnError: ["stageB-flip-failed"] },
    "Stash stageB-record": { BeforeCreate: [RECOVER] },
  });
});

const refusal = new UserError("stageB is not promoted:", [
  { where: "A1", what: "fails", remedy: "Apply the migrations" },
]);

test.each([
  ["new", true],
  ["there already", false],
])("what is not admitted stops the stage that is %s, in the words of whoever refused", async (_, creates) => {
  const admit = () => {
    throw refusal;
  };
  const { refusals } = await declareStage({ promotion: raising(), creates, admit });
  expect(refusals).toEqual({ [ADMIT]: refusal.message });
});

test("a last look that refuses stops the deployment", async () => {
  const lastLook = () => Promise.reject(refusal);
  const { refusals } = await declareStage({ promotion: raising(), creates: true, lastLook });
  expect(refusals).toEqual({ [LAST_LOOK]: refusal.message });
});

test("each look is taken once, when the engine asks; the last one only where there is a flip", async () => {
  const admit = vi.fn();
  const lastLook = vi.fn(async () => seenAtFlip());
  await declareStage({ promotion: raising(), creates: false, admit, lastLook });
  expect([admit.mock.calls.length, lastLook.mock.calls.length]).toEqual([1, 0]);
  await declareStage({ promotion: raising(), creates: true, admit, lastLook });
  expect([admit.mock.calls.length, lastLook.mock.calls.length]).toEqual([2, 1]);
});

test("records no evidence where the deployment stands already", async () => {
  const { one } = await declareStage({ promotion: raising(), creates: false });
  expect(one("Stash stageB-record").inputs).toEqual({ input: { atFlip: null, settlement: null } });
});

test("an interrupted flip is settled when its record is made, where this run promotes nothing", async () => {
  for (const [promotion, creates, calls] of [
    [undefined, true, 1],
    [undefined, false, 0],
    [raising(), true, 0],
    [lowering("it misbehaves"), true, 0],
  ] as const) {
    const recover = vi.fn(async () => {});
    expect((await declareStage({ promotion, creates, recover })).refusals).toEqual({});
    expect(recover).toHaveBeenCalledTimes(calls);
  }
});

test("a recovery that had to take the flags down stops the record, in its words", async () => {
  const recover = () => Promise.reject(refusal);
  expect((await declareStage({ creates: true, recover })).refusals).toEqual({ [RECOVER]: refusal.message });
});
