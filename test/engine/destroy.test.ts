import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Ground, outcome, READ, type TestRollout, until, WRITE } from "./harness";
import { partsOf, worldOf } from "./listing";
import { heldBy } from "./state";

/** What `pulumi destroy` of a stage leaves, and when it is refused. Each test leans on those before it. */
describe("pulumi destroy", () => {
  let ground: Ground;
  let rollout: TestRollout;
  /** What was there before stage B, and what came with it. */
  let before: string[];
  let own: string[];

  /** The stack's state, without its references to other stacks, which are only ever read. */
  const kept = async () =>
    heldBy((await rollout.state("stageB")).filter(({ type }) => type !== "pulumi:pulumi:StackReference"));

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("gone", { abortSwitch: true });
    // All that a stage can have: the switch is there, a probe and a timed message come on top.
    await rollout.edit("stageB", ["cutover:stage", "abort", "XB3"], {
      title: "A signal in the database",
      probe: { query: "select count(*) from patches where false" },
      threshold: { gt: 0 },
      action: "rollback",
    });
    await rollout.edit("stageB", ["cutover:stage", "messages"], {
      C4: { title: "Fully enabled", to: ["ops"], when: { after: "300d" } },
    });
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    before = await partsOf(rollout);
    expect(await outcome(rollout.up("stageB"))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    own = (await partsOf(rollout)).filter((part) => !before.includes(part));
  });
  afterAll(() => ground?.close());

  it("of a live stage is refused, says what to do instead, and leaves all that guards it", async () => {
    expect(new Set(own.map((part) => part.split(" ")[0]))).toEqual(
      new Set([
        ...["alarm", "rule", "role", "function", "logs", "schedule", "secret", "topic"],
        ...["subscription", "queue"],
      ]),
    );
    const [world, state] = [await worldOf(rollout), await kept()];
    const run = await rollout.pulumi(["destroy", "--stack", "stageB", "--yes", "--skip-preview"]);
    expect(run.code).not.toBe(0);
    expect(run.stdout + run.stderr).toMatch(
      /::stageB-to-destroy-run-cutover-abort-then-pulumi-up"? cannot be deleted[\s\S]*protect/,
    );
    expect(await worldOf(rollout)).toEqual(world);
    expect((await partsOf(rollout)).filter((part) => !before.includes(part))).toEqual(own);
    expect(await kept()).toEqual(state);
    expect(await rollout.liveFlags()).toEqual(WRITE);
  });

  it("after an abort goes through, and leaves no orphan", async () => {
    await rollout.deploy(READ, { kind: "abort", stage: "stageB", attempt: 1, row: "XB1" });
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
    const ledger = await rollout.ledger();
    const run = await rollout.pulumi(["destroy", "--stack", "stageB", "--yes", "--skip-preview"]);
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(await rollout.state("stageB")).toEqual([]);
    // A function that was at work when it went may still write a line.
    await until(
      "nothing is left",
      async () => (await partsOf(rollout)).every((part) => before.includes(part)),
      5_000,
    ).catch(async () => expect(await partsOf(rollout)).toEqual(before));
    expect(await partsOf(rollout)).toEqual(before);
    // The ledger is nobody's to delete, nor the snapshot that the promotion was made on.
    expect(await rollout.ledger()).toEqual(ledger);
    const { snapshots } = await worldOf(rollout);
    expect(snapshots.map((one) => one.DBSnapshotIdentifier)).toEqual(["gone-stageb-attempt-1"]);
  });
});
