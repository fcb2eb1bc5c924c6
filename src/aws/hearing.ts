import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { type Known, known } from "./known";
import { metricKey } from "./metricId";
import { type Expected, heardWithin, type Listed, listed } from "./metrics";

/** Metrics without data that CloudWatch is asked about one by one, to say what is wrong with them. */
const LISTED_AT_MOST = 20;

/** What was heard of metrics. */
export interface Hearing {
  /** When metrics last had data, by `metricKey`, ms since the epoch; without any in the time looked back, left out. */
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
  const lists = await Promise.all(
    [...new Map(silent.map((one) => [metricKey(one), one]))]
      .slice(0, LISTED_AT_MOST)
      .map(
        async ([key, metric]): Promise<[string, Known<Listed>]> => [
          key,
          await read(() => listed(client, metric)),
        ],
      ),
  );
  return { heard, listed: new Map(lists) };
}
