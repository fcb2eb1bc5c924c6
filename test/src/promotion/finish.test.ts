import { describe, expect, test } from "vitest";
import { finish } from "../../../src/promotion/finish";
import type { FinishAsked, Finished } from "../../../src/promotion/finishWorld";
import { finishOf } from "../../../src/rollout/finished";
import { OFF, READING, WRITING } from "../../support/build";
import { TOPICS } from "../messages/topicMessages";
import { MemoryFinish, ROLLOUT } from "./finishWorld";

const asked = (id = "f"): FinishAsked => ({
  ...{ rollout: ROLLOUT, reason: "nobody complains", id, region: "eu-central-1", timeScale: 1 },
  ...{ topics: TOPICS, patience: 0 },
});
const isFinished = async (world: MemoryFinish) => finishOf(ROLLOUT, await world.ledger()) !== undefined;
const topics = ({ post }: MemoryFinish) => post.delivered.map(({ topic }) => topic).sort();
const bad = { kind: "value", value: 0 } as const;

/** What keeps a finish from being made: nothing is written, and nobody is told. */
async function refused(world: MemoryFinish, words: RegExp): Promise<void> {
  const before = world.kinds.length;
  await expect(finish(asked(), world)).rejects.toThrow(words);
  expect(world.kinds.slice(before)).not.toContain("finish");
  expect(topics(world)).toEqual([]);
}

describe("a finish", () => {
  test("looks, then runs what writes, writes its entry, and tells people what it saw", async () => {
    const world = await MemoryFinish.up();
    const became = await finish(asked(), world);
    expect(became).toMatchObject({ kind: "finished", again: false, finish: { deployment: 4, by: "ada" } });
    expect(world.measured).toEqual(["F1", "acts: F5"]);
    expect(world.store.deployments.at(-1)?.note).toEqual({
      ...{
        cutover: 1,
        rollout: "ops-view",
        kind: "finish",
        stage: "all",
        attempt: 1,
        after: 3,
        version: "2",
      },
      ...{ reason: "nobody complains", by: "ada", id: "f", release: "v2.54.1" },
    });
    expect(world.live).toEqual(WRITING);
    expect(topics(world)).toEqual(["on-call", "ops"]);
    for (const part of [
      /^Release: +v2\.54\.1/m,
      /^Soak: +2 of 2 exit gates pass$/m,
      /F5 PASS: The same file/,
    ])
      expect(world.post.delivered[0]?.text).toMatch(part);
  });

  test("typed twice says so, and measures, writes and sends nothing", async () => {
    const world = await MemoryFinish.up();
    await finish(asked(), world);
    const again = await finish(asked("g"), world);
    expect(again).toMatchObject({ kind: "finished", again: true, finish: { reason: "nobody complains" } });
    expect([world.measured, world.kinds.length, topics(world)]).toEqual([
      ["F1", "acts: F5"],
      4,
      ["on-call", "ops"],
    ]);
  });
});

describe("it does not happen", () => {
  test.each<[string, (world: MemoryFinish) => void, string[]]>([
    [
      "a gate that looks does not pass: what writes is not run",
      (one) => Object.assign(one.sees, { F1: bad }),
      ["F1"],
    ],
    [
      "what writes does not pass",
      (one) => Object.assign(one.sees, { F5: { kind: "answers", answers: [{ status: 404, ms: 1 }] } }),
      ["F1", "acts: F5"],
    ],
    [
      "a gate lets pass what is known to be bad",
      (one) => void one.proofs.push({ gate: "F1", title: "", outcome: "broken", observed: "" }),
      ["F1"],
    ],
  ])("where %s", async (_, make, measured) => {
    const world = await MemoryFinish.up();
    make(world);
    const became = await finish(asked(), world);
    expect(became).toMatchObject({ kind: "blocked", verdicts: [{}, {}] });
    expect([world.measured, world.kinds.length, topics(world)]).toEqual([measured, 3, []]);
  });

  test.each<[string, (world: MemoryFinish) => unknown, RegExp]>([
    ["an alarm rings", (one) => one.ring("ops-view-stageB-XB1"), /XB1: its alarm .* is in ALARM/],
    ["somebody aborts", (one) => one.abort(), /was aborted at/],
    [
      "somebody else deploys",
      (one) => one.deploy(READING, undefined),
      /live now is deployment 4, which was not made by cutover/,
    ],
    [
      "on-call acknowledges a page",
      async (one) =>
        one.record(
          { ...(one.store.deployments[2]?.note as never as object), kind: "acknowledge" } as never,
          3,
        ),
      /the acknowledgement of a page/,
    ],
  ])("where %s while it measures", async (_, happens, words) => {
    const world = await MemoryFinish.up();
    let once = false;
    world.meanwhile.measure = async () => {
      if (once) return;
      once = true;
      await happens(world);
    };
    await refused(world, words);
  });

  test("where its figures cannot be kept", async () => {
    const world = await MemoryFinish.up();
    world.post.note = async () => Promise.reject(new Error("AccessDenied"));
    await refused(world, /cannot be kept: AccessDenied/);
  });
});

describe("what comes right after its entry takes it back", () => {
  test.each<[string, (world: MemoryFinish) => unknown, object]>([
    ["an alarm of the last stage", (one) => one.ring("ops-view-stageB-XB1"), READING],
    ["an alarm of an earlier stage", (one) => one.ring("ops-view-stageA-XA1"), OFF],
    ["an abort", (one) => one.abort(), READING],
    ["somebody else's deployment", (one) => one.deploy(WRITING, undefined), READING],
  ])("%s", async (_, happens, flags) => {
    const world = await MemoryFinish.up();
    world.meanwhile.entry = () => happens(world);
    expect(await finish(asked(), world)).toMatchObject({ kind: "taken-back" });
    expect([await isFinished(world), world.live, topics(world)]).toEqual([false, flags, []]);
  });
});

describe("killed", () => {
  const killed = () => {
    throw new Error("killed");
  };

  test("after the gates, it begins anew", async () => {
    const world = await MemoryFinish.up();
    world.caller = async () => killed();
    await expect(finish(asked(), world)).rejects.toThrow("killed");
    expect(world.kinds).not.toContain("finish");
    world.caller = async () => "ada";
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "finished", again: false });
  });

  test("after its entry, it tells people what was seen then", async () => {
    const world = await MemoryFinish.up();
    world.meanwhile.entry = killed;
    await expect(finish(asked(), world)).rejects.toThrow("killed");
    expect(topics(world)).toEqual([]);
    world.sees.F1 = bad;
    // What rings long since then is none of the finish's.
    world.time += 3 * 60_000;
    world.ring("ops-view-stageB-XB1");
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "finished", again: true });
    expect(topics(world)).toEqual(["on-call", "ops"]);
    expect(world.post.delivered[0]?.text).toMatch(/^Soak: +2 of 2 exit gates pass$/m);
    expect(world.measured).toEqual(["F1", "acts: F5"]);
  });

  test("after its entry, and an alarm rang right before that: it looks after all", async () => {
    const world = await MemoryFinish.up();
    // Between the last look and the entry.
    world.caller = async () => "ada";
    const { record } = world;
    world.record = async (...args) => {
      world.ring("ops-view-stageB-XB1");
      await record(...args);
      return killed();
    };
    await expect(finish(asked(), world)).rejects.toThrow("killed");
    expect(await finish(asked("g"), world)).toMatchObject({ kind: "taken-back" });
    expect([await isFinished(world), world.live, topics(world)]).toEqual([false, READING, []]);
  });

  test("between two deadLetters, it sends the other one", async () => {
    const world = await MemoryFinish.up();
    world.post.refusing.add("on-call");
    const first = await finish(asked(), world);
    expect(first).toMatchObject({ kind: "finished", told: { failed: [{ key: "attempt-1/C4/onCall" }] } });
    world.post.refusing.clear();
    const again = await finish(asked("g"), world);
    expect(again).toMatchObject({ told: { told: ["attempt-1/C4/onCall"], before: ["attempt-1/C4/ops"] } });
    expect(topics(world)).toEqual(["on-call", "ops"]);
  });
});

test("what came after its entry and cannot be read leaves it standing, tells nobody, and is asked again", async () => {
  const world = await MemoryFinish.up();
  world.meanwhile.entry = () => {
    world.meanwhile.alarms = () => Promise.reject(new Error("throttled"));
  };
  const became: Finished = await finish(asked(), world);
  expect(became).toMatchObject({ kind: "unknown", why: "throttled" });
  expect([await isFinished(world), topics(world)]).toEqual([true, []]);
  world.meanwhile = {};
  expect(await finish(asked("g"), world)).toMatchObject({ kind: "finished", again: true });
  expect(topics(world)).toEqual(["on-call", "ops"]);
});

test("that it is not known who was told tells nobody", async () => {
  const world = await MemoryFinish.up();
  world.post.sentFails = "AccessDenied";
  expect(await finish(asked(), world)).toMatchObject({ kind: "finished", untold: "AccessDenied" });
  expect(topics(world)).toEqual([]);
});
