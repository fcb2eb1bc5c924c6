import type { MetricDatum } from "@aws-sdk/client-cloudwatch";
import { describe, expect, test } from "vitest";
import type { ReachSource } from "../../../src/gates/database";
import type { DatabaseConnection } from "../../../src/gates/databaseConnection";
import type { LoginReach } from "../../../src/gates/loginReach";
import type { Seen } from "../../../src/gates/observation";
import { loginOf, secretText } from "../../../src/probe/login";
import { createProbe } from "../../../src/probe/probe";
import type { ProbeSettings } from "../../../src/probe/settings";

const PASSWORD = "hunter2-hunter2";
const settings: ProbeSettings = {
  rollout: "ops-view",
  stage: "stageB",
  database: { host: "db", port: 5432, database: "ops", ssl: "verify-full", schema: "app" },
  login: { secretArn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x" },
  rows: { XB3: { query: "select 1", values: [], timeout: "5s" } },
};

const REFUSED: Seen = { kind: "failure", failure: "refused", message: "password authentication failed" };

/** What the login may do: what it was made for. */
const AS_MADE: LoginReach = {
  user: "gate",
  ...{ attributes: [], roles: [], creates: [], writes: [], borrows: [], databases: [] },
  temporary: true,
};

/** A world whose parts the test may spoil. */
interface Changes {
  readonly secret?: () => Promise<string>;
  readonly sees?: () => Seen;
  readonly may?: () => ReturnType<ReachSource["reach"]>;
  readonly publishes?: () => void;
}

function world(changes: Changes = {}) {
  const seen = {
    secretsRead: 0,
    connections: [] as DatabaseConnection[],
    closed: 0,
    published: [] as (readonly MetricDatum[])[],
    log: [] as object[],
  };
  return {
    seen,
    readSecret: async () => {
      seen.secretsRead++;
      return (changes.secret ?? (async () => secretText({ user: "gate", password: PASSWORD })))();
    },
    open: (connection: DatabaseConnection) => {
      seen.connections.push(connection);
      return {
        observe: async (): Promise<Seen> => (changes.sees ?? (() => ({ kind: "value", value: 4 })))(),
        reach: async () => (changes.may ?? (async () => AS_MADE))(),
        reading: async () => ({ failure: "bad-answer: nothing is compared here" }),
        close: async () => void seen.closed++,
      };
    },
    publish: async (metrics: readonly MetricDatum[]) => {
      changes.publishes?.();
      seen.published.push(metrics);
    },
    log: (entry: object) => void seen.log.push(entry),
  };
}

const names = (metrics: readonly MetricDatum[] = []) =>
  Object.fromEntries(metrics.map(({ MetricName = "", Value }) => [MetricName, Value]));

test("a run logs in, measures, publishes and lets go", async () => {
  const at = world();
  expect(await createProbe(settings, at)()).toMatchObject({ values: { XB3: 4 }, failures: {} });
  expect(at.seen.connections).toEqual([{ ...settings.database, user: "gate", password: PASSWORD }]);
  expect(at.seen.published.map(names)).toEqual([
    { XB3: 4, "ProbeFailures-stageB": 0, "ProbeLogin-stageB": 0 },
  ]);
  expect(at.seen.closed).toBe(1);
  expect(at.seen.log).toEqual([
    { probe: "ops-view stageB", values: { XB3: 4 }, failures: {}, tookMs: expect.any(Number) },
  ]);
});

describe("the login", () => {
  test("is read once", async () => {
    const at = world();
    const run = createProbe(settings, at);
    await run();
    await run();
    expect(at.seen.secretsRead).toBe(1);
  });

  test("is read anew when the database refuses an old one, in the same run", async () => {
    const answers: Seen[] = [{ kind: "value", value: 1 }, REFUSED, { kind: "value", value: 2 }];
    const at = world({ sees: () => answers.shift() as Seen });
    const run = createProbe(settings, at);
    await run();
    expect(await run()).toMatchObject({ values: { XB3: 2 }, failures: {} });
    expect(at.seen.secretsRead).toBe(2);
    expect(at.seen.published.map(names)).toEqual([
      { XB3: 1, "ProbeFailures-stageB": 0, "ProbeLogin-stageB": 0 },
      { XB3: 2, "ProbeFailures-stageB": 0, "ProbeLogin-stageB": 0 },
    ]);
    expect(at.seen.closed).toBe(3);
  });

  test("that is refused although it is new is not tried twice in a run", async () => {
    const at = world({ sees: () => REFUSED });
    const run = createProbe(settings, at);
    await run();
    expect((await run()).failures).toEqual({ XB3: "refused: password authentication failed" });
    expect(at.seen.connections).toHaveLength(2);
    expect(at.seen.published.map(names)).toEqual([
      { "ProbeFailures-stageB": 1, "ProbeLogin-stageB": 0 },
      { "ProbeFailures-stageB": 1, "ProbeLogin-stageB": 0 },
    ]);
  });

  test("that cannot be read makes every row fail, until it can", async () => {
    let there = false;
    const at = world({
      secret: async () => {
        if (!there)
          throw Object.assign(new Error("Secrets Manager can't find it"), {
            name: "ResourceNotFoundException",
          });
        return secretText({ user: "gate", password: PASSWORD });
      },
    });
    const run = createProbe(settings, at);
    expect((await run()).failures).toEqual({
      XB3: "the login could not be read: ResourceNotFoundException: Secrets Manager can't find it",
    });
    there = true;
    expect((await run()).values).toEqual({ XB3: 4 });
    expect(at.seen.published.map(names)).toEqual([
      { "ProbeFailures-stageB": 1, "ProbeLogin-stageB": 0 },
      { XB3: 4, "ProbeFailures-stageB": 0, "ProbeLogin-stageB": 0 },
    ]);
  });

  test("that is gone leaves nothing to tell of what was compared before", async () => {
    let there = true;
    const at = world({
      sees: () => REFUSED,
      secret: async () => {
        if (!there) throw new Error("gone");
        return secretText({ user: "gate", password: PASSWORD });
      },
    });
    const found = { missing: 0, extra: 2, different: 0, pending: 1, more: false, matched: 7, passes: 1 };
    const read = { done: { ...found, written: 3, samples: {}, slow: [] } };
    const open = (connection: DatabaseConnection) => ({
      ...at.open(connection),
      reading: async <T>() => read as { done: T },
    });
    const source = { name: "a", query: "select id from a" };
    const items = { first: source, second: source, key: "id", lagMs: 1, timeoutMs: 5_000 };
    const reconcile = { items: { ...items, rowsPerMinute: { first: 10_000, later: 10_000 } } };
    const run = createProbe(
      { ...settings, reconcile, counted: { X1: { of: "items", count: ["extra"] } } },
      { ...at, open },
    );
    expect(await run()).toMatchObject({ values: { X1: 2 }, reconciled: { items: found } });
    there = false;
    const report = await run();
    expect(Object.keys(report.failures)).toEqual(["XB3", "X1"]);
    expect(report).not.toHaveProperty("reconciled");
    const [before, after] = at.seen.published.map(names);
    expect(Object.keys(before ?? {})).toContain("Reconcile-stageB-items-matched");
    expect(after).toEqual({ "ProbeFailures-stageB": 2, "ProbeLogin-stageB": 0 });
  });

  test("that never comes does not hold up the run", async () => {
    const at = world({ secret: () => new Promise(() => {}) });
    const report = await createProbe(settings, at, 50)();
    expect(report.failures).toEqual({ XB3: "the login could not be read: no answer in time" });
    expect(report.tookMs).toBeLessThan(1_000);
    expect(at.seen.published).toHaveLength(1);
  });

  test.each([
    ["no JSON", `${PASSWORD} `],
    ["JSON of another kind", JSON.stringify(PASSWORD)],
    ["null", "null"],
    ["an empty password", JSON.stringify({ username: "gate", password: "" })],
    ["nothing but a password", JSON.stringify({ password: PASSWORD })],
  ])("of %s is refused, and stays untold", async (_, text) => {
    const at = world({ secret: async () => text });
    const report = await createProbe(settings, at)();
    expect(report.failures.XB3).toMatch(/^the login could not be read: the secret /);
    expect(JSON.stringify([report, at.seen.log])).not.toContain("hunter2");
  });

  test("goes into the secret as it is read from it", () => {
    expect(loginOf(secretText({ user: "gate", password: 'a"b\\c' }))).toEqual({
      user: "gate",
      password: 'a"b\\c',
    });
  });
});

describe("what is wrong with the login itself", () => {
  test("is told in words, and counted: that it may write, and that the database refuses it", async () => {
    const said: Awaited<ReturnType<ReachSource["reach"]>>[] = [
      { ...AS_MADE, writes: ["public.orders"], creates: ["public"] },
      { refused: "the server does not take the password of gate" },
    ];
    let sees: Seen = { kind: "value", value: 4 };
    const at = world({ may: async () => said.shift(), sees: () => sees });
    const run = createProbe(settings, at);
    expect((await run()).login).toEqual([
      expect.stringMatching(/^gate may change rows of public\.orders/),
      expect.stringMatching(/^gate may make tables and functions in public/),
    ]);
    sees = REFUSED;
    // The first attempt with the kept login is told of, and the second, with the login read anew, cannot be asked.
    expect((await run()).login).toEqual(["the server does not take the password of gate"]);
    expect(at.seen.published.map((one) => names(one)["ProbeLogin-stageB"])).toEqual([2, 1]);
  });

  test("is not there where the login was only read anew", async () => {
    const answers: Seen[] = [{ kind: "value", value: 1 }, REFUSED, { kind: "value", value: 2 }];
    const may = [AS_MADE, { refused: "an old password" }, AS_MADE];
    const at = world({ sees: () => answers.shift() as Seen, may: async () => may.shift() });
    const run = createProbe(settings, at);
    await run();
    expect(await run()).not.toHaveProperty("login");
    expect(at.seen.published.map((one) => names(one)["ProbeLogin-stageB"])).toEqual([0, 0]);
  });
});

test("a run whose values nobody takes fails: its error is what alarms", async () => {
  const at = world({
    publishes: () => {
      throw new Error("throttled");
    },
  });
  await expect(createProbe(settings, at)()).rejects.toThrow("throttled");
  // What it saw can still be read in the log.
  expect(at.seen.log).toHaveLength(1);
});

test("no password is in what it logs, reports or publishes", async () => {
  const at = world();
  const report = await createProbe(settings, at)();
  expect(JSON.stringify([report, at.seen.log, at.seen.published])).not.toContain(PASSWORD);
});
