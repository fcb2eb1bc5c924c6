import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { dimensionList, metricKey } from "../../../src/aws/metricId";
import type { Published } from "./values";

/** How often every metric gets data, in ms. */
const EVERY_MS = 1_000;
/** Source: the reference of PutMetricData. */
const MOST_DATA = 1_000;

/** Publishes metrics in the place of an app, as long as the world is open. */
export interface SignalPublisher {
  /** Publishes these from now on in the place of what was published of the same metrics, at once. */
  instead(bad: readonly Published[]): Promise<void>;
  /** Publishes the first values again. */
  calm(): void;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly endpoint: string;
  readonly region: string;
  /** What is published while nothing is wrong. */
  readonly good: readonly Published[];
}

/** Begins at once. What cannot be sent is not: the next second's data are what matters then. */
export function startPublisher({ endpoint, region, good }: PublisherOptions): SignalPublisher {
  const client = new CloudWatchClient({
    endpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  const ended = new AbortController();
  let instead: readonly Published[] = [];
  const publish = async () => {
    const replaced = new Set(instead.map(({ metric }) => metricKey(metric)));
    const now = [...good.filter(({ metric }) => !replaced.has(metricKey(metric))), ...instead];
    for (const namespace of new Set(now.map(({ metric }) => metric.namespace))) {
      const data = now.filter(({ metric }) => metric.namespace === namespace).map(datum);
      for (let from = 0; from < data.length; from += MOST_DATA) {
        const part = data.slice(from, from + MOST_DATA);
        const command = new PutMetricDataCommand({ Namespace: namespace, MetricData: part });
        await client.send(command, { abortSignal: ended.signal });
      }
    }
  };
  const loop = (async () => {
    while (!ended.signal.aborted) {
      await publish().catch(() => {});
      await sleep(EVERY_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  })();
  return {
    async instead(bad) {
      instead = bad;
      await publish();
    },
    calm() {
      instead = [];
    },
    async stop() {
      ended.abort();
      await loop;
      client.destroy();
    },
  };
}

function datum({ metric, value, samples }: Published): MetricDatum {
  return {
    MetricName: metric.name,
    Dimensions: dimensionList(metric.dimensions),
    Timestamp: new Date(),
    Values: [value],
    Counts: [samples],
    // Alarms with periods of 10 s and 30 s see no other.
    StorageResolution: 1,
  };
}
