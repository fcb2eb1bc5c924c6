import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { emulated } from "../../../../sandbox/aws/emulated";
import { startPublisher } from "../../../../sandbox/standin/signals/publish";
import { Ground } from "../../../engine/harness";

/** Made-up metrics on the sandbox's AWS, with an alarm whose period is far longer than the test. */
let ground: Ground;
let client: CloudWatchClient;

beforeAll(async () => {
  ground = await Ground.open();
  client = new CloudWatchClient(emulated(ground.sandbox.aws));
});
afterAll(async () => {
  client?.destroy();
  await ground?.close();
});

async function stateOf(name: string): Promise<string | undefined> {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return MetricAlarms[0]?.StateValue;
}

for (const [namespace, kind] of [
  ["App", "burst"],
  ["AWS/ApplicationELB", "level"],
] as const)
  it(`a ${kind} of bad values in ${namespace} rings at once, and once it is over nothing of it is left`, async () => {
    const metric = { namespace, name: "Errors", dimensions: { LoadBalancer: "app/ops/1" } };
    const publisher = startPublisher({ ...ground.sandbox.aws, good: [{ metric, value: 0, samples: 20 }] });
    try {
      await client.send(
        new PutMetricAlarmCommand({
          AlarmName: `errors-${namespace}`,
          Namespace: namespace,
          MetricName: "Errors",
          Dimensions: [{ Name: "LoadBalancer", Value: "app/ops/1" }],
          Statistic: "Sum",
          Period: 600,
          EvaluationPeriods: 1,
          Threshold: 0,
          ComparisonOperator: "GreaterThanThreshold",
          TreatMissingData: "notBreaching",
        }),
      );
      const name = `errors-${namespace}`;
      await expect.poll(() => stateOf(name), { timeout: 60_000 }).toBe("OK");
      await publisher.instead({
        kind,
        always: false,
        metrics: [metric],
        published: [{ metric, value: 3, samples: 1 }],
      });
      await expect.poll(() => stateOf(name), { timeout: 60_000 }).toBe("ALARM");
      await publisher.calm();
      await expect.poll(() => stateOf(name), { timeout: 60_000 }).toBe("OK");
    } finally {
      await publisher.stop();
    }
  });
