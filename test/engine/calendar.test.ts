import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { abortCommand } from "../../cli/abort/run";
import { Ground, OFF, outcome, READ, type TestRollout } from "./harness";
import { worldOf } from "./listing";

const DAY = 86_400_000;
const at = (days: number) => new Date(Date.now() + days * DAY).toISOString();
const OVER = { from: at(-3), until: at(-2), reason: "The launch of another product" };
const NOW = { from: at(-1), until: at(1), reason: "Year-end business" };
const W1 = ["cutover:stage", "entry", "W1"];

describe("a rollout that keeps out of freezes", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("calendar", { abortSwitch: true });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
  });
  afterAll(() => ground?.close());

  /** As in the shell of whoever is on call. */
  const inRegion = () => ({ ...process.env, AWS_REGION: ground.sandbox.aws.region });
  const freeze = (...freezes: object[]) =>
    rollout.edit("stageA", W1, { source: "calendar", title: "It is a time at which we promote", freezes });

  it("raises nothing in one, says why and when it could, and touches nothing", async () => {
    await freeze(OVER, NOW);
    const world = await worldOf(rollout);
    for (const options of [{}, { policyPack: "none" }, { preview: true }] as const) {
      const blocked = await rollout.up("stageA", options);
      expect(blocked.outcome, blocked.output).toBe("blocked");
      const said = blocked.output.replaceAll(/[│\s]+/g, " ");
      expect(said).toContain("is in a freeze: Year-end business");
      expect(said).toContain(`Earliest promotion: ${NOW.until.slice(0, 19).replace("T", " ")}Z`);
    }
    expect(await worldOf(rollout)).toEqual(world);
  });

  it("goes up outside of one, and anew with the same flags, and comes down within one", async () => {
    await freeze(OVER);
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
    await freeze(OVER, NOW);
    // The flags are what they are: nothing is raised.
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    expect(await outcome(rollout.up("stageA"))).toBe("updated");
    expect(await rollout.liveFlags()).toEqual(READ);
    let printed = "";
    const aborted = await abortCommand({
      stage: "stageA",
      reason: "users see the wrong orders",
      folder: rollout.project.folder,
      print: (text) => {
        printed += text;
      },
      env: inRegion(),
    });
    expect(aborted, printed).toBe(0);
    expect(await rollout.liveFlags()).toEqual(OFF);
  });
});
