import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Sandbox } from "../../sandbox";
import { emulated } from "../../sandbox/aws/emulated";
import { COUNTERS, VALUES } from "../../sandbox/demo/ops-view/signals/signals";

/** What the app publishes, for the stages' abort rows: without any data their alarms would not be armed. */
export const METRICS = [...COUNTERS, ...VALUES] as const;

/** Publishes one value of each metric: a zero, as an app would that has nothing to tell. */
export async function publishOnce(
  sandbox: Pick<Sandbox, "aws">,
  names: readonly string[],
  { namespace = "OpsView", value = 0 }: { readonly namespace?: string; readonly value?: number } = {},
): Promise<void> {
  const client = new CloudWatchClient(emulated(sandbox.aws));
  try {
    await client.send(
      new PutMetricDataCommand({
        Namespace: namespace,
        MetricData: names.map((MetricName) => ({ MetricName, Value: value, StorageResolution: 1 })),
      }),
    );
  } finally {
    client.destroy();
  }
}
