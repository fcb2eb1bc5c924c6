import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, PutMetricFilterCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { emulated } from "../../../../sandbox/aws/emulated";
import { declareLogGroups } from "../../../../sandbox/aws/logs";
import { linesFor } from "../../../../sandbox/standin/logs/lines";
import type { LogRow } from "../../../../sandbox/standin/logs/logRows";
import { startLogWriter } from "../../../../sandbox/standin/logs/write";
import { patternOf } from "../../../../src/aws/logPatterns/pattern";
import { Ground } from "../../../engine/harness";

/** Made-up lines on the sandbox's AWS: its metric filters count them, and its alarms watch what they count. */
let ground: Ground;
let cloudwatch: CloudWatchClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  ground = await Ground.open();
  cloudwatch = new CloudWatchClient(emulated(ground.sandbox.aws));
  logs = new CloudWatchLogsClient(emulated(ground.sandbox.aws));
});
afterAll(async () => {
  cloudwatch?.destroy();
  logs?.destroy();
  await ground?.close();
});

const GROUP = "/ecs/app";

function row(id: string, pattern: string, given: Pick<LogRow, "isBad" | "content" | "bad">): LogRow {
  return {
    ...given,
    id,
    stage: "stageA",
    row: id,
    group: GROUP,
    pattern,
    metric: { namespace: "Lines", name: id },
    matches: patternOf(pattern) ?? (() => false),
    periodMs: 300_000,
    breaching: 2,
  };
}

const ROWS = {
  errors: row("errors", '{ $.level = "error" }', { isBad: (lines) => lines > 2, content: 0, bad: 3 }),
  alive: row("alive", "heartbeat", { isBad: (lines) => lines < 1, content: 1, bad: 0 }),
};

async function declare({ id, pattern }: LogRow, alarm: { more?: number; fewer?: number }): Promise<void> {
  await logs.send(
    new PutMetricFilterCommand({
      logGroupName: GROUP,
      filterName: id,
      filterPattern: pattern,
      metricTransformations: [
        { metricNamespace: "Lines", metricName: id, metricValue: "1", defaultValue: 0 },
      ],
    }),
  );
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: id,
      Namespace: "Lines",
      MetricName: id,
      Statistic: "Sum",
      Period: 300,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Threshold: alarm.more ?? alarm.fewer,
      ComparisonOperator: alarm.more === undefined ? "LessThanThreshold" : "GreaterThanThreshold",
      TreatMissingData: "notBreaching",
    }),
  );
}

async function stateOf({ id }: LogRow): Promise<string | undefined> {
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [id] }));
  return MetricAlarms[0]?.StateValue;
}

it("lines ring an alarm that wants them twice in three periods, silence another one, and nothing of it is left", async () => {
  await declareLogGroups(ground.sandbox.aws, [GROUP, GROUP]);
  await declare(ROWS.errors, { more: 2 });
  await declare(ROWS.alive, { fewer: 1 });
  const lines = linesFor(Object.values(ROWS));
  if (!lines.ok) throw new Error("no lines");
  const writer = await startLogWriter({ ...ground.sandbox.aws, lines: lines.value });
  const becomes = (one: LogRow, state: string) =>
    expect.poll(() => stateOf(one), { timeout: 60_000 }).toBe(state);
  try {
    for (const [one, other] of [
      [ROWS.errors, ROWS.alive],
      [ROWS.alive, ROWS.errors],
    ] as const) {
      await becomes(one, "OK");
      await becomes(other, "OK");
      await writer.turn(one);
      await becomes(one, "ALARM");
      expect(await stateOf(other)).toBe("OK");
      await writer.calm();
      await becomes(one, "OK");
    }
  } finally {
    await writer.stop();
  }
});
