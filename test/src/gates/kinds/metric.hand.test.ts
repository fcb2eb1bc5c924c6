import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type MetricGate, metric, readingOf } from "../../../../src/gates/kinds/metric";
import { metricByHand } from "../../../../src/gates/kinds/metric.hand";
import { observeMetric } from "../../../../src/gates/kinds/metric.look";
import { openFront, settings } from "../../../sandbox/aws/front/world";

/** What a person reads off CloudWatch with the lines of the runbook is what the gate sees. */

const HAS_AWS = spawnSync("aws", ["--version"]).status === 0;
const REGION = "us-east-1";
const MINUTE = 60_000;

afterEach(() => vi.unstubAllEnvs());

/** A front that holds requests of the last minutes, some of them bad; since when it does, ISO 8601. */
async function published(): Promise<{ env: NodeJS.ProcessEnv; since: number }> {
  const front = await openFront();
  front.now = Date.now();
  const since = Math.floor(front.now / MINUTE) * MINUTE - 4 * MINUTE;
  const client = new CloudWatch(settings(front.endpoint));
  onTestFinished(() => client.destroy());
  for (const [at, all, bad, took] of [
    [10, 1, 0, 40],
    [70, 1, 1, 90],
    [75, 1, 0, 60],
    [130, 1, 1, 240],
  ] as const)
    await client.putMetricData({
      Namespace: "App",
      MetricData: Object.entries({ All: all, Bad: bad, Ms: took }).map(([MetricName, Value]) => ({
        MetricName,
        Value,
        Timestamp: new Date(since + at * 1_000),
        StorageResolution: 1,
      })),
    });
  const env = {
    AWS_ENDPOINT_URL: front.endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_CONFIG_FILE: "/dev/null",
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return { env: { ...process.env, ...env, LIVE_SINCE: new Date(since).toISOString() }, since };
}

function gate(changes: object): MetricGate {
  return metric.schema.parse({
    ...{ source: "metric", title: "A metric", namespace: "App", name: "Bad", statistic: "Sum" },
    ...{ window: "soak", minSamples: 1, expect: { gte: 0 }, ...changes },
  });
}

/** Types the lines of a gate, and gives what each prints, word by word. */
async function typed(definition: MetricGate, env: NodeJS.ProcessEnv): Promise<string[][]> {
  const { run = [] } = metricByHand(readingOf(definition), definition.expect, REGION);
  const { stdout } = await promisify(execFile)("bash", ["--norc", "-c", run.slice(1, -1).join("\n")], {
    env,
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/));
}

const CASES: readonly [string, object, (printed: string[][]) => (string | undefined)[]][] = [
  ["a sum", {}, ([line]) => line ?? []],
  ["a sum over a duration", { window: "10m" }, ([line]) => line ?? []],
  ["an average", { statistic: "Average" }, ([line]) => line ?? []],
  ["a maximum", { name: "Ms", statistic: "Maximum" }, ([line]) => line ?? []],
  ["a percentile", { name: "Ms", statistic: "p50" }, ([line]) => [line?.[1]]],
  [
    "the worst minute",
    { name: "Ms", statistic: "worst minute Maximum", expect: { lt: 9 } },
    ([line]) => line?.slice(0, 1) ?? [],
  ],
  ["what counts samples", { samplesFrom: "All" }, (lines) => [lines[0]?.[0], lines[1]?.[0]]],
];

describe.skipIf(!HAS_AWS)("typed, the lines of a metric gate print what the gate sees:", () => {
  test.each(CASES)("%s", { timeout: 60_000 }, async (_, changes, pick) => {
    const { env, since } = await published();
    const definition = gate(changes);
    const reading = readingOf(definition);
    if (!reading) throw new Error("the case reads no metric");
    const seen = await observeMetric(reading, { region: REGION, liveSince: since, timeScale: 1 });
    if (seen.kind !== "metric") throw new Error(JSON.stringify(seen));
    const [value, samples] = pick(await typed(definition, env)).map(Number);
    expect(value).toBeCloseTo(Number(seen.value), 4);
    if (samples !== undefined) expect(samples).toBe(seen.samples);
  });
});

/** A quarter's line, typed beside an `aws` that prints what it is asked: its window and its period, in seconds. */
async function asksFor(part: string, window: string, env: object): Promise<[number, number, number]> {
  const metrics = { one: { namespace: "App", name: "Cpu", statistic: "Average", part } };
  const definition = { ...{ name: undefined, namespace: undefined, statistic: undefined }, metrics, window };
  const whole = gate({ ...definition, expression: "one" });
  const { run = [] } = metricByHand(readingOf(whole), whole.expect, REGION);
  const stub = `aws() { while [ $# -gt 0 ]; do case "$1" in --start-time|--end-time|--period) echo "$2" >&2;; esac; shift; done; }`;
  const lines = [stub, ...run.slice(1, -1)].join("\n");
  const { stderr } = await promisify(execFile)("bash", ["--norc", "-c", lines], {
    env: { ...process.env, ...env },
  });
  const asked = stderr.trim().split("\n").map(Number);
  if (asked.length !== 3) throw new Error(stderr);
  const [period = 0, from = 0, to = 0] = asked;
  return [from, to, period];
}

/** Seconds that may pass between the test's look at the clock and the shell's. */
const SLACK = 60;

test.each([
  ["soak", 24 * 3_600, 60],
  ["soak", 7 * 24 * 3_600, 120],
  ["soak", 20 * 24 * 3_600, 600],
  ["24h", 24 * 3_600, 60],
])(
  "typed, the quarters of a window of %s (%d s) are its first and its last",
  async (window, length, period) => {
    const now = Math.floor(Date.now() / 1_000);
    const env = { LIVE_SINCE: new Date((now - length) * 1_000 + 123).toISOString() };
    const [first, last] = [
      await asksFor("first quarter", window, env),
      await asksFor("last quarter", window, env),
    ];
    const near = ([from, to, grain]: number[], quarter: number) => {
      const begin = now - length + (quarter * length) / 4;
      for (const [seen, due] of [
        [from, begin],
        [to, begin + length / 4],
      ] as const)
        expect(Math.abs((seen ?? 0) - due)).toBeLessThan(SLACK);
      expect(grain).toBe(period);
      // CloudWatch answers with no more at once.
      expect(((to ?? 0) - (from ?? 0)) / (grain ?? 1)).toBeLessThanOrEqual(1_441);
    };
    near(first, 0);
    near(last, 3);
  },
);

test("arithmetic is worked out of one line for each of its metrics", () => {
  const one = (name: string) => ({ namespace: "App", name, statistic: "Sum" });
  const share = metric.schema.parse({
    ...{ source: "metric", title: "A share", metrics: { bad: one("Bad"), all: one("All") } },
    ...{ expression: "bad / all", samplesFrom: "all", window: "1h", minSamples: 1, expect: { lt: 1 } },
  });
  const { how, run = [] } = metricByHand(readingOf(share), share.expect, undefined);
  expect(how).toContain("`bad / all`, worked out of what the lines print first: `bad`, `all`");
  expect(
    run.filter((line) => line.includes("--metric-name")).map((line) => /name (\w+)/.exec(line)?.[1]),
  ).toEqual(["Bad", "All"]);
});

test("of several windows each is looked at, the newest first, and then the first one after the flip", async () => {
  const expected = { lt: 50, inARow: 3, noWorseThan: { first: "30m", by: "25%" } };
  const drift = gate({ window: "1h", expect: expected });
  const { how, run = [] } = metricByHand(readingOf(drift), drift.expect, REGION);
  expect(how).toContain(
    "; each of the last 3 times 1h, the newest first, then of the first 30m after the flip",
  );
  const stub = `aws() { while [ $# -gt 0 ]; do case "$1" in --start-time|--end-time) echo "$2" >&2;; esac; shift; done; }`;
  const { stderr } = await promisify(execFile)(
    "bash",
    ["--norc", "-c", [stub, ...run.slice(1, -1)].join("\n")],
    { env: { PATH: process.env.PATH, LIVE_SINCE: "2026-11-30T10:00:00.250Z" } },
  );
  const now = Date.now() / 1_000;
  const flip = Date.parse("2026-11-30T10:00:00Z") / 1_000;
  const moments = stderr.trim().split("\n").map(Number);
  const wanted = [now - 3_600, now, now - 7_200, now - 3_600, now - 10_800, now - 7_200, flip, flip + 1_800];
  expect(moments).toHaveLength(wanted.length);
  for (const [at, moment] of moments.entries())
    expect(Math.abs(moment - (wanted[at] ?? 0)), `${at}`).toBeLessThan(at < 6 ? 120 : 1);
});
