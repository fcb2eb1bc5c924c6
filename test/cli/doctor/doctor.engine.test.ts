import { delimiter, dirname } from "node:path";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { doctorCommand } from "../../../cli/doctor/run";
import { type DoctorView, doctorView } from "../../../cli/doctor/schema";
import { emulated } from "../../../sandbox/aws/emulated";
import { type AwsProxy, startAwsProxy } from "../../engine/awsProxy";
import { Ground, outcome, SLOW, type TestRollout } from "../../engine/harness";

describe("doctor", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let proxy: AwsProxy;

  beforeAll(async () => {
    ground = await Ground.open();
    vi.stubEnv("AWS_REGION", ground.sandbox.aws.region);
    proxy = await startAwsProxy(ground.sandbox.aws.endpoint);
    rollout = await ground.rollout("examined", { scale: SLOW, abortSwitch: true });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await proxy?.stop();
    await ground?.close();
  });

  async function doctor(
    of = rollout,
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; view: DoctorView }> {
    const { sandbox } = ground;
    const written: string[] = [];
    const PATH = [dirname(sandbox.engine.pulumi), process.env.PATH].join(delimiter);
    const code = await doctorCommand({
      folder: of.project.folder,
      json: true,
      within: "120s",
      env: { ...sandbox.env, PATH, ...env },
      screen: { write: (text) => written.push(text) },
    });
    return { code, view: doctorView.parse(JSON.parse(written.join(""))) };
  }

  const wrong = ({ lines }: DoctorView) =>
    lines.filter(({ state }) => state === "fault" || state === "unknown");

  it("has nothing to mend before the first up, and says what that makes", async () => {
    const { code, view } = await doctor();
    expect(wrong(view)).toEqual([]);
    expect(code).toBe(0);
  });

  it("has nothing to mend once stages are up", async () => {
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    const { code, view } = await doctor();
    expect(wrong(view)).toEqual([]);
    expect(code).toBe(0);
  });

  it("finds ten faults at once, each by its name", async () => {
    const sick = await ground.rollout("sick", { scale: SLOW, abortSwitch: true, migrated: "013" });
    // A migration that did not run.
    await sick.pool.query("drop table user_workspace_roles");
    const stage = (...path: string[]) => ["cutover:stage", ...path];
    // Nobody listens there.
    const nobody = "http://127.0.0.1:1";
    await sick.edit("baseline", ["cutover:rollout", "service"], { url: nobody });
    await sick.edit("baseline", ["cutover:rollout", "servers"], {
      urls: ["http://127.0.0.1:2"],
      path: "/flags",
    });
    await sick.edit("stageA", stage("smoke", "T1"), {
      title: "The queue answers",
      source: "http",
      request: { path: "/queue", as: "admin" },
    });
    await sick.edit("stageA", stage("smoke", "M1"), {
      title: "No error at all",
      source: "metric",
      namespace: "OpsView",
      name: "NobodyPublishesThis",
      statistic: "Sum",
      window: "5m",
      minSamples: 1,
      expect: { eq: 0 },
    });
    await sick.edit("stageA", stage("abort", "XA1", "metric", "name"), "Server5xxx");
    await sick.edit("stageA", stage("abort", "XA9"), {
      title: "Audit events are lost",
      logs: { group: "/ecs/nobody", pattern: '"could not write"' },
      threshold: { gt: 0 },
      action: "page",
    });
    await sick.edit("stageB", stage("snapshot", "instance"), "no-such-db");
    await sick.edit("stageB", ["aws:region"], "eu-west-3");
    const past = new Date(Date.now() - 3_600_000).toUTCString();
    const undo = [
      proxy.reply(/account-settings/, {
        status: 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 },
        }),
      }),
      proxy.reply(/GetCallerIdentity/, {
        status: 200,
        headers: { "content-type": "text/xml", date: past },
        body: CALLER,
      }),
    ];
    vi.stubEnv("AWS_ENDPOINT_URL", proxy.url);
    try {
      const { code, view } = await doctor(sick, { AWS_ENDPOINT_URL: proxy.url });
      const names = wrong(view).map(({ group, name }) => `${group}: ${name}`);
      expect(names.sort()).toEqual(
        [
          "AWS: clock",
          "AWS: region",
          `Database: what ${ground.sandbox.postgres.host} has`,
          "Database: stageA A4",
          "Database: stageA A4",
          "Network: service 127.0.0.1:1",
          "Network: server 127.0.0.1:2",
          "Servers: 127.0.0.1:2",
          "Gates: stageA T1",
          "Gates: stageA M1",
          "Gates: stageB snapshot",
          "Abort rows: stageA XA1",
          "Abort rows: stageA XA9",
          "Quotas: Lambda concurrency",
        ].sort(),
      );
      // Each says what to do, and those of the stack files where they are written.
      expect(wrong(view).filter(({ remedy = "" }) => remedy.length < 10)).toEqual([]);
      const at = (name: string) => wrong(view).find((one) => one.name === name)?.where;
      expect(at("stageA T1")).toMatch(/^Pulumi\.stageA\.yaml:\d+ cutover:stage\.smoke\.T1$/);
      expect(at("stageB snapshot")).toMatch(/^Pulumi\.stageB\.yaml:\d+ cutover:stage\.snapshot\.instance$/);
      expect(code).toBe(1);
    } finally {
      for (const back of undo) back();
      vi.stubEnv("AWS_ENDPOINT_URL", ground.sandbox.aws.endpoint);
    }
  });

  it("tells of each row and gate whether nobody publishes it, and what to do", async () => {
    const quiet = await ground.rollout("quiet", { scale: SLOW, abortSwitch: true });
    const row = (name: string, more: object = {}) => ({
      title: `${name} is too high`,
      metric: { namespace: "Quiet", name, statistic: "Sum", period: "10s" },
      threshold: { gt: 0 },
      missingData: "notBreaching",
      action: "page",
      ...more,
    });
    const rows = {
      XA11: row("NobodyRequests"),
      XA12: row("Dimensioned"),
      XA13: row("Stopped"),
      XA14: row("Seldom", { missingData: "breaching" }),
      XA15: row("Filled"),
    };
    for (const [id, one] of Object.entries(rows))
      await quiet.edit("stageA", ["cutover:stage", "abort", id], one);
    const MINUTE = 60_000;
    const now = Date.now();
    const at = (name: string, value: number, ...minutes: number[]) =>
      minutes.map((one) => ({ MetricName: name, Value: value, Timestamp: new Date(now - one * MINUTE) }));
    const client = new CloudWatchClient(emulated(ground.sandbox.aws));
    await client.send(
      new PutMetricDataCommand({
        Namespace: "Quiet",
        MetricData: [
          ...at("Dimensioned", 0, 2).map((one) => ({
            ...one,
            Dimensions: [{ Name: "Server", Value: "ops-1" }],
          })),
          ...at("Stopped", 0, 300),
          ...at("Seldom", 1, 90, 60, 30, 10, 4),
          ...at("Filled", 0, 9, 8),
          ...at("Filled", 1, 6, 4),
        ],
      }),
    );
    client.destroy();
    const { code, view } = await doctor(quiet);
    const told = wrong(view).map(({ name, what, remedy }) => [name, what, remedy] as const);
    expect(told.map(([name]) => name).sort()).toEqual([
      "stageA XA11",
      "stageA XA12",
      "stageA XA13",
      "stageA XA14",
    ]);
    const of = (row: string) =>
      told
        .find(([name]) => name === `stageA ${row}`)
        ?.slice(1)
        .join(" → ");
    expect(of("XA11")).toMatch(/^Quiet NobodyRequests has never had data .* → .*metrics\.signal\("Nobody"\)/);
    expect(of("XA12")).toMatch(
      /only with other dimensions than none: \{"Server":"ops-1"\} → .*Pulumi\.stageA\.yaml/,
    );
    expect(of("XA13")).toMatch(/had its last data 5 h( \d+ \w)* ago, .* → .*metrics\.count\("Stopped"\)/);
    expect(of("XA14")).toMatch(
      /not zero-filled: .* 5 of \d+ periods of 1 m, .* → .*metrics\.count\("Seldom"\)/,
    );
    expect(code).toBe(1);
  });

  it("tells credentials that have expired once, and all else all the same", async () => {
    const undo = proxy.reply(/GetCallerIdentity/, {
      status: 403,
      headers: { "content-type": "text/xml" },
      body: EXPIRED,
    });
    vi.stubEnv("AWS_ENDPOINT_URL", proxy.url);
    try {
      const { code, view } = await doctor(rollout, { AWS_ENDPOINT_URL: proxy.url });
      expect(wrong(view).map(({ group, name }) => `${group}: ${name}`)).toEqual([
        "AWS: identity",
        "AWS: not looked at",
      ]);
      expect(wrong(view)[0]?.what).toMatch(/does not take the credentials/);
      expect(view.lines.filter(({ group }) => group === "Database").length).toBeGreaterThan(3);
      expect(code).toBe(1);
    } finally {
      undo();
      vi.stubEnv("AWS_ENDPOINT_URL", ground.sandbox.aws.endpoint);
    }
  });

  it("leaves flags, state and database as they were", async () => {
    const before = [await rollout.ledger(), await rollout.state("baseline"), await rollout.state("stageA")];
    await doctor();
    const after = [await rollout.ledger(), await rollout.state("baseline"), await rollout.state("stageA")];
    expect(after).toEqual(before);
  });
});

const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::000000000000:root</Arn><UserId>AIDA</UserId><Account>000000000000</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

const EXPIRED = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>`;
