import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { failuresMetric, loginMetric, probeName, probeNamespace } from "../../../../src/aws/probeNames";
import { probeRows } from "../../../../src/probe/probedRows";
import { probeParameters, probeQuery, probeVpc } from "../../../../src/rollout/config/probe";
import { probeSignal } from "../../../../src/rollout/config/signal";

const issues = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

describe("a probe in config", () => {
  test("needs a query, and no more", () => {
    expect(probeQuery.parse({ query: "select 1" })).toEqual({ query: "select 1", values: [], timeout: "5s" });
  });

  test.each([
    [{ query: "" }, /^query: /],
    [{ query: "select 1", timeout: "11s" }, /^timeout: at most 10s/],
    [{ query: "select 1", timeout: "soon" }, /^timeout: a duration/],
    [{ query: "select 1", expect: { eq: 0 } }, /Unrecognized key: "expect"/],
    [{ query: "select 1", values: [null] }, /^values\.0: /],
  ])("%j is refused", (value, said) => {
    expect(issues(probeQuery, value).join("\n")).toMatch(said);
  });

  test("takes 10 s at most", () => {
    expect(issues(probeQuery, { query: "select 1", timeout: "10s" })).toEqual([]);
  });
});

test("a network needs subnets and security groups", () => {
  expect(issues(probeVpc, { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] })).toEqual([]);
  expect(issues(probeVpc, { subnetIds: [], securityGroupIds: [] })).toHaveLength(2);
});

describe("rows", () => {
  const probe = probeQuery.parse({ query: "select $1, $2", values: ["{workspace}", "a {workspace}", 3] });

  test("come with the rollout's parameters filled in; rows of other kinds are left out", () => {
    expect(probeRows({ XA1: {}, XA2: { probe } }, { workspace: "ws-ops" })).toEqual({
      XA2: { query: "select $1, $2", values: ["ws-ops", "a ws-ops", 3], timeout: "5s" },
    });
    expect(probeRows({ XA1: {} }, {})).toEqual({});
    // Scaled, but never to less than there can be data in.
    const windowed = { T1: { probe: { ...probe, window: "1h" } } };
    expect(probeRows(windowed, {}).T1?.windowMs).toBe(3_600_000);
    expect(probeRows(windowed, {}, 60).T1?.windowMs).toBe(60_000);
    expect(probeRows(windowed, {}, 3_600).T1?.windowMs).toBe(10_000);
  });

  test("tell the parameters that they name, once", () => {
    expect(probeParameters(probe)).toEqual(["workspace"]);
  });

  test("are watched as often as they are measured, and their silence breaches", () => {
    expect(probeSignal("ops-view", "XA2")).toEqual({
      metric: { namespace: "cutover/ops-view", name: "XA2", statistic: "Maximum", period: "10s" },
      missingData: "breaching",
    });
  });
});

test("names fit into what AWS takes, and stay apart", () => {
  expect([probeNamespace("ops-view"), failuresMetric("stageB"), loginMetric("stageB")]).toEqual([
    "cutover/ops-view",
    "ProbeFailures-stageB",
    "ProbeLogin-stageB",
  ]);
  expect([probeName("ops-view", "stageB")]).toEqual(["ops-view-stageB-probe"]);
  const [long, other] = ["a", "b"].map((end) => probeName("r".repeat(32), `${"s".repeat(31)}${end}`));
  expect(long).toHaveLength(64);
  expect(other).not.toBe(long);
});
