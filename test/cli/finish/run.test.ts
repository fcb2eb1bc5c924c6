import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { finishCommand } from "../../../cli/finish/run";
import { requireUnfinished } from "../../../cli/finished";
import type { Opened } from "../../../cli/pulumi";
import { TOPICS } from "../../src/messages/topicMessages";
import { MemoryFinish, ROLLOUT } from "../../src/promotion/finishWorld";
import { OFF, settings } from "../../support/build";

const CHECKOUT = join(__dirname, "..", "..", "..");

async function typed(world: MemoryFinish, reason = "nobody complains") {
  const lines: string[] = [];
  const opened = { rollout: ROLLOUT, stage: ROLLOUT.stages.at(-1), settings, foundation: { topics: TOPICS } };
  const code = await finishCommand({
    ...{
      reason,
      folder: CHECKOUT,
      patience: 0,
      print: (line) => void lines.push(stripVTControlCharacters(line)),
    },
    world: () => world,
    open: async () => opened as never as Opened,
  });
  return { code, text: lines.join("\n") };
}

test("what means nothing on a finished rollout is refused, with since when it is", async () => {
  const world = await MemoryFinish.up();
  await requireUnfinished(world.store, "ops-view", "Nothing is held");
  await typed(world);
  await expect(requireUnfinished(world.store, "ops-view", "Nothing is held")).rejects.toThrow(
    /^Nothing is held:\n.*ops-view: is finished since .*, by ada \(deployment 4\): nobody complains/,
  );
  await requireUnfinished(world.store, "another", "Nothing is held");
  // What cannot be read is told by what the command itself comes upon.
  world.store.entry = () => Promise.reject(new Error("AccessDenied"));
  await requireUnfinished(world.store, "ops-view", "Nothing is held");
});

describe("cutover finish", () => {
  test("shows every gate, says that it is finished, who was told, and what is left to do, in order", async () => {
    const world = await MemoryFinish.up();
    const { code, text } = await typed(world);
    expect(code).toBe(0);
    for (const part of ["F1", "F5", "ops-view is finished since", "Told now: C4 to ops, C4 to onCall"])
      expect(text).toContain(part);
    const steps = text.slice(text.indexOf("What is left to do:")).match(/(?:up|destroy) -s \w+|retire/g);
    expect(steps).toEqual([
      "up -s stageB",
      "up -s stageA",
      "destroy -s stageB",
      "destroy -s stageA",
      "retire",
    ]);
  });

  test("says who finished it already, since when and why, with 0", async () => {
    const world = await MemoryFinish.up();
    await typed(world);
    const { code, text } = await typed(world, "once more");
    expect(code).toBe(0);
    expect(text).toMatch(
      /ops-view is already finished since 2026-.*, by ada \(deployment 4\): nobody complains/,
    );
    expect(text).toContain("Told before: C4 to ops, C4 to onCall");
  });

  test.each<[string, (world: MemoryFinish) => unknown, number, RegExp]>([
    [
      "a gate that does not pass",
      (one) => Object.assign(one.sees, { F1: { kind: "value", value: 0 } }),
      3,
      /not every exit gate of stageB passes/,
    ],
    [
      "a topic that refuses",
      (one) => one.post.refusing.add("ops"),
      1,
      /C4 to ops COULD NOT BE SENT: ops refuses/,
    ],
    [
      "an alarm right after it",
      (one) => Object.assign(one.meanwhile, { entry: () => one.ring("ops-view-stageB-XB1") }),
      1,
      /IS NOT FINISHED ANY MORE: XB1 .*\n +the flags are down to OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE false/,
    ],
    [
      "a way down that fails",
      (one) => {
        one.meanwhile.entry = () => one.ring("ops-view-stageB-XB1");
        one.bringDown = async () => Promise.reject(new Error("no route"));
      },
      1,
      /IT IS NOT KNOWN WHETHER IT IS FINISHED, or its flags are up: no route/,
    ],
  ])("tells by its exit code of %s", async (_, make, expected, words) => {
    const world = await MemoryFinish.up();
    make(world);
    const { code, text } = await typed(world);
    expect([code, text]).toEqual([expected, expect.stringMatching(words)]);
  });

  test("typed again it tells the flags that are live, and whose, and never those of the file", async () => {
    const world = await MemoryFinish.up();
    await typed(world);
    world.time += 3 * 60_000;
    await world.deploy(OFF, undefined);
    const { code, text } = await typed(world);
    expect(code).toBe(1);
    expect(text).toMatch(/AND IS NOT WHAT IS LIVE: deployment 5 \(.* not made by cutover\) came after it/);
    expect(text).toContain("Live now: OPS_VIEW_DB_READ false, OPS_VIEW_DB_WRITE false");
    expect(text).not.toMatch(/The flags stay|Told now/);
  });

  test("says that it is forgotten who was told, with 0, once the last stage's stack is gone", async () => {
    const world = await MemoryFinish.up();
    await typed(world);
    const gone = Object.assign(new Error("no log group"), { name: "ResourceNotFoundException" });
    world.post.sent = async () => Promise.reject(gone);
    const { code, text } = await typed(world);
    expect([code, text]).toEqual([0, expect.stringContaining("Who was told is not known any more")]);
  });

  test("wants a reason, and says all that speaks against it at once", async () => {
    const world = await MemoryFinish.up();
    expect((await typed(world, "  ")).code).toBe(2);
    world.ring("ops-view-stageA-XA1");
    world.record_ = { kind: "unreadable", why: "locked" };
    await expect(typed(world)).rejects.toThrow(/XA1: [\s\S]*locked|locked[\s\S]*XA1: /);
  });
});
