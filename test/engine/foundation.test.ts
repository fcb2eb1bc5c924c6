import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { abortCommand } from "../../cli/abort/run";
import { EXIT } from "../../cli/exit";
import { statusCommand } from "../../cli/status/run";
import { deleteVersions } from "../support/versions";
import { Ground, outcome, READ, type TestRollout } from "./harness";
import { partsOf, worldOf } from "./listing";
import { heldBy } from "./state";

/** What `pulumi destroy` of the flag store's own stack does. Each test leans on those before it. */
describe("pulumi destroy of the first stage", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("kept", { abortSwitch: true });
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
  });
  afterAll(() => ground?.close());

  const destroy = (...options: string[]) =>
    rollout.pulumi(["destroy", "--stack", "baseline", "--yes", "--skip-preview", ...options]);

  it("is refused while a stage is live, by a name that says what to do, and takes nothing away", async () => {
    const [world, parts] = [await worldOf(rollout), await partsOf(rollout)];
    const state = heldBy(await rollout.state("baseline"));
    const run = await destroy();
    expect(run.code).not.toBe(0);
    expect(run.stdout + run.stderr).toMatch(
      /::kept-to-take-down-for-good-cutover-retire"? cannot be deleted[\s\S]*protect/,
    );
    expect(await worldOf(rollout)).toEqual(world);
    expect(await partsOf(rollout)).toEqual(parts);
    expect(heldBy(await rollout.state("baseline"))).toEqual(state);
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("takes nothing away where what is protected is left out, either: the latch depends on all of it", async () => {
    const [world, state] = [await worldOf(rollout), heldBy(await rollout.state("baseline"))];
    await destroy("--exclude-protected");
    expect(await worldOf(rollout)).toEqual(world);
    expect(heldBy(await rollout.state("baseline"))).toEqual(state);
  });

  it("stands in no way of what config changes", async () => {
    expect(await outcome(rollout.up("baseline"))).toBe("unchanged");
    await rollout.edit("baseline", ["cutover:rollout", "topics", "ops"], []);
    expect(await outcome(rollout.up("baseline"))).toBe("updated");
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("goes through where its protection is taken away; then abort and status say what is gone, and what is left", async () => {
    const { folder } = rollout.project;
    const { region, endpoint } = ground.sandbox.aws;
    const env = { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint };
    const abort = (name: string) =>
      abortCommand({ folder, rollout: name, all: true, env, print: () => {} }).catch(
        (error: Error) => error.message,
      );
    await rollout.must(["state", "unprotect", "--all", "--yes", "--stack", "baseline"]);
    await deleteVersions(ground.sandbox.aws);
    const run = await destroy();
    expect(run.code, run.stdout + run.stderr).toBe(0);
    const said = await abort("kept");
    expect(said).toContain("NOTHING WAS LOWERED: the flag store of kept was deleted");
    expect(said).toMatch(/there is alarm kept-stageA-/);
    expect(said).toMatch(/Make it anew, with every flag off: npm .*pulumi up -s baseline/);
    expect(said).toContain("Restart every server");
    const other = await abort("kep");
    expect(other).toContain("The flags of kep were not found");
    expect(other).not.toContain("NOTHING WAS LOWERED");
    let shown = "";
    const screen = { write: (text: string) => (shown += text), isTTY: false };
    expect(await statusCommand({ folder, env, screen })).toBe(EXIT.blocked);
    expect(shown.replaceAll(/\s+/g, " ")).toContain("the flag store of kept was deleted");
  });
});
