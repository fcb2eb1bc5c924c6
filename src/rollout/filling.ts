import type { MetricId } from "../aws/metricId";
import { metricsOf } from "../aws/metricSource";
import { milliseconds } from "../text/duration";
import type { AbortThreshold } from "./config/abortRow";
import { fillingMs, periodsNeeded } from "./config/filling";

/** What has to be published before the alarm of a row may stand. */
export interface Filling {
  readonly metric: MetricId;
  /** Seconds. */
  readonly period: number;
  /** How many of the last periods must have data. */
  readonly needed: number;
  /** How many periods the alarm judges. */
  readonly of: number;
  /** How long that takes at most from the first data on, in ms. */
  readonly takes: number;
}

/**
 * What the alarm of a row waits for before it is made: an alarm that takes silence for a breach judges the periods
 * before its metric came into being, too, and would bring down what is not even up. Undefined where there is nothing to
 * wait for: silence does not breach, or the app has published the metric all along, which every promotion looks at.
 */
export function fillingOf({
  probe,
  logs,
  metric,
  missingData,
  datapoints,
}: AbortThreshold): Filling | undefined {
  if (missingData !== "breaching" || (!probe && !logs)) return undefined;
  const [watched] = metricsOf(metric);
  if (!watched) return undefined;
  const { namespace, name } = watched;
  return {
    metric: { namespace, name },
    period: milliseconds(metric.period) / 1_000,
    needed: periodsNeeded(datapoints),
    of: datapoints.of,
    takes: fillingMs(datapoints, metric.period),
  };
}
