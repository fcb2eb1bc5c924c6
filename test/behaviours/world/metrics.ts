import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { AlarmWatch } from "../../../sandbox/aws/front/alarms/watch";
import type { Call } from "../../../sandbox/aws/front/call";
import type { Point } from "../../../sandbox/aws/front/metrics/store";
import { getMetricData } from "../../../sandbox/aws/front/services/cloudwatch/metrics";
import type { Upstream } from "../../../sandbox/aws/front/upstream";

/** What an app has published, by the rules of the sandbox's own CloudWatch. */
export class Published {
  readonly watch = new AlarmWatch(
    { call: async () => ({}) } as unknown as Upstream,
    { accessKey: "test", region: "eu-central-1" } as ConstructorParameters<typeof AlarmWatch>[1],
  );

  constructor(readonly namespace: string) {}

  /** A count of events, published by itself: each time one value, zero where nothing happened. */
  count(name: string, at: number, value: number): void {
    this.put(name, [{ at, count: 1, sum: value, min: value, max: value, unit: "Count", fine: true }]);
  }

  /** Values of single events, each so many times. */
  values(name: string, at: number, values: Readonly<Record<number, number>>): void {
    this.put(
      name,
      Object.entries(values)
        .filter(([, count]) => count > 0)
        .map(([value, count]) => ({
          ...{ at, count, sum: Number(value) * count, min: Number(value), max: Number(value) },
          ...{ unit: "None", fine: true },
        })),
    );
  }

  private put(name: string, points: readonly Point[]): void {
    this.watch.metrics.put({ namespace: this.namespace, name, dimensions: {} }, points);
  }
}

/** Does something while CloudWatch is what was published. */
export async function against<T>(published: Published, work: () => Promise<T>): Promise<T> {
  const { prototype } = CloudWatchClient;
  const real = prototype.send;
  prototype.send = (async ({ input }: { input: object }) =>
    getMetricData({ input } as unknown as Call, published.watch)) as unknown as typeof real;
  try {
    return await work();
  } finally {
    prototype.send = real;
  }
}
