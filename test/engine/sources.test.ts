import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../cli/rehearse/up";
import { emulated } from "../../sandbox/aws/emulated";
import type { Verdict } from "../../src/gates/judge";
import { openProxy, type Passage } from "../src/probe/proxy";
import { type AwsProxy, startAwsProxy } from "./awsProxy";
import { Ground, OFF, outcome, READ, type TestRollout, until } from "./harness";
import { worldOf } from "./listing";
import { created } from "./state";

const METRICS = /^GetMetricData$/;
const LOCK = 11;

const gate = (row: string, ...path: string[]) => ["cutover:stage", "entry", row, ...path];

/**
 * Faults of what gates are measured from, one after another, against one promotion of stageA. Nothing is mended by
 * hand in between: the fault itself goes away, and that has to be enough.
 */
describe("while gates are measured", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let aws: AwsProxy;
  let database: Passage;

  beforeAll(async () => {
    ground = await Ground.open();
    [aws, database] = await Promise.all([
      startAwsProxy(ground.sandbox.aws.endpoint),
      openProxy(ground.sandbox.postgres),
    ]);
    rollout = await ground.rollout("faults", { stacks: ["baseline", "stageA"] });
    await rollout.edit("baseline", ["cutover:rollout", "database", "port"], database.port);
    // Waits for whoever holds the lock, so that a test knows when gates are being measured.
    await rollout.edit("stageA", gate("A5"), {
      title: "Nobody holds the lock",
      source: "sql",
      query: `select count(*) from patches, (select pg_advisory_xact_lock_shared(${LOCK})) as lock`,
      expect: { gt: 0 },
      timeout: "30s",
    });
    await rollout.edit("stageA", gate("A6"), {
      title: "The workspace is in use",
      source: "metric",
      namespace: "Faults",
      name: "Requests",
      statistic: "Sum",
      window: "soak",
      // One datum, put right after the flip, is all that there is.
      every: "1s",
      gaps: { atMost: "100%" },
      minSamples: 1,
      expect: { gt: 0 },
    });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    const client = new CloudWatchClient(emulated(ground.sandbox.aws));
    // A window begins with the first whole second after the flip.
    await sleep(1_000);
    await client.send(
      new PutMetricDataCommand({
        Namespace: "Faults",
        MetricData: [{ MetricName: "Requests", Value: 7, StorageResolution: 1 }],
      }),
    );
    client.destroy();
  });
  afterAll(async () => {
    await Promise.all([aws?.stop(), database?.close()]);
    await ground?.close();
  });

  /** An `up` of stageA that is blocked by one gate alone, and leaves everything as it was. */
  async function blockedBy(
    row: string,
    words: readonly (string | RegExp)[],
    up: () => Promise<Run & { code: number }>,
    alsoHit: (verdict: Verdict) => boolean = () => false,
  ): Promise<void> {
    const world = await worldOf(rollout);
    const run = await up();
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.code).not.toBe(0);
    const open = run.verdicts.filter(
      (verdict) => verdict.outcome !== "pass" && (verdict.gate === row || !alsoHit(verdict)),
    );
    expect(open.map((verdict) => `${verdict.gate} ${verdict.outcome}`)).toEqual([`${row} inconclusive`]);
    expect(run.output).toMatch(new RegExp(`${row}\\s*│\\s*INCONCLUSIVE`));
    const { observed, remedy } = open[0] ?? {};
    for (const word of words) expect(`${observed}. ${remedy}`).toMatch(word);
    expect(await worldOf(rollout)).toEqual(world);
    expect(created(await rollout.state("stageA"))).toEqual([]);
    expect(await rollout.liveFlags()).toEqual(OFF);
  }

  const announced = () =>
    ground.webhook.delivered.flatMap(({ subject }) => (subject?.includes(" C1: ") ? [subject] : []));

  it("CloudWatch throttles all the way: inconclusive, so blocked", async () => {
    const recover = aws.throttle(METRICS, 100);
    await blockedBy("A6", [/^throttled: /, "Wait a minute"], () =>
      rollout.up("stageA", { env: { AWS_ENDPOINT_URL: aws.url } }),
    );
    expect(aws.calls.filter(({ name }) => METRICS.test(name)).length).toBeGreaterThan(1);
    recover();
  });

  it("a query runs past its timeout, since its table is locked: inconclusive, so blocked", async () => {
    await rollout.edit("stageA", gate("A1", "timeout"), "300ms");
    const holder = await rollout.pool.connect();
    try {
      await blockedBy("A1", [/^timeout: .*statement timeout/, "raise the gate's timeout"], async () => {
        await holder.query("begin; lock table schema_migrations in access exclusive mode");
        const run = await rollout.up("stageA");
        await holder.query("rollback");
        return run;
      });
    } finally {
      holder.release(true);
    }
  });

  it("the database goes away: inconclusive, so blocked", async () => {
    const holder = await rollout.pool.connect();
    try {
      await blockedBy(
        "A5",
        [/^unreachable: /, "Make the source reachable"],
        async () => {
          await holder.query(`select pg_advisory_lock(${LOCK})`);
          const running = rollout.up("stageA");
          await until("the gate waits", async () => {
            const { rowCount } = await holder.query(
              "select 1 from pg_locks where locktype = 'advisory' and not granted",
            );
            return rowCount === 1;
          });
          await database.close();
          const run = await running;
          await holder.query(`select pg_advisory_unlock(${LOCK})`);
          await database.open();
          return run;
          // Other queries may be on their way to it just then.
        },
        ({ outcome, observed }) => outcome === "inconclusive" && observed.startsWith("unreachable: "),
      );
    } finally {
      holder.release(true);
    }
  });

  it("the pack's config disables or softens its rules: the stage itself blocks, with the same table", async () => {
    const file = join(rollout.project.folder, "pack-config.json");
    await rollout.pool.query("delete from schema_migrations where version = '013'");
    // Against a rule that only the pack has; nothing is left of it where the pack is disabled.
    await rollout.edit("stageA", ["cutover:stage", "soak"], "1h");
    const world = await worldOf(rollout);
    for (const level of ["disabled", "advisory"]) {
      await writeFile(file, JSON.stringify({ all: level }));
      const run = await rollout.up("stageA", { env: { PULUMI_OPTION_POLICY_PACK_CONFIG: file } });
      expect(run.outcome, run.output).toBe("blocked");
      expect(run.account.violations).toEqual([]);
      expect(run.output.includes("[advisory]  soak-long-enough")).toBe(level === "advisory");
      expect(run.account.errors.join("\n")).toMatch(/A1\s*│\s*FAIL/);
      expect(await worldOf(rollout)).toEqual(world);
      expect(created(await rollout.state("stageA"))).toEqual([]);
    }
    await rollout.edit("stageA", ["cutover:stage", "soak"], "24h");
    await rollout.pool.query("insert into schema_migrations (version) values ('013')");
  });

  it("AppConfig refuses the flip itself: what people were told is taken back", async () => {
    await rollout.edit("stageA", ["cutover:stage", "messages"], {
      C1: { title: "Reads are about to be enabled", to: ["ops"], when: "before" },
    });
    const recover = aws.throttle(/^POST .*\/deployments/, 100);
    const run = await rollout.up("stageA", { env: { AWS_ENDPOINT_URL: aws.url } });
    recover();
    expect(run.outcome, run.output).toBe("failed");
    expect(run.output).toContain("told people that it did not happen: C1 to ops");
    await until("both are delivered", () => announced().length === 2);
    expect(announced()).toEqual([
      "faults stageA C1: Reads are about to be enabled",
      "faults stageA C1: Reads are about to be enabled (DID NOT HAPPEN)",
    ]);
    expect(await rollout.liveFlags()).toEqual(OFF);
  });

  it("CloudWatch throttles, then recovers: after all these faults, a plain up promotes", async () => {
    const before = aws.calls.length;
    aws.throttle(METRICS, 2);
    const run = await rollout.up("stageA", { env: { AWS_ENDPOINT_URL: aws.url } });
    expect(run.outcome, run.output).toBe("promoted");
    expect(run.verdicts.map((verdict) => verdict.outcome)).toEqual(["pass", "pass", "pass", "pass", "pass"]);
    // Twice refused, then answered, and asked again for the last look; the guards are looked at four times beside.
    const asked = aws.calls.slice(before).filter(({ name }) => METRICS.test(name));
    expect(asked).toHaveLength(8);
    const { live, history } = await rollout.ledger();
    expect(live?.flags).toEqual(READ);
    expect(history).toHaveLength(2);
    await until("it is announced anew", () => announced().length === 3);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
  });
});
