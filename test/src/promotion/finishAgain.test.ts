import { describe, expect, test } from "vitest";
import { finish } from "../../../src/promotion/finish";
import type { FinishAsked } from "../../../src/promotion/finishWorld";
import { message } from "../../../src/rollout/config/messages";
import { finishOf } from "../../../src/rollout/finished";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import { OFF, READING, stage, WRITING } from "../../support/build";
import { TOPICS } from "../messages/topicMessages";
import { MemoryFinish, ROLLOUT } from "./finishWorld";

const asked = (id = "f", rollout: Rollout = ROLLOUT): FinishAsked => ({
  ...{ rollout, reason: "nobody complains", id, region: "eu-central-1", timeScale: 1 },
  ...{ topics: TOPICS, patience: 0 },
});
const topics = ({ post }: MemoryFinish) => post.delivered.map(({ topic }) => topic).sort();
const isFinished = async (world: MemoryFinish) => finishOf(ROLLOUT, await world.ledger()) !== undefined;
const LATER_MS = 3 * 60_000;
const [BASELINE, A, B] = ROLLOUT.stages as unknown as [Stage, Stage, Stage];

/** Stopped right after its entry: nobody was told. */
async function killed(): Promise<MemoryFinish> {
  const world = await MemoryFinish.up();
  world.meanwhile.entry = () => {
    throw new Error("killed");
  };
  await expect(finish(asked(), world)).rejects.toThrow("killed");
  world.meanwhile = {};
  return world;
}

/** Nobody could be reached when it was finished. */
async function untold(): Promise<MemoryFinish> {
  const world = await MemoryFinish.up();
  for (const topic of ["on-call", "ops"]) world.post.refusing.add(topic);
  await finish(asked(), world);
  world.post.refusing.clear();
  return world;
}

describe("typed again, what counts is what is live", () => {
  test.each([
    ["that was killed", killed],
    ["of which nobody heard", untold],
  ])(
    "a stranger who deploys long after a finish %s: nobody is told, and it says what is live",
    async (_, made) => {
      const world = await made();
      world.time += LATER_MS;
      await world.deploy(OFF, undefined);
      const became = await finish(asked("g"), world);
      expect(became).toMatchObject({
        ...{ kind: "overtaken", flags: OFF, finish: { deployment: 4 } },
        why: expect.stringContaining("deployment 5"),
      });
      expect([world.live, topics(world), await isFinished(world)]).toEqual([OFF, [], true]);
    },
  );

  test("also where a stranger puts the same flags there", async () => {
    const world = await killed();
    world.time += LATER_MS;
    await world.deploy(WRITING, undefined);
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "overtaken", flags: WRITING });
    expect(topics(world)).toEqual([]);
  });

  test.each<[string, (world: MemoryFinish) => unknown]>([
    ["a stranger's deployment", (world) => world.deploy(WRITING, undefined)],
    ["an alarm", (world) => world.ring("ops-view-stageB-XB1")],
  ])("%s right after the entry counts as in the first run: the flags come down", async (_, happens) => {
    const world = await MemoryFinish.up();
    world.meanwhile.entry = () => happens(world);
    const { bringDown } = world;
    world.bringDown = async () => Promise.reject(new Error("throttled"));
    await expect(finish(asked(), world)).rejects.toThrow(/throttled \((ledger|XB1) of stageB\)/);
    Object.assign(world, { bringDown, meanwhile: {} });
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "taken-back" });
    expect([world.live, topics(world), await isFinished(world)]).toEqual([READING, [], false]);
  });

  test.each([true, false])("an abort while the alarms are asked is seen: first run %s", async (first) => {
    const world = first ? await MemoryFinish.up() : await killed();
    let once = true;
    const abort = async () => {
      if (once) await world.abort();
      once = false;
    };
    world.meanwhile = first
      ? { entry: () => Object.assign(world.meanwhile, { alarms: abort }) }
      : { alarms: abort };
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "taken-back", down: [], flags: READING });
    expect([world.live, topics(world)]).toEqual([READING, []]);
  });

  test("that it cannot be read is not known, and is asked again", async () => {
    const world = await killed();
    const { ledger } = world;
    let reads = 0;
    world.ledger = async () => {
      reads += 1;
      if (reads > 1) throw new Error("throttled");
      return ledger.call(world);
    };
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "unknown", why: "throttled" });
    expect(topics(world)).toEqual([]);
  });
});

describe("typed again, what was finished is what the entry says", () => {
  test("not a later attempt in the file: nobody is told twice", async () => {
    const world = await MemoryFinish.up();
    await finish(asked(), world);
    const again = { ...ROLLOUT, stages: [BASELINE, A, { ...B, attempt: 2 }] } as Rollout;
    expect(await finish(asked("g", again), world)).toMatchObject({ kind: "finished", told: { told: [] } });
    expect(topics(world)).toEqual(["on-call", "ops"]);
  });

  test.each([false, true])("not a stage that was added since: told before %s", async (before) => {
    const world = before ? await MemoryFinish.up() : await killed();
    if (before) await finish(asked(), world);
    const C9 = message.parse({ title: "stageC is through", to: ["stakeholders"], when: "finish" });
    const C = stage("stageC", { predecessor: "stageB", flags: WRITING, exit: B.exit, messages: { C9 } });
    const more = { ...ROLLOUT, stages: [BASELINE, A, B, C] } as Rollout;
    await finish(asked("g", more), world);
    expect(topics(world)).toEqual(["on-call", "ops"]);
    expect(world.post.delivered.map(({ subject }) => subject).join()).not.toContain("stageC");
  });

  test("not one that is in no file any more: nobody is told, and it says so", async () => {
    const world = await killed();
    const less = { ...ROLLOUT, stages: [BASELINE, A] } as Rollout;
    expect(await finish(asked("g", less), world)).toMatchObject({
      untold: expect.stringContaining("in no stack file"),
    });
    expect(topics(world)).toEqual([]);
  });

  test("not flags that the file says by now", async () => {
    const world = await untold();
    const edited = { ...ROLLOUT, stages: [BASELINE, A, { ...B, flags: OFF }] } as Rollout;
    expect(await finish(asked("g", edited), world)).toMatchObject({ flags: WRITING });
    expect(world.post.delivered[0]?.text).toMatch(/OPS_VIEW_DB_WRITE true/);
  });
});

describe("what is taken back", () => {
  test("goes by the row's own way: one that freezes leaves the flags, and holds", async () => {
    const world = await MemoryFinish.up();
    const XB1 = { ...B.abort.XB1, whenIrreversible: "freeze" } as Stage["abort"][string];
    const freezing = { ...ROLLOUT, stages: [BASELINE, A, { ...B, abort: { XB1 } }] } as Rollout;
    world.held = { definitions: definitionsOf(freezing), weakened: [] };
    const downs: unknown[] = [];
    const { bringDown } = world;
    world.bringDown = async (one, down) => {
      downs.push(down);
      return bringDown(one, down);
    };
    world.meanwhile.entry = () => world.ring("ops-view-stageB-XB1");
    await finish(asked("f", freezing), world);
    expect(downs).toMatchObject([{ row: "XB1", freeze: true }]);
  });

  test("is tried for every row that rings, and each failure is told", async () => {
    const world = await MemoryFinish.up();
    const tried: string[] = [];
    world.bringDown = async ({ name }) => {
      tried.push(name);
      throw new Error(`${name} is throttled`);
    };
    world.meanwhile.entry = () => {
      world.ring("ops-view-stageA-XA1");
      world.ring("ops-view-stageB-XB1");
    };
    await expect(finish(asked(), world)).rejects.toThrow(
      "stageA is throttled (XA1 of stageA); stageB is throttled (XB1 of stageB)",
    );
    expect(tried).toEqual(["stageA", "stageB"]);
  });
});

describe("where the log went with the last stage's stack", () => {
  const gone = Object.assign(new Error("no such log group"), { name: "ResourceNotFoundException" });

  test("typed again it is not known any more who was told, and nobody is", async () => {
    const world = await MemoryFinish.up();
    await finish(asked(), world);
    world.post.delivered.length = 0;
    world.post.sent = async () => Promise.reject(gone);
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "finished", forgotten: true });
    expect(topics(world)).toEqual([]);
  });

  test("it is not finished, and it says which up makes it anew", async () => {
    const world = await MemoryFinish.up();
    world.post.note = async () => Promise.reject(gone);
    await expect(finish(asked(), world)).rejects.toThrow(/cannot be kept[\s\S]*pulumi up -s stageB/);
    expect(await isFinished(world)).toBe(false);
  });
});
