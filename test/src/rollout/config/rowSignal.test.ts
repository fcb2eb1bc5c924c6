import { describe, expect, test } from "vitest";
import { abortThreshold } from "../../../../src/rollout/config/abortRow";
import { problemsOf } from "../../../../src/rollout/config/problems";
import { probeSignal, withSignals } from "../../../../src/rollout/config/signal";
import { showProblem } from "../../../../src/text/problem";

const metric = { namespace: "OpsView", name: "StaleVersion409", statistic: "Average" };
const errors = { namespace: "OpsView", name: "Write5xx", statistic: "Sum" };
const requests = { namespace: "OpsView", name: "WriteRequests", statistic: "Sum" };
const math = { metrics: { errors, requests }, expression: "100 * errors / requests" };
const probe = { query: "select 1" };
const logs = { group: "/ecs/ops", pattern: '"lost the database"' };
const elb = {
  namespace: "AWS/ApplicationELB",
  name: "HTTPCode_Target_5XX_Count",
  statistic: "Sum",
  dimensions: { LoadBalancer: "app/ops/1" },
};

/** A row that rolls back; `undefined` takes a key out. */
const row = (changes: object) => ({
  title: "Something is wrong",
  threshold: { gt: 0.1 },
  missingData: "notBreaching",
  action: "rollback",
  ...changes,
});

function said(changes: object): string[] {
  const given = JSON.parse(JSON.stringify(row(changes)));
  const found = abortThreshold.safeParse(given);
  return found.success
    ? []
    : problemsOf(found.error, given, abortThreshold, (path) => path.join(".") || "XB2").map(showProblem);
}

const yesOrNo = { from: "dd", path: "/monitor", value: "a == 'b'" };
const silent = { missingData: undefined };
const bare = { threshold: undefined, missingData: undefined };

describe("an abort row", () => {
  test.each<[string, object]>([
    ["a metric", { metric }],
    ["a metric with dimensions", { metric: { ...elb, period: "1m" } }],
    ["a ratio", { metric: math }],
    [
      "a quarter more than the old path in the same minutes",
      {
        metric: { metrics: { v1: errors, v2: requests }, expression: "v2 - 1.25 * v1", period: "5m" },
        threshold: { gt: 0 },
      },
    ],
    ["a floor of samples", { metric, minSamples: 20 }],
    ["a floor that another metric counts", { metric, minSamples: 20, samplesFrom: "WriteRequests" }],
    ["a ratio with a floor", { metric: math, minSamples: 20, samplesFrom: "requests" }],
    [
      "a percentile that CloudWatch leaves alone",
      {
        metric: { ...metric, statistic: "p95" },
        evaluateLowSampleCountPercentiles: "ignore",
      },
    ],
    ["M of N over a day", { metric: { ...metric, period: "5m" }, datapoints: { of: 288, breaching: 3 } }],
    ["M of N over a week of hours", { metric: { ...metric, period: "1h" }, datapoints: { of: 168 } }],
    ["a probe", { probe, ...silent }],
    ["a log", { logs, ...silent }],
    ["a log whose silence is a fault", { logs, missingData: "breaching" }],
    ["a probe, M of N", { probe, ...silent, datapoints: { of: 60, breaching: 1 } }],
    ["a probe over half an hour of breaches", { probe, ...silent, datapoints: { of: 180, breaching: 180 } }],
    ...[{ gt: 0 }, { gte: 1 }, { lt: 1 }, { lte: 0 }, { gt: 0.5, quantity: "share" }].map(
      (threshold): [string, object] => [
        `yes or no of a named source, ${JSON.stringify(threshold)}`,
        { elsewhere: yesOrNo, ...silent, threshold },
      ],
    ),
    [
      "a number of a named source",
      { elsewhere: { ...yesOrNo, value: "a" }, ...silent, threshold: { gt: 1 } },
    ],
    ["somebody's alarm", { alarm: "ops-db-replica-lag", ...bare }],
  ])("may watch %s", (_, changes) => {
    expect(said(changes)).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ["nothing", {}, /^XB2: must be exactly one of metric, probe, elsewhere, reconcile, logs, alarm/],
    ["two things", { metric, probe }, /^XB2: must be exactly one of/],
    [
      "a metric, not knowing what silence means",
      { metric, ...silent },
      /^missingData: must be breaching, notBreaching/,
    ],
    ["a probe whose silence is good", { probe }, /^missingData: must be breaching, or nothing/],
    [
      "ten seconds of a metric of AWS's own",
      { metric: elb },
      /^metric\.period: is 10s, and AWS publishes HTTPCode_Target_5XX_Count of AWS\/ApplicationELB once a minute\. Write period: 1m/,
    ],
    [
      "half a minute of one in math",
      { metric: { metrics: { elb, errors }, expression: "elb + errors", period: "30s" } },
      /^metric\.period: is 30s/,
    ],
    ...["ContainerInsights", "ECS/ContainerInsights", "LambdaInsights", "ContainerInsights/Prometheus"].map(
      (namespace): [string, object, RegExp] => [
        `ten seconds of ${namespace}`,
        { metric: { ...metric, namespace } },
        /^metric\.period: is 10s, and AWS publishes/,
      ],
    ),
    ...[{ gt: 1 }, { lt: 0 }, { gte: 50, quantity: "percent" }].map((threshold): [string, object, RegExp] => [
      `yes or no of a named source, ${JSON.stringify(threshold)}`,
      { elsewhere: yesOrNo, ...silent, threshold },
      /^threshold: is never met: a == 'b' is true or false, which count as 1 and 0\. Write /,
    ]),
    ...[{ gte: 0 }, { lte: 1 }, { lt: 2 }].map((threshold): [string, object, RegExp] => [
      `yes or no of a named source, ${JSON.stringify(threshold)}`,
      { elsewhere: yesOrNo, ...silent, threshold },
      /^threshold: is always met: a == 'b' is true or false/,
    ]),
    ["ten seconds of a log", { logs: { ...logs, period: "10s" }, ...silent }, /^logs\.period: /],
    [
      "more than a day",
      { metric: { ...metric, period: "5m" }, datapoints: { of: 289 } },
      /^datapoints\.of: times 5m is longer than CloudWatch looks back: 1 d\. Write at most of: 288/,
    ],
    [
      "more than a week of hours",
      { metric: { ...metric, period: "1h" }, datapoints: { of: 169 } },
      /^datapoints\.of: times 1h is longer than CloudWatch looks back: 7 d/,
    ],
    [
      "more of a probe than a promotion can wait for",
      { probe, ...silent, datapoints: { of: 90, breaching: 2 } },
      /^datapoints: need data in 90 periods of 10s before silence means anything, and a promotion waits at most 10m for that\. Write breaching: 31, or fewer periods/,
    ],
    [
      "more of a log whose silence is a fault than that",
      { logs: { ...logs, period: "1h" }, missingData: "breaching", datapoints: { of: 3, breaching: 2 } },
      /^datapoints: need data in 3 periods of 1h before silence means anything.*Write breaching: 3, /,
    ],
    [
      "more of a probe than a day",
      { probe, ...silent, datapoints: { of: 8_641, breaching: 8_641 } },
      /^datapoints\.of: times 10s is longer than CloudWatch looks back: 1 d/,
    ],
    [
      "math of an id that is not there",
      { metric: { ...math, expression: "errors / request" } },
      /^metric\.metrics\.requests: is not named/,
    ],
    [
      "a metric and math at once",
      { metric: { ...metric, ...math } },
      /^metric\.namespace: means nothing beside/,
    ],
    [
      "math whose samples nobody counts",
      { metric: math, minSamples: 5 },
      /^samplesFrom: is missing: math has no sample count of its own\. Name the metric that counts: errors, requests/,
    ],
    [
      "samples without a floor",
      { metric, samplesFrom: "WriteRequests" },
      /^samplesFrom: means nothing without minSamples/,
    ],
    [
      "samples of a query",
      { probe, ...silent, minSamples: 5 },
      /^minSamples: means nothing without a metric/,
    ],
    [
      "few samples of an average",
      { metric, evaluateLowSampleCountPercentiles: "ignore" },
      /^evaluateLowSampleCountPercentiles: means nothing here/,
    ],
    [
      "few samples twice",
      {
        metric: { ...metric, statistic: "p95" },
        minSamples: 5,
        evaluateLowSampleCountPercentiles: "ignore",
      },
      /^evaluateLowSampleCountPercentiles: means nothing beside minSamples/,
    ],
    [
      "somebody's alarm by a limit of ours",
      { alarm: "lag", ...silent },
      /^threshold: means nothing here: the alarm that is named decides/,
    ],
    [
      "somebody's alarm, M of N",
      { alarm: "lag", ...bare, datapoints: { of: 3, breaching: 2 } },
      /^datapoints: means nothing here/,
    ],
    [
      "an alarm whose name is a rule",
      { alarm: 'a") OR ALARM("b', ...bare },
      /^alarm: must be a name without quotes/,
    ],
    [
      "an alarm given by its ARN",
      { alarm: "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:lag", ...bare },
      /^alarm: must be the name of an alarm, which is what its ARN ends with/,
    ],
    ["an alarm given as blanks", { alarm: "  ", ...bare }, /^alarm: must be the name of an alarm/],
    ["a metric without a limit", { metric, threshold: undefined }, /^threshold: is missing/],
  ])("may not watch %s", (_, changes, expected) => {
    const [first = ""] = said(changes);
    expect(first).toMatch(expected);
  });
});

test("each row ends up with what its alarm watches: its own metric, or one that is published for it", () => {
  const rows = Object.fromEntries(
    Object.entries({
      XA1: row({ metric }),
      XA2: row({ probe, ...silent }),
      XA3: row({ logs: { ...logs, period: "5m" }, ...silent }),
      XA4: row({ logs, missingData: "breaching" }),
      XA5: row({ alarm: "lag", ...bare }),
    }).map(([id, given]) => [id, abortThreshold.parse(JSON.parse(JSON.stringify(given)))]),
  );
  const { XA1, XA2, XA3, XA4, XA5 } = withSignals("ops-view", rows);
  expect(XA1).toEqual(rows.XA1);
  expect(XA2).toEqual({ ...rows.XA2, ...probeSignal("ops-view", "XA2") });
  const counted = { namespace: "cutover/ops-view", name: "XA3", statistic: "Sum", period: "5m" };
  expect(XA3).toEqual({ ...rows.XA3, metric: counted, missingData: "notBreaching" });
  expect(XA4?.missingData).toBe("breaching");
  expect(XA5).toEqual(rows.XA5);
});
