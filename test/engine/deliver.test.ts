import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCutover } from "../../cli/rehearse/command";
import { PROGRAM } from "../../cli/sandbox/project";
import { emulated } from "../../sandbox/aws/emulated";
import { RENDER } from "../../sandbox/platforms/render";
import { type Platforms, spawnPlatforms } from "../../sandbox/platforms/start";
import { VERCEL } from "../../sandbox/platforms/vercel";
import { KeptLog } from "../../src/aws/keptLog";
import { deliveriesGroup, deliveryName } from "../../src/aws/names";
import { callDeliveries } from "../../src/delivery/call";
import { deliveredIn } from "../../src/delivery/kept";
import { type DeliveryConfig, deliveryMap, keptAs } from "../../src/delivery/registry";
import { loadRollout } from "../../src/rollout/load";
import { Ground, OFF, outcome, READ, type TestRollout, until, WRITE } from "./harness";
import { SPECS } from "./testRollout";

const SERVICE = { cluster: "production", service: "search" };
const PATH = "/delivered/flags";

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground?.close());

/** A rollout whose flags are carried on to these platforms, each with a server that reads its environment. */
async function delivering(
  name: string,
  declared: Readonly<Record<string, object>>,
): Promise<{ rollout: TestRollout; platforms: Platforms }> {
  const rollout = await ground.rollout(name, { abortSwitch: true });
  const delivery = deliveryMap.parse(declared);
  const platforms = await spawnPlatforms(ground.sandbox, { name, flags: SPECS, delivery });
  for (const [one, config] of Object.entries(declared))
    await rollout.edit("baseline", ["cutover:rollout", "delivery", one], {
      ...config,
      ...platforms.overlay[one],
    });
  return { rollout, platforms };
}

async function delivered(rollout: TestRollout, delivery: string): Promise<number | undefined> {
  const kept = new KeptLog(ground.sandbox.aws.region, deliveriesGroup(rollout.name));
  try {
    const config = loadRollout(rollout.project.folder).delivery?.[delivery] as DeliveryConfig;
    return await deliveredIn(kept, keptAs(delivery, config));
  } finally {
    kept.close();
  }
}

/** The page that one of a delivery's own alarms rings. */
const paged = ({ name }: TestRollout, delivery: string, alarm: "late" | "dlq") =>
  ground.webhook.delivered.find(
    ({ subject, topic }) =>
      topic === `${name}-on-call` && subject?.startsWith(`ALARM: "${deliveryName(name, delivery)}.${alarm}"`),
  );

/** A write fails: stage B comes down by itself. */
async function breach(): Promise<void> {
  const cloudwatch = new CloudWatchClient(emulated(ground.sandbox.aws));
  const MetricData = [{ MetricName: "Write5xx", Value: 1, StorageResolution: 1 }];
  await cloudwatch.send(new PutMetricDataCommand({ Namespace: "OpsView", MetricData }));
  cloudwatch.destroy();
}

/** Once the platform's own server tells these flags; where it never does, with what it tells. */
const serves = (platforms: Platforms, delivery: string, flags: object, timeout = 90_000) =>
  expect.poll(() => platforms.flagsOn(delivery), { timeout }).toEqual(flags);

let first: Awaited<ReturnType<typeof delivering>>;
describe("flags that are delivered", () => {
  let rollout: TestRollout;
  let platforms: Platforms;
  let file: string;
  /** What servers of a host were started with. */
  const started = () => readFile(`${file}.started`, "utf8").catch(() => "");
  beforeAll(async () => {
    first = await delivering("delivered", {
      web: { kind: "vercel", project: VERCEL.project, secret: "delivered/vercel" },
      worker: {
        kind: "render",
        service: RENDER.service,
        secret: "delivered/render",
        names: { OPS_VIEW_DB_READ: "READ_ON" },
        within: "30s",
      },
      tasks: { kind: "ssm", path: PATH, ecs: [SERVICE] },
      // It carries what requires the other one alone: it goes up last, and comes down first.
      own: {
        kind: "webhook",
        url: "https://own.example.com",
        secret: "delivered/own",
        flags: ["OPS_VIEW_DB_WRITE"],
      },
    });
    ({ rollout, platforms } = first);
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    file = join(ground.sandbox.dir, "flags.env");
    const words = [
      "env",
      "--write",
      file,
      "--run",
      `cp ${file} ${file}.started`,
      "-C",
      rollout.project.folder,
    ];
    await ground.sandbox.spawn("env", process.execPath, [join(PROGRAM, "cli", "cutover.mjs"), ...words]);
  });

  it("are up only once the servers of every platform run with them", async () => {
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("promoted");
    expect(run.report?.settlement?.outcome).toBe("settled");
    const { live } = await rollout.ledger();
    for (const name of ["web", "worker", "tasks", "own"])
      expect(await delivered(rollout, name), name).toBe(live?.deployment);
    // Right away, without waiting: that is what the run waited for.
    expect(await platforms.flagsOn("web")).toEqual(READ);
    expect(await platforms.flagsOn("worker")).toEqual(READ);
    expect(await platforms.flagsOn("own")).toEqual({ OPS_VIEW_DB_WRITE: false });
    const version = { CUTOVER_FLAGS_VERSION: String(live?.deployment) };
    expect((await platforms.state("web")).running).toEqual({
      OPS_VIEW_DB_READ: "true",
      OPS_VIEW_DB_WRITE: "false",
      ...version,
    });
    expect((await platforms.state("worker")).running).toEqual({
      READ_ON: "true",
      OPS_VIEW_DB_WRITE: "false",
      ...version,
    });
    await serves(platforms, "tasks", READ);
  });

  it("are plain parameters, and services of ECS whose tasks were started anew", async () => {
    const [ssm, ecs] = [
      new SSMClient(emulated(ground.sandbox.aws)),
      new ECSClient(emulated(ground.sandbox.aws)),
    ];
    const Names = Object.keys(READ).map((name) => `${PATH}/${name}`);
    const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names }));
    expect(Parameters.map(({ Type, Value }) => [Type, Value]).sort()).toEqual([
      ["String", "false"],
      ["String", "true"],
    ]);
    const { services = [] } = await ecs.send(
      new DescribeServicesCommand({ cluster: SERVICE.cluster, services: [SERVICE.service] }),
    );
    expect(services[0]?.deployments).toHaveLength(1);
    ssm.destroy();
    ecs.destroy();
  });

  it("change nothing where nothing has changed", async () => {
    const before = await platforms.state("web");
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    expect(await platforms.state("web")).toEqual(before);
  });

  it("are printed to be pasted, under the names of a delivery", async () => {
    const world = { sandbox: ground.sandbox, project: rollout.project };
    const { live } = await rollout.ledger();
    const printed = await runCutover(world, ["env", "-d", "worker"]);
    expect(printed.stdout.trim().split("\n").sort()).toEqual([
      `CUTOVER_FLAGS_VERSION=${live?.deployment}`,
      "OPS_VIEW_DB_WRITE=false",
      "READ_ON=true",
    ]);
  });

  it("go up on platforms that throttle, take them by halves, forget what they took, and start servers that fail", async () => {
    await platforms.faults("web", { lied: 1, failing: 1 });
    await platforms.faults("worker", { throttled: 1, lied: 1 });
    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("promoted");
    expect(await platforms.flagsOn("web")).toEqual(WRITE);
    expect(await platforms.flagsOn("worker")).toEqual(WRITE);
    expect(await platforms.flagsOn("own")).toEqual({ OPS_VIEW_DB_WRITE: true });
    expect((await platforms.state("web")).starts.map(({ state }) => state)).toContain("failed");
    expect(await platforms.state("web")).toMatchObject({ running: { OPS_VIEW_DB_WRITE: "true" } });
  });

  it("are in a file that a host keeps, whose servers were started by it", async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect
      .poll(started, { timeout: 60_000 })
      .toMatch(/^OPS_VIEW_DB_READ=true\nOPS_VIEW_DB_WRITE=true$/m);
  });

  it("come down in the ledger at a breach, also while a platform takes its time, and then on every other platform", async () => {
    await platforms.faults("worker", { stuck: true });
    await breach();
    await until("the ledger is down", async () => (await rollout.liveFlags())?.OPS_VIEW_DB_WRITE === false);
    expect(await platforms.flagsOn("worker")).toEqual(WRITE);
    await serves(platforms, "web", READ);
    await serves(platforms, "tasks", READ);
    await serves(platforms, "own", { OPS_VIEW_DB_WRITE: false });
    await expect.poll(started, { timeout: 60_000 }).toMatch(/^OPS_VIEW_DB_WRITE=false$/m);
    const page = ground.webhook.delivered.find(
      ({ message }) => /XB1/.test(message) && /^Done:/m.test(message),
    );
    expect(page?.message).toMatch(/Done: .*carries the flags on to web, carries the flags on to worker/);
    // It goes on with the flags of before, until it can start: see the last test.
    expect(await platforms.flagsOn("worker")).toEqual(WRITE);
  });

  it("end in what is live, however often they are delivered at once, and with an abort in between", async () => {
    const call = (...names: string[]) => callDeliveries(ground.sandbox.aws.region, rollout.name, names);
    const starts = async () => (await platforms.state("web")).starts.length;
    const before = await starts();
    await rollout.deploy(WRITE, { kind: "promote", stage: "stageB", attempt: 2 });
    await Promise.all([call("web"), call("web"), call("web")]);
    // While it starts servers with what is live no more.
    await until("a delivery has begun", async () => (await starts()) > before);
    const lowered = await rollout.deploy(OFF, { kind: "abort", stage: "stageB", attempt: 2, row: "XB1" });
    await Promise.all([call("web", "tasks", "own"), call("web")]);
    await until("it is delivered", async () => (await delivered(rollout, "web")) === lowered, 120_000);
    expect(await platforms.flagsOn("web")).toEqual(OFF);
    await serves(platforms, "own", { OPS_VIEW_DB_WRITE: false });
    await serves(platforms, "tasks", OFF);
  });
});

describe("a platform that does not follow", () => {
  let rollout: TestRollout;
  let platforms: Platforms;
  beforeAll(async () => {
    ({ rollout, platforms } = await delivering("late", {
      own: { kind: "webhook", url: "https://own.example.com", secret: "late/own", within: "10s" },
    }));
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
  });

  it("takes the flags down again, and fails the run in words of its own", async () => {
    await platforms.faults("own", { stuck: true });
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("aborted");
    expect(run.output).toMatch(/promoted and taken down again by delivery .*own did not follow within 10 s/);
    expect(run.output).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
    expect(await rollout.liveFlags()).toEqual(OFF);
    await platforms.faults("own", { stuck: false });
    await serves(platforms, "own", OFF);
  });

  it("stays down in this attempt, and is promoted in the next", async () => {
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
    expect(await platforms.flagsOn("own")).toEqual(READ);
  });

  it("that knows its key no more refuses: the run fails, and on-call is paged of it", async () => {
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 3);
    await platforms.faults("own", { refusing: true });
    await rollout.deploy(OFF, { kind: "abort", stage: "stageA", attempt: 2, row: "XA1" });
    await callDeliveries(ground.sandbox.aws.region, rollout.name, ["own"]);
    await until("on-call is paged", () => paged(rollout, "own", "dlq") !== undefined, 120_000);
    expect(await platforms.flagsOn("own")).toEqual(READ);
  });
});

// Last, since an alarm takes minutes: what is stuck since then rings meanwhile.
describe("a platform that is late", () => {
  it("pages on-call, and is reached in the end", async () => {
    const late = () => paged(first.rollout, "worker", "late");
    await until("on-call is paged", () => late() !== undefined, 240_000);
    expect(late()?.message).toMatch(/servers there go on with those of before for longer than 30s/);
    await first.platforms.faults("worker", { stuck: false });
    await serves(first.platforms, "worker", OFF, 180_000);
  });
});
