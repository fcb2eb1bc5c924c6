import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCutover } from "../../cli/rehearse/command";
import type { FlagSpecs } from "../../src/flags/flags";
import { readLedger } from "../../src/flags/readLedger";
import { loadRollout } from "../../src/rollout/load";
import { Ground, OFF, outcome, READ, STACKS, type TestRollout, WRITE } from "./harness";
import { SPECS } from "./testRollout";

/** How the flags are declared beside those of every test. */
const DECLARED = {
  RATE_LIMIT: { kind: "states", states: ["only", "off", "shadow", "enforce"], off: "off" },
  SHARE: { kind: "percentage", requires: [{ flag: "RATE_LIMIT", atLeast: "shadow" }] },
};
const MORE: FlagSpecs = {
  ...SPECS,
  RATE_LIMIT: { kind: "states", states: DECLARED.RATE_LIMIT.states, off: "off", requires: [], writes: false },
  SHARE: { kind: "percentage", off: 0, requires: [], writes: false },
};
const VALUES = {
  baseline: { RATE_LIMIT: "off", SHARE: 0 },
  stageA: { RATE_LIMIT: "shadow", SHARE: 0.5 },
  stageB: { RATE_LIMIT: "enforce", SHARE: 99.9 },
} as const;

describe("states and decimals", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("values", { abortSwitch: true });
    for (const [flag, spec] of Object.entries(DECLARED))
      await rollout.edit("baseline", ["cutover:rollout", "flags", flag], spec);
    for (const stack of STACKS)
      for (const [flag, value] of Object.entries(VALUES[stack]))
        await rollout.edit(stack, ["cutover:stage", "flags", flag], value);
  });
  afterAll(() => ground?.close());

  const live = async () => (await readLedger(await rollout.ledgerStore(), MORE)).live?.flags;
  const cutover = (words: readonly string[]) =>
    runCutover({ sandbox: ground.sandbox, project: rollout.project }, words);

  it("are words to Pulumi and to us, in quotes or not, also in a file that Pulumi wrote", async () => {
    const off = async () => {
      const { stages, flags } = loadRollout(rollout.project.folder);
      expect(flags.RATE_LIMIT).toMatchObject({ states: DECLARED.RATE_LIMIT.states, off: "off" });
      expect(stages[0]?.flags.RATE_LIMIT).toBe("off");
      const { stdout } = await rollout.must(["config", "get", "cutover:stage", "--stack", "baseline"]);
      expect(JSON.parse(stdout)).toMatchObject({ flags: { RATE_LIMIT: "off" } });
      return /RATE_LIMIT: .*/.exec(await readFile(rollout.file("baseline"), "utf8"))?.[0];
    };
    expect(await off()).toBe("RATE_LIMIT: off");
    await rollout.must(["config", "set", "team", "search", "--stack", "baseline"]);
    expect(await off()).toBe("RATE_LIMIT: off");
    const path = ["--path", "cutover:stage.flags.RATE_LIMIT", "off"];
    await rollout.must(["config", "set", ...path, "--stack", "baseline"]);
    // Pulumi writes a value in the place of another as that was written.
    expect(await off()).toBe("RATE_LIMIT: off");
    await rollout.edit("baseline", ["cutover:stage", "flags", "RATE_LIMIT"], undefined);
    await rollout.must(["config", "set", ...path, "--stack", "baseline"]);
    expect(await off()).toBe('RATE_LIMIT: "off"');
  });

  it("are promoted, and a second up changes nothing", async () => {
    await rollout.bringUp("baseline");
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
    expect(await live()).toEqual({ ...READ, ...VALUES.stageA });
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    const status = await cutover(["status"]);
    expect(status.stdout).toMatch(/RATE_LIMIT +shadow/);
    expect(status.stdout).toMatch(/SHARE +0\.5 %/);
  });

  it("are held by AppConfig itself to what they require", async () => {
    await expect(rollout.deploy({ ...READ, RATE_LIMIT: "only", SHARE: 0.5 })).rejects.toThrow();
    await expect(rollout.deploy({ ...READ, RATE_LIMIT: "Shadow", SHARE: 0 })).rejects.toThrow();
    expect(await live()).toEqual({ ...READ, ...VALUES.stageA });
  });

  it("come down one stage, and then all the way", async () => {
    await rollout.bringUp("stageB");
    expect(await live()).toEqual({ ...WRITE, ...VALUES.stageB });
    expect((await cutover(["abort", "-s", "stageB", "--reason", "values"])).code).toBe(0);
    expect(await live()).toEqual({ ...READ, ...VALUES.stageA });
    expect((await cutover(["abort", "-s", "stageA", "--reason", "values"])).code).toBe(0);
    expect(await live()).toEqual({ ...OFF, ...VALUES.baseline });
  });
});
