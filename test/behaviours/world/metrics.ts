import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { AlarmWatch } from "../../../sandbox/aws/front/alarms/watch";
import type { Call } from "../../../sandbox/aws/front/call";
import type { Point } from "../../../sandbox/aws/front/metrics/store";
import { getMetricData } from "../../../sandbox/aws/front/services/cloudwatch/metrics";
import type { Upstream } from "../../../sandbox/aws/front/upstream";

/** Points are the same in many courses: each is made once, since there are millions of them. */
const POINTS = new Map<string, Map<number, Point>>();

function pointOf(at: number, value: number, count: number, unit: string): Point {
  const kind = `${value} ${count} ${unit}`;
  const made = POINTS.get(kind) ?? new Map<number, Point>();
  POINTS.set(kind, made);
  const point = made.get(at) ?? { at, count, sum: value * count, min: value, max: value, unit, fine: true };
  made.set(at, point);
  return point;
}

/** What an app has published, by the rules of the sandbox's own CloudWatch. */
export class Published {
  readonly watch = new AlarmWatch(
    { call: async () => ({}) } as unknown as Upstream,
    { accessKey: "test", region: "eu-central-1" } as ConstructorParameters<typeof AlarmWatch>[1],
  );

  private readonly waiting = new Map<string, Point[]>();

  constructor(readonly namespace: string) {}

  /** Hands over what was published, metric by metric: courses of a week have tens of thousands of points. */
  done(): this {
    for (const [name, points] of this.waiting)
      this.watch.metrics.put({ namespace: this.namespace, name, dimensions: {} }, points);
    this.waiting.clear();
    return this;
  }

  /** A count of events, published by itself: each time one value, zero where nothing happened. */
  count(name: string, at: number, value: number): void {
    this.put(name, [pointOf(at, value, 1, "Count")]);
  }

  /** Values of single events, each so many times. */
  values(name: string, at: number, values: Readonly<Record<number, number>>): void {
    const seen = Object.entries(values).filter(([, count]) => count > 0);
    this.put(
      name,
      seen.map(([value, count]) => pointOf(at, Number(value), count, "None")),
    );
  }

  private put(name: string, points: readonly Point[]): void {
    const all = this.waiting.get(name) ?? [];
    all.push(...points);
    this.waiting.set(name, all);
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
