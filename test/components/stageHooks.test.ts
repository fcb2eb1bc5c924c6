import { expect, test, vi } from "vitest";
import { withSignals } from "../../src/rollout/config/signal";
import { stageConfig } from "../../src/rollout/config/stackFile";
import { UserError } from "../../src/text/problem";
import { alarm, rollout } from "./rollout";
import { declareStage, flippedAs, raising, seenAtFlip } from "./stageRun";

const ADMIT = "stageB-admit";
const FLIP = "stageB-flip";
const RECOVER = "stageB-recover";

test.each([
  ["raises", raising()],
  ["leaves the flags as they are", undefined],
])(
  "both looks, the room and the recovery stand, and no other hook, where the stage %s",
  async (_, promotion) => {
    const { all } = await declareStage({ promotion });
    const hooks = Object.fromEntries(
      all.flatMap(({ label, hooks }) => (Object.keys(hooks).length > 0 ? [[label, hooks]] : [])),
    );
    expect(hooks).toEqual({
      "HostedConfigurationVersion stageB-flags": { BeforeCreate: ["stageB-room"] },
      "Stage stageB": { BeforeCreate: [ADMIT], BeforeUpdate: [ADMIT] },
      "Stash stageB-flip": { BeforeCreate: [FLIP] },
      "Stash stageB-record": { BeforeCreate: [RECOVER] },
    });
  },
);

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
  const { refusals } = await declareStage({ promotion: raising(), creates, admit, fails: !creates });
  expect(refusals).toEqual({ [ADMIT]: refusal.message });
});

test("a last look that refuses stops the flip, and a run that flipped nothing fails", async () => {
  const flip = () => Promise.reject(refusal);
  const { refusals, failure } = await declareStage({
    promotion: raising(),
    creates: true,
    flip,
    fails: true,
  });
  expect(refusals[FLIP]).toBe(refusal.message);
  expect((failure as Error).message).toContain("stageB was asked to be promoted, and no flags were deployed");
});

test("each look is taken once, when the engine asks; the last one with the flip, of the version that is there", async () => {
  const admit = vi.fn();
  const flip = vi.fn(async () => flippedAs(3, seenAtFlip()));
  await declareStage({ promotion: raising(), creates: true, admit, flip });
  expect([admit.mock.calls.length, flip.mock.calls]).toEqual([1, [["7"]]]);
});

test("a flip that the state knows already is not made again, and fails a run that asks for one", async () => {
  const flip = vi.fn(async () => flippedAs(3));
  const asked = await declareStage({ promotion: raising(), creates: false, flip, fails: true });
  expect((asked.failure as Error).message).toMatch(/no flags were deployed/);
  await declareStage({ creates: false, flip });
  expect(flip).not.toHaveBeenCalled();
});

test("a preview makes no flip, and knows no number", async () => {
  const flip = vi.fn(async () => flippedAs(3));
  const { one } = await declareStage({ promotion: raising(), flip, preview: true, creates: false });
  expect(flip).not.toHaveBeenCalled();
  expect(one("Stash stageB-flip").replacementTrigger).toBe("1/app1/env1");
});

test("an interrupted flip is settled when its record is made, where this run promotes nothing", async () => {
  for (const [promotion, creates, calls] of [
    [undefined, true, 1],
    [undefined, false, 0],
    [raising(), true, 0],
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

/** The rollout of the fixture, whose stage B has these abort rows. */
function guardedBy(abort: Record<string, object>) {
  const parsed = withSignals("ops-view", stageConfig.parse({ flags: {}, abort }).abort);
  const spec = rollout();
  const stages = spec.stages.map((one) => (one.name === "stageB" ? { ...one, abort: parsed } : one));
  return { ...spec, stages: stages as unknown as typeof spec.stages };
}

test("an alarm that takes silence for a breach waits for the signal that begins with it, and no other one does", async () => {
  const lines = { metric: undefined, logs: { group: "/ecs/ops", pattern: "alive" } };
  const spec = guardedBy({
    XB1: alarm(),
    XB2: alarm({ ...lines, missingData: "breaching" }),
    XB3: alarm({ ...lines, missingData: undefined }),
  });
  const awaitFilled = vi.fn(async (row: string) => {
    throw new UserError(`The alarm of ${row} is not made`);
  });
  const { refusals } = await declareStage({ promotion: raising(), spec, awaitFilled });
  expect(awaitFilled.mock.calls).toEqual([["XB2"]]);
  expect(refusals).toEqual({ "stageB-XB2-filled": "The alarm of XB2 is not made" });
});

test("room is made for the version of the flags once, after the stage was admitted and before the flip", async () => {
  const order: string[] = [];
  await declareStage({
    promotion: raising(),
    admit: () => void order.push("admit"),
    makeRoom: async () => void order.push("room"),
    flip: async () => {
      order.push("flip");
      return flippedAs(3, seenAtFlip());
    },
  });
  expect(order).toEqual(["admit", "room", "flip"]);
});
