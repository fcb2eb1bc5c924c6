import { describe, expect, test } from "vitest";
import { finish } from "../../../src/promotion/finish";
import type { FinishAsked } from "../../../src/promotion/finishWorld";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import { sqlGate } from "../../support/build";
import { TOPICS } from "../messages/topicMessages";
import { MemoryFinish, ROLLOUT } from "./finishWorld";

const asked = (rollout: Rollout, id = "f"): FinishAsked => ({
  ...{ rollout, reason: "nobody complains", id, region: "eu-central-1", timeScale: 1 },
  ...{ topics: TOPICS, patience: 0 },
});
const [BASELINE, A, B] = ROLLOUT.stages as unknown as [Stage, Stage, Stage];
const withLast = (changes: Partial<Stage>) =>
  ({ ...ROLLOUT, stages: [BASELINE, A, { ...B, ...changes }] }) as Rollout;

async function refused(world: MemoryFinish, rollout: Rollout, words: RegExp): Promise<void> {
  await expect(finish(asked(rollout), world)).rejects.toThrow(words);
  expect([world.kinds.includes("finish"), world.post.delivered, world.measured]).toEqual([false, [], []]);
}

describe("a finish is held to what the last flip was held to", () => {
  test.each<[string, Rollout, RegExp]>([
    [
      "an exit gate is gone, and one that always passes came",
      withLast({ exit: { Z: sqlGate("Z", { query: "select 7" }).definition } as never }),
      /F1: F1 is gone: weaker than at the last flip of this stage/,
    ],
    ["a row is gone that rolled back", withLast({ abort: {} }), /XB1: .*weaker than at the last flip/],
    [
      "a row of an earlier stage only pages by now",
      {
        ...ROLLOUT,
        stages: [BASELINE, { ...A, abort: { XA1: { ...A.abort.XA1, action: "page" } } }, B],
      } as Rollout,
      /XA1 no longer rolls back/,
    ],
  ])("refused where %s, and nobody says why", async (_, weaker, words) => {
    await refused(await MemoryFinish.up(), weaker, words);
  });

  test("goes through with a reason, as a raise does", async () => {
    const weaker = withLast({
      exit: { F5: B.exit.F5 } as Stage["exit"],
      weakened: { F1: { reason: "F5 asks for the same" } },
    });
    expect(await finish(asked(weaker), await MemoryFinish.up())).toMatchObject({ kind: "finished" });
  });

  test("not with the reason of an easing before", async () => {
    const reason = "F5 asks for the same";
    const world = await MemoryFinish.up();
    world.held = {
      definitions: definitionsOf(ROLLOUT),
      weakened: [{ key: "F1", says: "F1 is looser", reason }],
    };
    const weaker = withLast({ exit: { F5: B.exit.F5 } as Stage["exit"], weakened: { F1: { reason } } });
    await refused(world, weaker, /F1 is gone.*was given for something else/);
  });

  test.each<[string, (world: MemoryFinish) => unknown, RegExp]>([
    [
      "cannot be read",
      (world) => Object.assign(world, { heldTo: async () => Promise.reject(new Error("locked")) }),
      /stack stageB: what it was held to .*cannot be read: locked/,
    ],
    [
      "was not written down",
      (world) => Object.assign(world, { held: undefined }),
      /stack stageB: .*not written down.*next attempt/,
    ],
  ])("refused where that %s", async (_, make, words) => {
    const world = await MemoryFinish.up();
    make(world);
    await refused(world, ROLLOUT, words);
  });
});

describe("an alarm that rolls back where nobody decides", () => {
  const T3 = { ...A.abort.XA1, action: "page", remind: { after: "1h", undecided: "rollback" } };
  const deciding = withLast({ abort: { ...B.abort, T3 } as Stage["abort"] });
  const NAME = "ops-view-stageB-T3";
  const up = async () => {
    const world = await MemoryFinish.up();
    world.states.set(NAME, { state: "OK" });
    return world;
  };
  const dismissed = (world: MemoryFinish, ms = 1) =>
    world.decided.add(`T3/dismissed/${Date.parse(world.states.get(NAME)?.since ?? "") + ms}`);

  test("keeps it from being finished while it rings, and names both ways to decide", async () => {
    const world = await up();
    world.ring(NAME);
    await refused(
      world,
      deciding,
      /T3: .*nobody has decided.*cutover dismiss -s stageB --row T3.*cutover abort -s stageB/,
    );
  });

  test("not once it is dismissed, but for what rang since", async () => {
    const world = await up();
    world.ring(NAME);
    dismissed(world, -1);
    await refused(world, deciding, /nobody has decided/);
    dismissed(world);
    expect(await finish(asked(deciding), world)).toMatchObject({ kind: "finished" });
  });

  test("refused where it is not known what was decided, or how it is", async () => {
    const world = await up();
    world.ring(NAME);
    world.decisions = async () => Promise.reject(new Error("AccessDenied"));
    await refused(world, deciding, /T3: .*cannot be read: AccessDenied/);
    world.states.delete(NAME);
    await refused(world, deciding, /T3: its alarm ops-view-stageB-T3 is not there/);
  });

  test("that begins to ring as it is finished leaves it open, and nobody is told before it is decided", async () => {
    const world = await up();
    world.meanwhile.entry = () => world.ring(NAME);
    expect(await finish(asked(deciding), world)).toMatchObject({
      kind: "unknown",
      why: expect.stringMatching(/T3: .*nobody has decided.*dismiss.*--reopen/),
    });
    world.meanwhile = {};
    expect(await finish(asked(deciding, "g"), world)).toMatchObject({ kind: "unknown" });
    expect(world.post.delivered).toEqual([]);
    dismissed(world);
    expect(await finish(asked(deciding, "h"), world)).toMatchObject({ kind: "finished", again: true });
    expect(world.post.delivered).toHaveLength(2);
  });
});

test("another release than was promoted is refused, with both", async () => {
  const world = await MemoryFinish.up();
  const promoted = world.store.deployments[2]?.note;
  Object.assign(promoted as object, { release: "v2.54.1" });
  const other = { ...ROLLOUT, release: { version: "v3.0.0", date: "2026-12-24" } };
  await refused(
    world,
    other,
    /cutover:rollout\.release: says v3\.0\.0, and stageB was promoted for v2\.54\.1/,
  );
  const { release: _, ...none } = ROLLOUT;
  await refused(world, none, /says nothing, and stageB was promoted for v2\.54\.1/);
  expect(await finish(asked(ROLLOUT), world)).toMatchObject({ kind: "finished" });
});
