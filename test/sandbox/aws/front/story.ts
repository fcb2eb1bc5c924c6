import { CloudWatch, type MetricDatum, type PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { onTestFinished } from "vitest";
import { type FrontUnderTest, openFront, settings } from "./world";

const SECOND = 1_000;

const BASE: PutMetricAlarmInput = {
  AlarmName: "a",
  Namespace: "App",
  MetricName: "M",
  Statistic: "Sum",
  Period: 10,
  EvaluationPeriods: 1,
  ComparisonOperator: "GreaterThanThreshold",
  Threshold: 0,
};

/** An alarm, what is published, and time that passes. */
export interface Story {
  readonly front: FrontUnderTest;
  readonly client: CloudWatch;
  /** Publishes one datum, now. */
  put(datum: Partial<MetricDatum> | number): Promise<unknown>;
  alarm(over?: Partial<PutMetricAlarmInput>): Promise<unknown>;
  /** Lets time pass and the timer run, second by second. */
  pass(seconds: number): Promise<void>;
  /** The states that were set, in their order. */
  states(): unknown[];
}

/** A front, and what a test does with it. */
export async function story(): Promise<Story> {
  const front = await openFront();
  const client = new CloudWatch(settings(front.endpoint));
  onTestFinished(() => client.destroy());
  return {
    front,
    client,
    put: (datum) =>
      client.putMetricData({
        Namespace: "App",
        MetricData: [
          {
            MetricName: "M",
            StorageResolution: 1,
            Timestamp: new Date(front.now),
            ...(typeof datum === "number" ? { Value: datum } : datum),
          },
        ],
      }),
    alarm: (over = {}) => client.putMetricAlarm({ ...BASE, ...over }),
    pass: async (seconds) => {
      for (let second = 0; second < seconds; second++) {
        front.now += SECOND;
        await front.tick();
      }
    },
    states: () =>
      front.asked.filter(({ what }) => what === "SetAlarmState").map(({ input }) => input.StateValue),
  };
}
