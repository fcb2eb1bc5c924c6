import { expect, test } from "vitest";
import { ElsewhereRows } from "../../../src/probe/elsewhere";
import { createProbe } from "../../../src/probe/probe";
import { json, standIn } from "../../support/standIn";

const SECRET = "s3cret-s3cret-s3cret";
const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:sources";
const row = { from: "dd", path: "/monitor", value: "value", every: "10s", timeout: "5s" } as const;
const inTime = () => performance.now() + 5_000;

test("a row is asked at its own pace, and again at once where it failed", async () => {
  let now = 0;
  let status = 200;
  const { url, asked } = await standIn((_, response) => json(response, { value: 3 }, status));
  const rows = new ElsewhereRows({ fast: row, slow: { ...row, path: "/slow", every: "1m" } }, () => now);
  const elsewhere = { sources: { dd: { url, headers: {} } }, tokens: {} };
  const at = async (seconds: number) => {
    now = seconds * 1_000;
    return rows.round(elsewhere, inTime());
  };
  expect(await at(0)).toEqual({ values: { fast: 3, slow: 3 }, failures: {} });
  expect(await at(10)).toEqual({ values: { fast: 3 }, failures: {} });
  // A measurement that begins a little early is the one of its minute.
  status = 500;
  expect(Object.keys((await at(58)).failures)).toEqual(["fast", "slow"]);
  status = 200;
  expect(await at(68)).toEqual({ values: { fast: 3, slow: 3 }, failures: {} });
  expect(asked.filter(({ path }) => path === "/slow")).toHaveLength(3);
});

/** A probe without a database. */
async function probeOf(answer: unknown, secret = JSON.stringify({ dd: SECRET })) {
  const published: unknown[] = [];
  const log: object[] = [];
  const served = await standIn((_, response) => json(response, answer));
  const sources = { dd: { url: served.url, headers: { "DD-API-KEY": "{dd}" } } };
  let read = 0;
  const run = createProbe(
    { rollout: "r", stage: "s", rows: {}, elsewhere: { sources, rows: { X1: row }, secretArn: ARN } },
    {
      readSecret: async () => {
        read++;
        return secret;
      },
      open: () => {
        throw new Error("no database is asked");
      },
      publish: async (metrics) => void published.push(...metrics),
      log: (entry) => void log.push(entry),
    },
  );
  return { run, published, log, asked: served.asked, read: () => read };
}

test.each([
  [{ value: 4 }, 4],
  [{ value: false }, 0],
  [{ value: true }, 1],
])("a probe without a database publishes what a source tells: %j", async (answer, value) => {
  const probe = await probeOf(answer);
  expect(await probe.run()).toMatchObject({ values: { X1: value }, failures: {} });
  expect(probe.published).toContainEqual({ MetricName: "X1", Value: value, StorageResolution: 1 });
  expect(probe.asked[0]?.headers["dd-api-key"]).toBe(SECRET);
});

test.each([
  ["text", { value: "4" }],
  ["nothing", {}],
  ["its secret", { value: SECRET }],
])("it publishes nothing for a row where a source tells %s, and logs no secret", async (_, answer) => {
  const probe = await probeOf(answer);
  expect(Object.keys((await probe.run()).failures)).toEqual(["X1"]);
  expect(probe.published).not.toContainEqual(expect.objectContaining({ MetricName: "X1" }));
  expect(JSON.stringify([probe.log, probe.published])).not.toContain(SECRET);
});

// Its alarm takes silence for a breach: what a source does not stand by keeps a stage from going up as a gate's does, and
// takes it down, be its value on the good side or on the bad one.
test.each([["0"], ["9"]])(
  "it publishes nothing where a source warns of its answer, be it %s",
  async (value) => {
    const told = { resultType: "scalar", result: [1, value] };
    const answer = { status: "success", data: told, warnings: ["store 2 did not answer"], infos: ["slow"] };
    const { url } = await standIn((_, response) => json(response, answer));
    const rows = new ElsewhereRows({ X1: { from: "prom", promql: "up", every: "10s", timeout: "5s" } });
    expect(await rows.round({ sources: { prom: { url, headers: {} } }, tokens: {} }, inTime())).toEqual({
      values: {},
      failures: { X1: "bad-answer: the source warns of its answer: store 2 did not answer" },
    });
  },
);

test.each([["{"], ["[]"], ['{"dd": 1}']])(
  "tokens that cannot be read fail the row, and are not quoted: %s",
  async (secret) => {
    const probe = await probeOf({ value: 1 }, secret);
    expect((await probe.run()).failures).toEqual({
      X1: "the tokens could not be read: the secret is no JSON object with a token for each role",
    });
  },
);

test("the tokens are kept from run to run", async () => {
  const probe = await probeOf({ value: 1 });
  await probe.run();
  await probe.run();
  expect(probe.read()).toBe(1);
});
