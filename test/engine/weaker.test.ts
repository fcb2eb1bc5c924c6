import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { heldTo } from "../../src/rollout/strength/judge";
import { Ground, outcome, READ, type StackName, type TestRollout, WRITE } from "./harness";
import { worldOf } from "./listing";

describe("a rollout that is held to less than at its last flip", () => {
  let ground: Ground;
  let rollout: TestRollout;
  const row = (id: string, ...path: string[]) => ["cutover:stage", "abort", id, ...path];

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("weaker", { abortSwitch: true });
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
  });
  afterAll(() => ground?.close());

  /** What a stage's last flip wrote down, as its state holds it. */
  async function written(stack: StackName) {
    const record = (await rollout.state(stack)).find(({ urn }) => urn.endsWith(`::${stack}-record`));
    const { output } = (record?.outputs ?? {}) as { output?: { heldTo?: unknown } };
    return heldTo.parse(output?.heldTo);
  }

  it("is blocked by name, by the pack and without it, and changes nothing", async () => {
    expect((await written("stageA")).definitions.stages.map(({ name }) => name)).toEqual([
      "baseline",
      "stageA",
      "stageB",
    ]);
    await rollout.edit("stageB", row("XB1", "action"), "page");
    const world = await worldOf(rollout);
    const blocked = await rollout.up("stageB");
    expect(blocked.outcome, blocked.output).toBe("blocked");
    expect(blocked.output).toContain("XB1 no longer rolls back");
    const file = join(rollout.project.folder, "pack-config.json");
    await writeFile(file, JSON.stringify({ all: "disabled" }));
    const alone = await rollout.up("stageB", { env: { PULUMI_OPTION_POLICY_PACK_CONFIG: file } });
    expect(alone.outcome, alone.output).toBe("blocked");
    expect(alone.output.replaceAll(/\s+/g, " ")).toContain("XB1 no longer rolls back: weaker than at");
    expect(await worldOf(rollout)).toEqual(world);
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("is promoted with a reason, which is kept with whoever ran it", async () => {
    const reason = "A person decides from here on";
    await rollout.edit("stageB", ["cutover:stage", "weakened"], { XB1: { reason } });
    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    expect((await written("stageB")).weakened).toEqual([
      { key: "XB1", says: "XB1 no longer rolls back", reason, by: expect.stringMatching(/^arn:aws:/) },
    ]);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
  });

  it("is read from the stack's own last flip, where the same reason does not count again", async () => {
    await rollout.edit("stageB", row("XB1", "threshold"), { gt: 1e15 });
    await rollout.edit("stageB", ["cutover:stage", "attempt"], 2);
    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output).toContain("XB1 fires above 1000000000000000");
  });
});
