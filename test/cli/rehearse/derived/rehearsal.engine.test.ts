import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { parseDocument } from "yaml";
import { initCommand } from "../../../../cli/init/run";
import { rowsOf } from "../../../../cli/rehearse/derived/rehearsedRows";
import { rehearse } from "../../../../cli/rehearse/run";
import type { Rehearsal, Step } from "../../../../cli/rehearse/timeline";
import { loadRollout } from "../../../../src/rollout/load";

/** Rollouts of every shape that nobody wrote a script for, rehearsed to their finish on a real engine. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rehearsed-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Given = Omit<Parameters<typeof initCommand>[0], "folder" | "name" | "print">;

async function written(name: string, given: Given) {
  const own = join(folder, name);
  mkdirSync(own);
  expect(await initCommand({ folder: own, name, ...given, print: () => {} })).toBe(0);
  return own;
}

/** Writes another value into a stack file, or takes a key out of it. */
function edit(own: string, stack: string, path: readonly string[], value: unknown): void {
  const file = join(own, `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  if (value === undefined) document.deleteIn(["config", ...path]);
  else document.setIn(["config", ...path], document.createNode(value));
  writeFileSync(file, document.toString());
}

const read = (own: string, suffix = "-quick") =>
  JSON.parse(readFileSync(join(own, ".cutover", `rehearsal${suffix}.json`), "utf8")) as Rehearsal;

const came = (steps: readonly Step[], outcome: Step["outcome"]) =>
  steps.filter((step) => step.outcome === outcome);

/** The values of a flag that servers saw once each stage was promoted for the first time. */
function seen(steps: readonly Step[], stages: readonly string[], flag: string) {
  const promoted = came(steps, "promoted");
  return stages.map((stage) => promoted.find(({ stack }) => stack === stage)?.flagsAfter[flag]);
}

const VPC = { subnetIds: ["subnet-0a1b2c3d4e5f60718"], securityGroupIds: ["sg-0a1b2c3d4e5f60718"] };

/** Only a rehearsal that hangs ever takes as long. */
const HANGS_MS = 1_200_000;

interface Shape {
  readonly what: string;
  readonly name: string;
  readonly given: Given;
  /** Whether its gates are looked at by a function in the VPC. */
  readonly measured?: boolean;
  /** Platforms that its flags are carried on to. */
  readonly delivery?: Readonly<Record<string, object>>;
  /** What its stages raise, in order: a flag, and what servers see of it. */
  readonly raises: Readonly<Record<string, readonly (boolean | number)[]>>;
  /** The row that the one abort is by. */
  readonly aborted: string;
}

const SHAPES: readonly Shape[] = [
  {
    what: "one stage, looked at from within a VPC",
    name: "search",
    measured: true,
    given: { flags: ["SEARCH_READ"], stages: "only", database: "db.internal/shop", tables: ["orders"] },
    raises: { SEARCH_READ: [true] },
    aborted: "XA1",
  },
  {
    what: "flags that are carried on to platforms, whose servers read their environment",
    name: "hosted",
    given: { flags: ["HOSTED_READ", "HOSTED_SHARE:percentage"], stages: "only" },
    delivery: {
      web: {
        kind: "vercel",
        project: "prj_own",
        team: "team_12345678",
        secret: "hosted/vercel",
        within: "2m",
      },
      worker: { kind: "render", service: "srv-own1234567", secret: "hosted/render", within: "2m" },
      tasks: {
        kind: "ssm",
        path: "/hosted/flags",
        ecs: [{ cluster: "production", service: "hosted" }],
        within: "2m",
      },
    },
    raises: { HOSTED_READ: [true], HOSTED_SHARE: [100] },
    aborted: "XA1",
  },
  {
    what: "booleans of which one writes, with tables and gates on metrics of its own",
    name: "orders-v2",
    given: {
      flags: ["ORDERS_READ", "ORDERS_WRITE"],
      writes: ["ORDERS_WRITE"],
      stages: "reads,writes",
      snapshot: "instance:shop-db",
      database: "db.internal/shop",
      tables: ["orders", "customers"],
      namespace: "Shop",
      errors: "Http5xx",
      requests: "HttpRequests",
      latency: "LatencyMs:500",
    },
    raises: { ORDERS_READ: [true, true], ORDERS_WRITE: [false, true] },
    aborted: "XA1",
  },
  {
    what: "a percentage and booleans, by given values and thresholds",
    name: "mixed",
    given: {
      flags: ["PERCENT:percentage", "LOG", "WRITE"],
      writes: ["WRITE"],
      snapshot: "cluster:mixed-db",
      stage: ["some:PERCENT=20,LOG=true", "whole:PERCENT=100,WRITE=true"],
      thresholds: ["some=40", "whole=2"],
    },
    raises: { PERCENT: [20, 100], LOG: [true, true], WRITE: [false, true] },
    aborted: "XA1",
  },
  {
    what: "the template of a migration",
    name: "move",
    given: { template: "migration", snapshot: "instance:app-db" },
    raises: {
      MOVE_SHADOW: [true, true, true, true, false],
      MOVE_DUAL_WRITE: [false, true, true, true, false],
      MOVE_DUAL_READ: [false, false, true, true, false],
      MOVE_NEW_ONLY: [false, false, false, true, true],
    },
    aborted: "XA1",
  },
  {
    what: "a percentage in six stages, without a database",
    name: "slowly",
    given: { flags: ["SLOWLY:percentage"], stages: "p1,p5,p10,p25,p50,p100" },
    raises: { SLOWLY: [1, 5, 10, 25, 50, 100] },
    aborted: "XA1",
  },
];

describe("a rollout as cutover init writes it", { timeout: HANGS_MS }, () => {
  it.each(SHAPES)("$what", async ({ name, given, measured, delivery, raises, aborted }) => {
    const own = await written(name, given);
    if (measured) edit(own, "baseline", ["cutover:rollout", "measure"], { vpc: VPC });
    if (delivery) edit(own, "baseline", ["cutover:rollout", "delivery"], delivery);
    expect(await rehearse({ cwd: own, quick: true })).toBe(0);
    const { ok, rollout, steps, rows = {} } = read(own);
    expect({ ok, rollout }).toEqual({ ok: true, rollout: name });
    const stages = loadRollout(own)
      .stages.slice(1)
      .map((stage) => stage.name);
    for (const [flag, values] of Object.entries(raises))
      expect(seen(steps, stages, flag), flag).toEqual(values);
    for (const one of Object.keys(delivery ?? {}))
      expect(came(steps, "done").filter((step) => step.name.startsWith(`${one} (`)).length, one).toBe(2);
    // One abort, after which its stage is promoted again.
    const aborts = came(steps, "aborted");
    expect(aborts).toHaveLength(1);
    expect(came(steps, "promoted").filter(({ stack }) => stack === aborts[0]?.stack)).toHaveLength(2);
    expect(rows[aborted]).toMatchObject({
      stage: aborts[0]?.stack,
      section: "abort",
      proven: "aborted",
      by: "its metric",
    });
    // Who has to hear of a flip did, at each of them.
    const told = Object.values(rows).filter(
      ({ section, proven }) => section === "messages" && proven === "sent",
    );
    expect(told.map(({ stage }) => stage)).toEqual(stages);
  });
});

/** Where no RDS takes a snapshot, a stage that writes goes by a dump, and by one that came back. */
describe("a rollout that goes by backups", { timeout: HANGS_MS }, () => {
  it.each([
    ["a folder", "/var/backups/dumped"],
    ["a bucket", "s3://dumped-backups/postgres"],
  ])("in %s: their gates block, and hold once they are taken and proven", async (_, dumps) => {
    const name = dumps.startsWith("/") ? "foldered" : "bucketed";
    const own = await written(name, {
      ...{ flags: ["DUMPED_WRITE"], writes: ["DUMPED_WRITE"], stages: "only", snapshot: "instance:gone" },
      ...{ database: "db.internal/shop", tables: ["orders"] },
    });
    const queries = { orders: "select count(*) from orders" };
    edit(own, "baseline", ["cutover:rollout", "backup"], { dumps, queries });
    edit(own, "only", ["cutover:stage", "snapshot"], undefined);
    edit(own, "only", ["cutover:stage", "entry"], {
      B1: { title: "A dump of this promotion is whole", source: "backup" },
      B2: { title: "A backup was restored, and agreed", source: "restored", maxAge: "7d", within: "30m" },
    });
    expect(await rehearse({ cwd: own })).toBe(0);
    const { ok, steps, rows = {} } = read(own, "");
    expect(ok).toBe(true);
    expect(seen(steps, ["baseline", "only"], "DUMPED_WRITE")).toEqual([false, true]);
    for (const id of ["B1", "B2"])
      expect(rows[id]).toMatchObject({ stage: "only", section: "entry", proven: "blocked" });
    const done = came(steps, "done").map((step) => step.name);
    expect(done).toContain("only: cutover backup");
    expect(done).toContain("only: cutover prove-backup");
  });
});

describe("on plugins that wait for AWS as the official ones do", { timeout: HANGS_MS }, () => {
  it("a rollout is promoted, aborted and finished all the same, at the pace that a preview sets", async () => {
    vi.stubEnv("SANDBOX_PLUGIN_WAITS", "official");
    onTestFinished(() => void vi.unstubAllEnvs());
    const own = await written("patient", { flags: ["PATIENT"], stages: "only" });
    expect(await rehearse({ cwd: own, quick: true })).toBe(0);
    const { ok, steps, rows = {} } = read(own);
    expect(ok).toBe(true);
    expect(seen(steps, ["baseline", "only"], "PATIENT")).toEqual([false, true]);
    expect(rows).toMatchObject({ XA1: { stage: "only", section: "abort", proven: "aborted" } });
    // The queue of its switch and that queue's policy: 25 s each, whatever else goes on beside.
    const promoted = came(steps, "promoted").filter(({ stack }) => stack === "only");
    expect(promoted[0]?.ms).toBeGreaterThan(50_000);
  });
});

/** Nothing but metrics: nobody signs, no server tells its flags, and there is no database. */
async function bare(name: string) {
  const own = await written(name, { flags: ["BARE"], stages: "only" });
  edit(own, "baseline", ["cutover:rollout", "servers"], undefined);
  edit(own, "only", ["cutover:stage", "entry"], {
    A1: {
      title: "Requests come in",
      source: "metric",
      namespace: name,
      name: "Requests",
      statistic: "Sum",
      window: "1h",
      minSamples: 10,
      expect: { gt: 0 },
    },
  });
  return own;
}

describe("a rollout without a service, servers and a database, on gates on metrics alone", () => {
  it("is told as a story: each of its gates blocks, and it is aborted", { timeout: HANGS_MS }, async () => {
    const own = await bare("bare");
    expect(await rehearse({ cwd: own })).toBe(0);
    const { ok, steps, rows = {} } = read(own, "");
    expect(ok).toBe(true);
    expect(seen(steps, ["baseline", "only"], "BARE")).toEqual([false, true]);
    for (const outcome of ["blocked", "promoted", "aborted", "unchanged"] as const)
      expect(came(steps, outcome), outcome).not.toEqual([]);
    expect(rows).toMatchObject({
      A1: { stage: "only", section: "entry", proven: "blocked" },
      XA1: { stage: "only", section: "abort", proven: "aborted" },
    });
  });
});

const ABORT = ["cutover:stage", "abort"];
/** What else alarms may watch: a log, an alarm of somebody else's, a metric that has to be bad for a while. */
const WATCHED = {
  L1: {
    title: "An error is logged",
    logs: { group: "/ecs/little", pattern: '{ $.level = "error" && $.status >= 500 }' },
    threshold: { gt: 0 },
    action: "rollback",
  },
  L2: {
    title: "Errors that nobody retried",
    logs: { group: "/ecs/little", pattern: "ERROR -retried" },
    threshold: { gte: 3 },
    action: "page",
  },
  O1: { title: "Another team's alarm rings", alarm: "their-replica-lag", action: "page" },
  N1: {
    title: "The queue grows",
    metric: { namespace: "Little", name: "QueueDepth", statistic: "Maximum", period: "10s" },
    threshold: { gt: 100 },
    datapoints: { of: 3, breaching: 2 },
    missingData: "notBreaching",
    action: "rollback",
  },
};

describe("every row of a small rollout", () => {
  it("is seen to do its work, each by itself", { timeout: HANGS_MS }, async () => {
    const own = await written("little", {
      flags: ["LITTLE", "MORE"],
      stages: "little,more",
      latency: "LatencyMs:500",
      database: "db.internal/little",
      tables: ["things"],
    });
    // An abort of the second stage takes the first one down, too: both go up again.
    edit(own, "baseline", ["cutover:rollout", "abortTo"], "off");
    for (const [row, threshold] of Object.entries(WATCHED)) edit(own, "more", [...ABORT, row], threshold);
    expect(await rehearse({ cwd: own, rows: true })).toBe(0);
    const { ok, rows = {} } = read(own, "-rows");
    expect(ok).toBe(true);
    const declared = rowsOf(loadRollout(own));
    expect(declared.length).toBeGreaterThan(10);
    const proven = Object.values(rows).map(({ stage, section, proven }) => [stage, section, proven]);
    expect(proven.toSorted()).toEqual(
      declared.map(({ stage, section, proves }) => [stage, section, proves]).toSorted(),
    );
    expect(rows).toMatchObject({
      L1: { proven: "aborted", by: "lines of its log" },
      L2: { proven: "paged", by: "lines of its log" },
      O1: { proven: "paged", by: "the alarm that it follows" },
      N1: { proven: "aborted", by: "its metric" },
    });
  });
});
