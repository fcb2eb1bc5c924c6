import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { abortCommand } from "../../cli/abort/run";
import { Ground, OFF, outcome, READ, type StackName, type TestRollout } from "./harness";

const SWITCHED = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: true };

/** Stage B raises one flag and contracts another. Each test leans on those before it. */
describe("a contract step", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("contracts");
    await rollout.edit("baseline", ["cutover:rollout", "flags", "OPS_VIEW_DB_WRITE", "requires"], []);
    await rollout.edit("stageB", ["cutover:stage", "flags", "OPS_VIEW_DB_READ"], false);
    await rollout.edit("stageB", ["cutover:stage", "contracts"], ["OPS_VIEW_DB_READ"]);
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
  });
  afterAll(() => ground?.close());

  const abort = async (): Promise<void> => {
    const { folder } = rollout.project;
    const env = { ...process.env, AWS_REGION: ground.sandbox.aws.region };
    expect(
      await abortCommand({
        stage: "stageB",
        reason: "on-call has seen enough",
        folder,
        print: () => {},
        env,
      }),
    ).toBe(0);
  };
  const again = async (stack: StackName, attempt: number) => {
    await rollout.edit(stack, ["cutover:stage", "attempt"], attempt);
    return rollout.up(stack);
  };

  it("lowers and raises in one document, through every gate", async () => {
    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("promoted");
    expect(run.report?.plan).toMatchObject({ kind: "raise", from: READ, to: SWITCHED });
    const { live } = await rollout.ledger();
    expect(live).toMatchObject({
      flags: SWITCHED,
      note: { kind: "promote", contracts: ["OPS_VIEW_DB_READ"] },
    });
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
  });

  it("comes down in what it raised alone, and up again from there", async () => {
    await abort();
    expect(await rollout.liveFlags()).toEqual(OFF);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
    const run = await again("stageB", 2);
    expect(run.outcome, run.output).toBe("promoted");
    expect(run.report?.plan).toMatchObject({ kind: "raise", from: OFF, to: SWITCHED });
  });

  it("goes back to its predecessor's flags by a new attempt of that, and on from there", async () => {
    await abort();
    const back = await again("stageA", 2);
    expect(back.outcome, back.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
    const run = await again("stageB", 3);
    expect(run.outcome, run.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(SWITCHED);
  });
});
