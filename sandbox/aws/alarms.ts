import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from "@aws-sdk/client-cloudwatch";
import { type Emulator, emulated } from "./emulated";

/** Declares alarms of somebody else's in the emulator, all of them quiet. They stay as they are set. */
export async function declareAlarms(aws: Emulator, names: Iterable<string>): Promise<void> {
  const client = new CloudWatchClient(emulated(aws));
  try {
    for (const name of new Set(names)) {
      await client.send(
        new PutMetricAlarmCommand({
          AlarmName: name,
          Namespace: "Sandbox",
          MetricName: name,
          Statistic: "Maximum",
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 0,
          ComparisonOperator: "GreaterThanThreshold",
          // Nothing publishes the metric.
          TreatMissingData: "ignore",
        }),
      );
      await setState(client, name, "OK");
    }
  } finally {
    client.destroy();
  }
}

/** Sets one of them. */
export async function setAlarm(aws: Emulator, name: string, state: StateValue): Promise<void> {
  const client = new CloudWatchClient(emulated(aws));
  try {
    await setState(client, name, state);
  } finally {
    client.destroy();
  }
}

async function setState(client: CloudWatchClient, name: string, state: StateValue): Promise<void> {
  await client.send(
    new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason: "It is set by hand" }),
  );
}
