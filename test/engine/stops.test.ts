import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { beforeAll, describe, expect, it } from "vitest";
import { abortCommand } from "../../cli/abort/run";
import { holdCommand } from "../../cli/hold/run";
import { emulated } from "../../sandbox/aws/emulated";
import { writeNote } from "../../src/flags/ledger";
import { OFF, outcome, READ, type TestRollout, WRITE } from "./harness";
import { DEPLOYMENT, FLAG_VERSION, SNAPSHOT, underProxy } from "./proxied";

const ALARMS = /^DescribeAlarms$/;

const at = underProxy();

/** Break-glass as a person types it, in the rollout's folder. Returns what it prints. */
async function abort(
  rollout: TestRollout,
  stage: string,
  reason = "on-call has seen enough",
): Promise<string> {
  const printed: string[] = [];
  const { folder } = rollout.project;
  const print = (line: string) => void printed.push(line);
  const code = await abortCommand({ stage, reason, folder, print, env: inRegion() });
  return `${printed.join("\n")}\nexit ${code}`;
}

/** As in the shell of whoever is on call. */
const inRegion = () => ({ ...process.env, AWS_REGION: at.ground.sandbox.aws.region });

const attempt = (rollout: TestRollout, stack: "stageA" | "stageB", number: number) =>
  rollout.edit(stack, ["cutover:stage", "attempt"], number);

/** One rollout, in which something comes at every moment of a promotion. Each test leans on those before it. */
describe("stopped means stopped:", () => {
  let rollout: TestRollout;
  /** Brings stage B up, which has to be refused without any flag going up. */
  const refused = async (said: RegExp, given: Record<string, string> = {}) => {
    const run = await rollout.up("stageB", { env: given });
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output.replaceAll(/\s+/g, " ")).toMatch(said);
    return run;
  };

  beforeAll(async () => {
    rollout = await at.ground.rollout("stopped", { abortSwitch: true });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
  });

  it("an attempt that was stopped before its first run stays down", async () => {
    const said = await abort(rollout, "stageB");
    expect(said).toMatch(/stopped in deployment 3: attempt 1 of stageB is not promoted any more/);
    expect(said).toMatch(/to go on: set attempt: 2 in Pulumi.stageB.yaml.*\nexit 0$/);
    await refused(/attempt 1 was stopped by hand .* in deployment 3: on-call has seen enough/);
    expect((await rollout.ledger()).live).toMatchObject({
      deployment: 3,
      flags: READ,
      note: { kind: "stop", stage: "stageB", attempt: 1, by: expect.stringContaining("arn:aws:") },
    });
  });

  it("the soak and the run of stage A go on through a stop of stage B", async () => {
    const { live, history } = await rollout.ledger();
    expect(live?.completedAt).toBe(history.find(({ deployment }) => deployment === 2)?.completedAt);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
  });

  it("an abort of the stage before, in the middle of the last look, is found", async () => {
    await attempt(rollout, "stageB", 2);
    at.proxy.before(FLAG_VERSION, async () =>
      at.proxy.after(ALARMS, async () => {
        await abort(rollout, "stageA");
      }),
    );
    await refused(
      /deployment 4 \(the abort of stageA, attempt 1: on-call has seen enough\)|deployment 4 /,
      at.env,
    );
    expect(at.proxy.calls.some(({ name }) => DEPLOYMENT.test(name))).toBe(false);
    expect(await rollout.liveFlags()).toEqual(OFF);
    await attempt(rollout, "stageA", 2);
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
  });

  it("a stop between the last look and the flip makes AppConfig refuse the flip", async () => {
    at.proxy.before(DEPLOYMENT, async () => {
      expect(await abort(rollout, "stageB")).toContain("attempt 2 of stageB is not promoted any more");
    });
    await refused(
      /last look refuses .* deployment 6 \(the stop of stageB, attempt 2: on-call has seen enough\) came after/,
      at.env,
    );
    expect(at.proxy.calls.some(({ name }) => DEPLOYMENT.test(name))).toBe(true);
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("a stop while the snapshot is taken is recorded, and refuses the promotion", async () => {
    await attempt(rollout, "stageB", 3);
    at.proxy.after(SNAPSHOT, async () => {
      expect(await abort(rollout, "stageB")).toContain("attempt 3 of stageB is not promoted any more");
    });
    await refused(/attempt 3 was stopped by hand/, at.env);
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("nothing goes up while it is held, and what is held may go up once it is released", async () => {
    const { folder } = rollout.project;
    const print = () => {};
    expect(
      await holdCommand("hold", { reason: "the database is moved", folder, print, env: inRegion() }),
    ).toBe(0);
    await attempt(rollout, "stageB", 4);
    await refused(
      /is held since .* by arn:aws:.*: the database is moved.* run cutover -- release --rollout \S+ /,
    );
    expect(await holdCommand("release", { folder, print, env: inRegion() })).toBe(0);
  });

  it("an alarm that rings between the last look and the flip takes the flags down in the same run", async () => {
    const cloudwatch = new CloudWatchClient(emulated(at.ground.sandbox.aws));
    const ring = (StateValue: "ALARM" | "OK") =>
      cloudwatch.send(
        new SetAlarmStateCommand({
          AlarmName: "stopped-stageB-XB1",
          StateValue,
          StateReason: "a write failed",
        }),
      );
    at.proxy.before(DEPLOYMENT, async () => {
      await ring("ALARM");
    });
    const run = await rollout.up("stageB", { env: at.env });
    expect(run.outcome, run.output).toMatch(/aborted|blocked/);
    expect(await rollout.liveFlags()).toEqual(READ);
    await ring("OK");
    cloudwatch.destroy();
    const { history } = await rollout.ledger();
    expect(history.filter(({ note }) => note?.stage === "stageB" && note.attempt > 4)).toEqual([]);
  });

  it("a written reason lowers to a stage that was promoted before, whatever its attempt", async () => {
    await attempt(rollout, "stageB", 5);
    expect(await outcome(rollout.up("stageB"))).toBe("promoted");
    await rollout.edit("stageA", ["cutover:stage", "lower"], { reason: "writes have to wait" });
    const preview = await rollout.up("stageA", { preview: true });
    expect(preview.report?.plan).toMatchObject({ kind: "lower", to: READ });
    expect(await rollout.liveFlags()).toEqual(WRITE);
    const run = await rollout.up("stageA");
    expect(run.code, run.output).toBe(0);
    expect(run.output).toMatch(/Lowered to .* writes have to wait/);
    expect((await rollout.ledger()).live).toMatchObject({
      flags: READ,
      note: { kind: "lower", stage: "stageA", attempt: 2, reason: "writes have to wait" },
    });
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    await rollout.edit("stageA", ["cutover:stage", "lower"], undefined);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
  });

  it("an abort names the attempt that is live, though config is ahead of it", async () => {
    await attempt(rollout, "stageB", 6);
    expect(await outcome(rollout.up("stageB"))).toBe("promoted");
    await attempt(rollout, "stageB", 7);
    expect(await abort(rollout, "stageB")).toContain("attempt 6 of stageB is not promoted any more");
    expect((await rollout.ledger()).live).toMatchObject({ flags: READ, note: { kind: "abort", attempt: 6 } });
  });

  it("the old document under a copied note is somebody else's, and ground for nothing", async () => {
    const { history } = await rollout.ledger();
    const copied = history.find(
      ({ note }) => note?.kind === "promote" && note.stage === "stageB" && note.attempt === 6,
    );
    const number = await rollout.deploy(WRITE, copied?.note);
    const { live } = await rollout.ledger();
    expect(live).toMatchObject({
      deployment: number,
      foreign: expect.stringContaining("it says that it follows"),
    });
    expect(live?.note).toBeUndefined();
    await refused(
      new RegExp(`put there by deployment ${number}, which cutover did not make: its note is not true`),
    );
    await abort(rollout, "stageB");
  });
});

describe("what merely looks promoted", () => {
  it("is no ground for the next stage, and can be promoted itself once an abort has put the ledger right", async () => {
    const rollout = await at.ground.rollout("stranger");
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    await rollout.deploy(WRITE);
    expect(await abort(rollout, "stageB")).toMatch(/after +OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE false/);
    await attempt(rollout, "stageB", 2);
    const early = await rollout.up("stageB");
    expect(early.outcome, early.output).toBe("blocked");
    expect(early.output).toMatch(
      /follows stageA, but live is no stage .*Promote stageA first: .*up -s stageA/,
    );
    const stageA = await rollout.up("stageA");
    expect(stageA.outcome, stageA.output).toBe("promoted");
    expect((await rollout.ledger()).live).toMatchObject({
      flags: READ,
      note: { kind: "promote", stage: "stageA" },
    });
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    expect(await outcome(rollout.up("stageB"))).toBe("promoted");
  });
});

/** As the version before this one left a live stage: a declared deployment, and a note without number and version. */
describe("a stage that the version before this one promoted", () => {
  it("goes on: its stack is adopted without any flag changing, and the next stage is promoted", async () => {
    const rollout = await at.ground.rollout("older");
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
    const before = await rollout.ledger();
    await age(rollout);
    const blocked = await rollout.up("stageB");
    expect(blocked.outcome, blocked.output).toBe("blocked");
    expect(blocked.output).toMatch(/its record cannot be read .*pulumi up -s stageA/s);
    const run = await rollout.up("stageA");
    expect(run.code, run.output).toBe(0);
    expect((await rollout.ledger()).history.map(({ deployment }) => deployment)).toEqual(
      before.history.map(({ deployment }) => deployment),
    );
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    expect(await outcome(rollout.up("stageB"))).toBe("promoted");
  });

  interface Exported {
    deployment: {
      resources: { urn: string; type: string; outputs?: Record<string, unknown>; [key: string]: unknown }[];
    };
  }

  /** Puts the deployment into the state in place of the flip, and takes the output away that was not there. */
  async function age(rollout: TestRollout): Promise<void> {
    const file = join(rollout.project.folder, "older.json");
    await rollout.must(["stack", "export", "--stack", "stageA", "--file", file]);
    const state = JSON.parse(await readFile(file, "utf8")) as Exported;
    const { resources } = state.deployment;
    const { live } = await rollout.ledger();
    const version = resources.find(({ type }) => type.endsWith(":HostedConfigurationVersion"));
    const flip = resources.find(({ urn }) => urn.endsWith("::stageA-flip"));
    const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    if (!flip || !version || !live || !stack) throw new Error("the state is not as expected");
    const outputs = await rollout.ledgerStore();
    const inputs = {
      applicationId: outputs.applicationId,
      configurationProfileId: outputs.profileId,
      configurationVersion: live.configurationVersion,
      deploymentStrategyId: String((await rollout.outputs("baseline")).strategyId),
      description: writeNote({
        cutover: 1,
        rollout: rollout.name,
        kind: "promote",
        stage: "stageA",
        attempt: 1,
      }),
      environmentId: outputs.environmentId,
    };
    const urn = flip.urn.replace(
      /\$pulumi:index:Stash::stageA-flip$/,
      "$aws:appconfig/deployment:Deployment::stageA-flags",
    );
    const id = `${inputs.applicationId}/${inputs.environmentId}/${live.deployment}`;
    const { delete: _, ...rest } = flip;
    Object.assign(flip, rest, {
      urn,
      id,
      type: "aws:appconfig/deployment:Deployment",
      inputs,
      outputs: {
        ...inputs,
        arn: `arn:aws:appconfig:us-east-1:000000000000:application/${id}`,
        deploymentNumber: live.deployment,
        region: "us-east-1",
        state: "COMPLETE",
        tagsAll: {},
      },
      provider: version.provider,
    });
    delete flip.replacementTrigger;
    delete flip.resourceHooks;
    const renamed = JSON.stringify(state).replaceAll(
      /\$pulumi:index:Stash::stageA-flip(?=")/g,
      "$aws:appconfig/deployment:Deployment::stageA-flags",
    );
    const aged = JSON.parse(renamed) as Exported;
    const top = aged.deployment.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    if (top?.outputs) delete top.outputs.promotion;
    await writeFile(file, JSON.stringify(aged));
    await rollout.must(["stack", "import", "--stack", "stageA", "--file", file]);
  }
});
