import { Metrics } from "../../../../kit/node/src";
import type { Published } from "../../service/published";

/**
 * One metric name for each signal, no dimensions, no metric math: an alarm on each is a plain statistic.
 * Two shapes, by what an interval without an event means.
 */

/** Events per interval: nothing happened is a zero, so each interval has a datapoint. Use Sum. */
export const COUNTERS = [
  "QueueRequests",
  "Queue5xx",
  "ListRequests",
  "List5xx",
  "ReadRequests",
  "Read5xx",
  "WriteRequests",
  "Write5xx",
  "Server5xx",
  "QueueEmptyForAdmin",
  "RoleLeak",
] as const;

/** Values of single events: no event has no value. A zero would drag percentiles and averages down. */
const UNITS = { QueueLatencyMs: "Milliseconds", StaleVersion409: "None" } as const;
export const VALUES = Object.keys(UNITS) as (keyof typeof UNITS)[];

export type Counter = (typeof COUNTERS)[number];
export type Value = (typeof VALUES)[number];

/** The signals of the operations view. */
export class Signals extends Metrics<Counter, Value> {
  constructor(published: Published) {
    super({ counters: COUNTERS, values: UNITS, ...published });
  }
}
