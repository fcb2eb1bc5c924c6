import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { type Known, known } from "./known";
import { type MetricId, metricKey } from "./metricId";
import { type Expected, heardWithin, type Listed, lastHeard, listed } from "./metrics";

/** Metrics without data that CloudWatch is asked about one by one, to say what is wrong with them. */
const LISTED_AT_MOST = 20;

/** CloudWatch lists a metric for two weeks after its last data, in ms. Source: ListMetrics. */
const LISTED_FOR_MS = 15 * 86_400_000;
/** Where a metric was heard within that time, told in five minutes: CloudWatch keeps those for so long. Seconds. */
const FIVE_MINUTES = 300;

/** What was heard of metrics. */
export interface Hearing {
  /** When metrics last had data, by `metricKey`, ms since the epoch; without any for two weeks, left out. */
  readonly heard: Known<ReadonlyMap<string, number>>;
  /** Of metrics without data, by `metricKey`: what CloudWatch lists of them. */
  readonly listed: ReadonlyMap<string, Known<Listed>>;
}

/**
 * Looks when metrics last had data, and what CloudWatch lists of those that had none. Never throws.
 *
 * @param now milliseconds since the epoch
 * @param read how one part is read
 */
export async function hearing(
  client: CloudWatchClient,
  expected: readonly Expected[],
  now: number,
  read: <T>(work: () => Promise<T>) => Promise<Known<T>> = known,
): Promise<Hearing> {
  const heard = await read(() => heardWithin(client, expected, now));
  const silent = heard.ok
    ? expected.flatMap(({ metric }) => (heard.value.has(metricKey(metric)) ? [] : [metric]))
    : [];
  const asked = [...new Map(silent.map((one) => [metricKey(one), one]))].slice(0, LISTED_AT_MOST);
  const lists = new Map<string, Known<Listed>>();
  const list = async (key: string, metric: MetricId) =>
    lists.set(key, await read(() => listed(client, metric)));
  await Promise.all(asked.map(([key, metric]) => list(key, metric)));
  const stopped = silent.filter((metric) => isListed(metric, lists.get(metricKey(metric))));
  return { heard: await withEarlier(client, heard, stopped, now, read), listed: lists };
}

/** Whether CloudWatch knows a metric with the very dimensions: then it had data not long ago. */
function isListed(metric: MetricId, found: Known<Listed> | undefined): boolean {
  return (
    found?.ok === true &&
    found.value.dimensions.some((dimensions) => metricKey({ ...metric, dimensions }) === metricKey(metric))
  );
}

/** When metrics that have stopped were heard last. Where that cannot be read, it is told without. */
async function withEarlier(
  client: CloudWatchClient,
  heard: Hearing["heard"],
  stopped: readonly MetricId[],
  now: number,
  read: <T>(work: () => Promise<T>) => Promise<Known<T>>,
): Promise<Hearing["heard"]> {
  if (!heard.ok || stopped.length === 0) return heard;
  const span = { since: now - LISTED_FOR_MS, now, period: FIVE_MINUTES };
  const earlier = await read(() => lastHeard(client, stopped, span));
  return earlier.ok ? { ok: true, value: new Map([...earlier.value, ...heard.value]) } : heard;
}
